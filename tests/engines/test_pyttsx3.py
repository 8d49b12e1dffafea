"""What is peculiar to the system's voices: processes that fail, files that lie, names of languages."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import numpy.typing as npt
import pytest
import soundfile
from make import make_voice

from kindvoice.engines import _pyttsx3_worker as worker
from kindvoice.engines import pyttsx3 as engine
from kindvoice.engines._process import Failed
from kindvoice.engines._system_voices import SystemVoice

LINE = "May I be kind to myself in this moment."
linux = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc, or speaks with espeak-ng")


ESPEAK = (
    SystemVoice(id="gmw/en-us", name="English (America)", languages=("en-US",)),
    SystemVoice(id="gmw/en", name="English (Great Britain)", languages=("en-GB",)),
)
TOKENS = "HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Speech\\Voices\\Tokens\\"

# ---------------------------------------------------------------- languages


@pytest.mark.parametrize(
    ("identifier", "stated", "tags"),
    [
        ("gmw/en-us", ["en-us"], ["en-US"]),
        ("gmw/en", ["en-gb"], ["en-GB"]),
        ("roa/es-419", ["es-419"], ["es-419"]),
        ("sit/cmn", ["cmn"], ["zh-CN"]),
        ("sit/yue", ["yue"], ["zh-HK"]),
        ("gmw/en-gb-x-rp", ["en-gb-x-rp"], ["en-GB-x-rp"]),
        ("iro/chr", ["chr-US-Qaaa-x-west"], ["chr-US-Qaaa-x-west"]),
        (TOKENS + "TTS_MS_EN-US_ZIRA_11.0", ["en-US"], ["en-US"]),
        (TOKENS + "TTS_MS_EN-US_ZIRA_11.0", ["409"], ["en-US"]),
        (TOKENS + "SOMEONE", ["409;9"], ["en-US"]),
        (TOKENS + "HELENA", ["C0A"], ["es-ES"]),
        (TOKENS + "TTS_MS_FR-FR_HORTENSE_11.0", ["Unknown Locale: 4096"], ["fr-FR"]),
        (TOKENS + "MSSam", [], []),
        ("com.apple.voice.compact.en-GB.Daniel", ["en_GB"], ["en-GB"]),
        ("com.apple.voice.compact.pt-BR.Luciana", [], ["pt-BR"]),
        ("com.apple.speech.synthesis.voice.Alex", ["en_US"], ["en-US"]),
    ],
)
def test_languages_of_a_voice(identifier: str, stated: list[str], tags: list[str]) -> None:
    assert worker.language_tags(identifier, stated) == tags


@pytest.mark.parametrize(
    ("language", "scripts"),
    [
        ("en-GB", {"LATIN"}),
        ("uk", {"CYRILLIC", "LATIN"}),
        ("sr-Latn", {"CYRILLIC", "LATIN"}),
        ("el", {"GREEK", "LATIN"}),
        ("zh-TW", {"HAN", "CJK", "LATIN"}),
        ("yue", {"HAN", "CJK", "LATIN"}),
        ("ko", {"HANGUL", "LATIN"}),
        ("fa-IR", {"ARABIC", "LATIN"}),
        ("iw", {"HEBREW", "LATIN"}),
        ("hi", {"DEVANAGARI", "LATIN"}),
        ("tlh", None),
    ],
)
def test_scripts_of_a_language(language: str, scripts: set[str] | None) -> None:
    assert engine.can_read(make_voice("pyttsx3", language=language)) == scripts


def test_espeak_reads_no_kanji(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "_espeak", lambda: True)
    assert "HAN" not in (engine.can_read(make_voice("pyttsx3", language="ja")) or ())
    monkeypatch.setattr(engine, "_espeak", lambda: False)
    assert "HAN" in (engine.can_read(make_voice("pyttsx3", language="ja")) or ())


# ---------------------------------------------------------------- pace and text


@pytest.mark.parametrize(("speed", "rate"), [(0.5, 75), (0.7, 84), (0.8, 90), (1.0, 112), (1.2, 135)])
def test_espeak_rate_and_words_per_minute_elsewhere(
    monkeypatch: pytest.MonkeyPatch, speed: float, rate: int
) -> None:
    monkeypatch.setattr(engine, "_espeak", lambda: speed > 0.5)
    assert engine.rate_number(speed) == rate


@linux
@pytest.mark.voice
def test_speed_one_is_150_words_a_minute() -> None:
    words = "Notice the breath as it moves in and out of the body. "
    samples, rate = engine.speak(words * 4, make_voice("pyttsx3"))
    # Four sentences with espeak-ng's own pauses between them; alone they come to 150.
    assert 120 < 4 * 12 / (len(samples) / rate / 60) < 170


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("[[rate 50]] slow [[hello]]", "rate 50 slow hello"),
        ("<speak>hello</speak>", "speak hello /speak"),
        ("\x01s80 fast\x00 end\x7f", "s80 fast end"),
        ("a\tb\nc", "a b c"),
        ("नमस्ते, c’est ça — ‘yes’", "नमस्ते, c’est ça — ‘yes’"),
        ("mettā, karuṇā, saṃsāra, Nhất", "mettā, karunā, samsāra, Nhat"),
        ("n\u0323", "n"),
    ],
)
def test_nothing_is_left_to_obey_or_to_spell(text: str, read: str) -> None:
    assert engine.plain(text, "en") == read
    assert (engine.plain("Nhất", "vi-VN"), engine.plain("ẁ", "cy")) == ("Nhất", "ẁ")


# ---------------------------------------------------------------- files that lie


def write_tone(path: Path, ms: int, channels: int = 1) -> npt.NDArray[np.int16]:
    samples = (8000 * np.sin(np.arange(22_050 * ms // 1000) / 9)).astype(np.int16)
    soundfile.write(path, np.repeat(samples[:, np.newaxis], channels, axis=1), 22_050, subtype="PCM_16")
    return samples


@pytest.mark.parametrize(("suffix", "channels"), [("wav", 1), ("aiff", 1), ("wav", 2)])
def test_reads_a_whole_file(tmp_path: Path, suffix: str, channels: int) -> None:
    written = write_tone(path := tmp_path / f"speech.{suffix}", 3000, channels)
    samples, rate = engine.read_whole(path, LINE, 1.0)
    assert rate == 22_050
    assert np.array_equal(samples, written.astype(np.float32) / 32_768)


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (Path.unlink, "no sound file"),
        (lambda path: path.write_bytes(path.read_bytes()[:-1000]), "cut off"),
        (lambda path: path.write_bytes(b""), "cut off"),
        (lambda path: path.write_bytes(b"RIFF\x10\0\0\0no sound at all here"), "cannot be read"),
        (lambda path: soundfile.write(path, np.zeros(60_000, np.int16), 22_050), "no sound"),
        (lambda path: write_tone(path, 700), "broke off after 0.7 s"),
    ],
)
def test_damage_is_noticed(tmp_path: Path, damage: Callable[[Path], object], reason: str) -> None:
    write_tone(path := tmp_path / "speech.wav", 3000)
    damage(path)
    with pytest.raises(Failed, match=reason):
        engine.read_whole(path, LINE, 1.0)


# ---------------------------------------------------------------- listing


def test_a_system_without_speech_is_a_problem_not_a_crash(monkeypatch: pytest.MonkeyPatch) -> None:
    engine._system_voices.cache_clear()
    monkeypatch.setattr(
        engine, "_command", lambda: [sys.executable, "-c", "raise SystemExit('no speech here')"]
    )
    found = engine.problem(make_voice("pyttsx3"))
    assert found is not None
    assert "no speech here" in found[0]
    assert found[1]


def test_version_follows_the_systems_voices(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "_espeak", lambda: False)
    versions = set()
    for voices in (ESPEAK, ESPEAK[1:], ESPEAK[::-1]):
        monkeypatch.setattr(engine, "system_voices", lambda voices=voices: voices)
        versions.add(engine._version.__wrapped__())
    assert len(versions) == 2
    monkeypatch.setattr(engine, "_espeak", lambda: True)
    assert "espeakng-loader" in engine._version.__wrapped__()


@linux
@pytest.mark.voice
def test_the_systems_voices_are_there() -> None:
    voices = {voice.id: voice for voice in engine.system_voices()}
    assert voices["gmw/en-us"] == SystemVoice(id="gmw/en-us", name="English (America)", languages=("en-US",))
    assert len(voices) > 100
    assert all(voice.languages for voice in voices.values())
    found = engine.problem(make_voice("pyttsx3", model="gmw/en-uss"))
    assert found is not None
    assert "'gmw/en-us'" in found[1]


# ---------------------------------------------------------------- the worker


class FakeEngine:
    """pyttsx3's engine, as far as the worker asks."""

    def __init__(self, driver: str) -> None:
        self.driver_name = driver
        self.said: list[tuple[object, ...]] = []
        self.proxy = SimpleNamespace(setBusy=lambda busy: self.said.append(("busy", busy)))
        self.voice = "first"
        self.told: dict[str, Callable[..., None]] = {}

    def connect(self, topic: str, call: Callable[..., None]) -> None:
        self.told[topic] = call

    def setProperty(self, name: str, value: object) -> None:
        self.said.append((name, value))
        if name == "voice" and value != "refused":
            self.voice = str(value)
        if value == "broken":
            self.told["error"](name=None, exception=ValueError("a broken voice"))

    def getProperty(self, name: str) -> str:
        return self.voice

    def save_to_file(self, text: str, path: str) -> None:
        self.said.append(("save", text, path))

    def runAndWait(self) -> None:
        self.said.append(("run",))
        self.told["finished-utterance"](name=None, completed=self.voice != "halting")


def job(voice: str) -> dict[str, object]:
    return {"do": "speak", "text": "Rest.", "voice": voice, "rate": 90, "volume": 0.7, "path": "x.wav"}


@pytest.fixture
def fake_driver(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], FakeEngine]:
    def use(driver: str) -> FakeEngine:
        fake = FakeEngine(driver)
        monkeypatch.setitem(sys.modules, "pyttsx3", SimpleNamespace(init=lambda: fake))
        monkeypatch.setattr(worker, "_bring_espeak", lambda: None)
        monkeypatch.setattr(worker, "_let_espeak_settle", lambda: fake.said.append(("settle",)))
        return fake

    return use


@pytest.mark.parametrize("driver", ["espeak", "sapi5", "nsss"])
def test_order_of_what_the_driver_is_told(fake_driver: Callable[[str], FakeEngine], driver: str) -> None:
    """Only espeak is set free before its loop, and given time to take its settings."""
    fake = fake_driver(driver)
    assert worker.speak(job("second")) == {"done": True}
    settings: list[tuple[object, ...]] = [("voice", "second"), ("rate", 90), ("volume", 0.7)]
    speech = [("save", "Rest.", "x.wav"), ("run",)]
    if driver == "espeak":
        assert fake.said == [("busy", False), *settings, ("settle",), *speech]
    else:
        assert fake.said == [*settings, *speech]


@pytest.mark.parametrize(
    ("voice", "reason"),
    [
        ("refused", "took another voice, first"),
        ("broken", "a broken voice"),
        ("halting", "stopped before the end"),
    ],
)
def test_a_driver_that_did_otherwise_is_an_error(
    fake_driver: Callable[[str], FakeEngine], voice: str, reason: str
) -> None:
    fake_driver("nsss")
    with pytest.raises(RuntimeError, match=reason):
        worker.speak(job(voice))


@linux
@pytest.mark.voice
def test_a_file_that_cannot_be_written_is_said_at_once(tmp_path: Path) -> None:
    """pyttsx3 alone would wait for ever."""
    with pytest.raises(Failed, match="No such file or directory"):
        engine._process.ask(
            engine._command(), {**job("gmw/en"), "path": str(tmp_path / "gone" / "x.wav")}, limit_s=20
        )


@linux
@pytest.mark.voice
def test_the_library_is_always_the_wheels() -> None:
    code = (
        "import sys, runpy; runpy.run_path(sys.argv[1])['_engine'](); print(open('/proc/self/maps').read())"
    )
    done = subprocess.run(
        [sys.executable, "-P", "-c", code, str(worker.__file__)], capture_output=True, text=True, check=True
    )
    libraries = {row.split()[-1] for row in done.stdout.splitlines() if "libespeak" in row}
    assert len(libraries) == 1
    assert "espeakng_loader" in libraries.pop()


@linux
@pytest.mark.voice
def test_no_file_in_the_users_folder_is_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "pyttsx3.py").write_text("raise SystemExit('the wrong pyttsx3')")
    monkeypatch.chdir(tmp_path)
    assert len(engine.speak("Rest.", make_voice("pyttsx3", model="gmw/en-us"))[0])
