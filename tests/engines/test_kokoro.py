"""What is peculiar to Kokoro: its symbols, its reader in another process, its files; and what it sounds like."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import signal
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soxr
from hypothesis import given
from hypothesis import strategies as st
from make import make_voice
from processes import gone, wait_until
from recogniser import available, hear, words, wrong_words
from sentences import SENTENCES

from kindvoice.engines import _kokoro_asian as asian
from kindvoice.engines import _kokoro_files as files
from kindvoice.engines import _kokoro_phonemes as phonemes
from kindvoice.engines import _process, kokoro
from kindvoice.errors import VoiceError
from kindvoice.model import Voice
from kindvoice.speech.voices import misheard_percent, read_voices

ROOT = Path(__file__).parents[2]
MODELS = os.environ.get("KINDVOICE_MODELS")
"""looked up before the session's traps take it away"""

espeak = pytest.mark.skipif(
    not importlib.util.find_spec("espeakng_loader"), reason="espeakng-loader is not installed"
)
linux = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc, or kills by number")


def a_voice(model: str = "ef_dora", language: str = "es", **more: object) -> Voice:
    return make_voice(
        "kokoro", **{"name": "dora", "model": model, "language": language, "speed": 0.8, **more}
    )


# ---------------------------------------------------------------- symbols


@pytest.mark.parametrize(
    ("language", "ipa", "symbols"),
    [
        ("es", "nˈo ˈa^ɪ nˈaða", "nˈo ˈI nˈaða"),
        ("it", "d^ʒentˈile dolt^ʃˈet^sːa pˈɔs^sa", "ʤentˈile dolʧˈeʦːa pˈɔSa"),
        ("fr", "tɔ̃n ɛspʁˈi te-z jˈø", "tɔ̃n ɛspʁˈi tez jˈø"),
        ("pt-BR", "nˈɐ̃^ʊ̃ se^ʊ pˈe^ɪŋsj", "nˈɐ̃ʊ̃ seʊ pˈAŋsj"),
        ("de", "frˈɔ^øntlɪç ɡətɾˈɑːɡən miːɾ kˈœɾpɜs", "fʁˈYntlɪç ɡətʁˈɑːɡən miːɐ kˈœɐpɐs"),
        ("de-AT", "mˈøːɡə ɪç", "mˈøːɡə ɪç"),
        ("de", "lˈoːvɪŋ(^e^n)kˈa^ɪndnəs(^d^e)", "lˈoːvɪŋkˈIndnəs"),
        ("sv", "s^xˈɛlv dʉ stˈɵnd", "ʃˈɛlv du stˈønd"),
        ("uk", "t̪rɪmˈajɛ", "trɪmˈajɛ"),
        ("tr", "ɔɫdˈʊːm ɟibˈɪ", "ɔldˈʊːm ɟibˈɪ"),
        ("ru", 'ɭʲˈu"bʲiʃ', "lʲˈubʲiʃ"),
    ],
)
def test_symbols(language: str, ipa: str, symbols: str) -> None:
    assert phonemes.symbols(ipa, language) == symbols
    assert all(c in phonemes.VOCABULARY for c in symbols)


@pytest.mark.parametrize(
    ("language", "text", "read"),
    [
        ("es", "«¿Estás [aquí]?» *mettā* — karuṇā", "Estás aquí? mettā, karunā"),
        ("es", "Entra (despacio) y/o sal", "Entra ,despacio, y o sal"),
        ("de", "z.B. 3.5 um 10:30; 1/2", "z.B. 3.5 um 10:30; 1/2"),
        ("fr", "lui-même ; l’air", "lui-même; l'air"),
        ("nl", "'s avonds is 't stil", "'s avonds is 't stil"),
        ("el", "ησυχία· ειρήνη", "ησυχία; ειρήνη"),
        ("hi", "शांत रहो। अब", "शांत रहो. अब"),
    ],
)
def test_plain(language: str, text: str, read: str) -> None:
    assert phonemes.plain(text, language).replace(" ,", ", ").split() == read.replace(" ,", ", ").split()


# ---------------------------------------------------------------- long lines


@pytest.mark.slow
@given(st.text(alphabet="abc.,;? ", max_size=200), st.integers(1, 60))
def test_parts_are_short_enough_and_hold_everything(line: str, most: int) -> None:
    parts = phonemes.split(line, most)
    assert all(0 < len(phonemes.tokens(part)) <= most for part in parts)
    assert "".join(parts).replace(" ", "") == line.replace(" ", "")


# ---------------------------------------------------------------- reading


@pytest.mark.parametrize(
    ("language", "voice"),
    [
        ("es", "es"), ("es-ES", "es"), ("es-MX", "es-419"), ("es-419", "es-419"), ("fr-BE", "fr-be"), ("fr-CA", "fr"),
        ("pt-BR", "pt-br"), ("pt", "pt-br"), ("pt-PT", "pt"), ("no", "nb"), ("nn-NO", "nb"), ("en-GB", None),
        ("ja", None), ("zh-TW", None), ("ar", None),
    ],
)  # fmt: skip
def test_what_espeak_calls_a_language(language: str, voice: str | None) -> None:
    assert kokoro.espeak_voice(language) == voice


@espeak
def test_espeak_has_every_voice_and_every_sound_has_a_symbol() -> None:
    with kokoro._pool.worker("espeak-ng") as worker:
        for voice in sorted(set(kokoro._ESPEAK.values())):
            worker.ask({"voice": voice, "texts": ["a"]}, limit_s=30)
        for language, lines in SENTENCES.items():
            if voice := kokoro.espeak_voice(language):
                for ipa in worker.ask({"voice": voice, "texts": list(lines)}, limit_s=30)["phonemes"]:
                    letters = {c for c in phonemes._SWITCH.sub("", ipa) if c.isalpha()}
                    assert all(phonemes.symbols(c, language) for c in letters), ipa


@pytest.mark.slow
@pytest.mark.parametrize(
    ("language", "text", "symbols"),
    [
        (
            "ja",
            "足の裏を、感じて。ひとりでは、ありません。",
            "aɕi no ɯɾa o, kaɲʥite. çitoɾʲi de βa, aɾʲimaseɴ.",
        ),
        ("zh-CN", "愿我善待自己，慢慢来。", "ɥɛ↘n wo↓ ʂa↘ntai↘ ʦɨ↘ʨi↓, ma↘nma↘nlai↗."),
        ("zh", "数到3，好吗？", "ʂu↘tau↘ sa→n, xau↓ ma?"),
    ],
)
def test_japanese_and_chinese_are_read_as_their_voices_were_taught(
    language: str, text: str, symbols: str
) -> None:
    if missing := asian.missing_package(language[:2]):
        pytest.skip(f"not installed: {missing}")
    assert kokoro.read(text, language) == symbols


@espeak
def test_a_line_is_read_with_its_marks() -> None:
    assert kokoro.read("Respira… y descansa; ¿sí?", "es") == "respˈiɾa, i ðeskˈansa; sˈi?"
    assert kokoro.read("...", "es") == kokoro.read("🙏", "es") == ""


@espeak
def test_what_was_read_before_makes_no_difference() -> None:
    read = {text: kokoro.read(text, language) for language, texts in SENTENCES.items() for text in texts}
    for language, texts in reversed(SENTENCES.items()):
        for text in reversed(texts):
            assert kokoro.read(text, language) == read[text]


@pytest.mark.slow
def test_english_is_read_without_espeak(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kokoro, "_ask", None)
    assert kokoro.read("Rest. Be kind, go.", "en-US") == "ɹˈɛst. bˌi kˈInd, ɡˌO."
    assert kokoro.read("Go.", "en-GB") == kokoro.read("Go.", "en-AU") == "ɡˌQ."
    with pytest.raises(VoiceError, match="cannot read"):
        kokoro._read("7" * 50, a_voice(language="en"))


@pytest.mark.slow
@espeak
@linux
def test_a_reader_that_was_killed_is_replaced_and_none_outlives_us() -> None:
    line = kokoro.read("Descansa.", "es")
    with kokoro._pool.worker("espeak-ng") as worker:
        os.kill(worker._child.pid, signal.SIGKILL)
    # As kokoro.speak does: a process that is only just dying may be asked once more.
    assert _process.patiently("espeak-ng", lambda: kokoro.read("Descansa.", "es")) == line
    code = "from kindvoice.engines import kokoro as r; r.read('a', 'es'); " + (
        "p, = r._pool._idle; print(p[1]._child.pid, flush=True); import os; os.kill(os.getpid(), 9)"
    )
    path = os.pathsep.join(filter(None, sys.path))
    done = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, "PYTHONPATH": path}, capture_output=True, check=False
    )
    assert wait_until(lambda: gone(int(done.stdout)))


@espeak
@linux
def test_espeak_stays_in_its_own_process() -> None:
    kokoro.read("Descansa.", "es")
    assert "espeak" not in Path("/proc/self/maps").read_text()


@espeak
def test_a_voice_that_espeak_does_not_have_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(_process.Failed, match="no voice 'tlh'"):
        kokoro._ask("tlh", ["a"])
    monkeypatch.setitem(kokoro._ESPEAK, "es", "tlh")
    with pytest.raises(VoiceError, match="failed twice"):
        kokoro._read("Descansa.", a_voice())


# ---------------------------------------------------------------- files


@pytest.fixture
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A models folder with nothing in it, and none of the packages that carry parts."""
    find_spec = importlib.util.find_spec
    monkeypatch.setattr(
        "importlib.util.find_spec",
        lambda name, *more: None if name.startswith(files.PACKAGE) else find_spec(name, *more),
    )
    monkeypatch.setenv("KINDVOICE_MODELS", str(tmp_path / "models"))
    return tmp_path / "models" / "kokoro"


@pytest.fixture
def whole(empty: Path) -> Path:
    """A models folder with files of the right names and sizes, which hold nothing but zeros."""
    (empty / "voices").mkdir(parents=True)
    for name in ("ef_dora", "if_sara"):
        (empty / "voices" / f"{name}.bin").write_bytes(bytes(files.STYLE_BYTES))
    with (empty / files.MODEL).open("wb") as file:
        file.truncate(files.MODEL_BYTES)
    return empty


@espeak
def test_a_missing_model_is_installed(empty: Path) -> None:
    what, cure = kokoro.problem(a_voice()) or ("", "")
    assert str(empty / files.MODEL) in what
    assert cure == "kindvoice voices install dora"
    with pytest.raises(VoiceError, match="not on this computer"):
        kokoro.speak("Descansa.", a_voice())


@espeak
def test_a_missing_voice_is_installed(whole: Path) -> None:
    what, cure = kokoro.problem(a_voice("ef_doro")) or ("", "")
    assert "'ef_doro' is not on this computer" in what
    assert cure == "did you mean 'ef_dora'? Or: kindvoice voices install dora"


@espeak
def test_damaged_files_are_noticed(whole: Path) -> None:
    assert kokoro.problem(a_voice()) is None
    (whole / "voices" / "ef_dora.bin").write_bytes(b"half")
    assert "damaged" in (kokoro.problem(a_voice()) or ("",))[0]
    (whole / files.MODEL).write_bytes(b"half")
    assert "incomplete" in (kokoro.problem(a_voice("if_sara")) or ("",))[0]
    (whole / "voices" / "if_sara.bin").write_bytes(np.full(510 * 256, np.nan, "<f4").tobytes())
    with pytest.raises(VoiceError, match="no voice of Kokoro"):
        files.styles("if_sara")


@espeak
@pytest.mark.parametrize(
    ("more", "what"),
    [
        ({"speed": 0.4}, "speed 0.4"),
        ({"options": (("warmth", 3),)}, "no option 'warmth'"),
        ({"language": "ko"}, "does not read ko"),
        ({"language": "*"}, "does not read"),
        ({"model": ""}, "no name"),
        ({"model": "../../secret"}, "no name"),
    ],
)
def test_settings_that_make_no_sense(whole: Path, more: dict[str, object], what: str) -> None:
    assert what in (kokoro.problem(replace(a_voice(), **more)) or ("",))[0]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("package", "language"), [("onnxruntime", "es"), ("espeakng_loader", "es"), ("hibari", "en")]
)
def test_a_missing_package_is_the_extra(
    whole: Path, monkeypatch: pytest.MonkeyPatch, package: str, language: str
) -> None:
    find_spec = importlib.util.find_spec
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None if name == package else find_spec(name))
    what, cure = kokoro.problem(a_voice(language=language)) or ("", "")
    assert package in what
    assert cure == 'pip install "kindvoice[kokoro]"'


@pytest.fixture
def parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Packages that carry a small model in four parts; running one of them is an error."""
    names = tuple(f"kokoro_test_part_{number}" for number in (1, 2, 3, 4))
    for name in names:
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text("raise RuntimeError('it was run')")
        (tmp_path / name / "part.bin").write_bytes(name.encode())
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setenv("KINDVOICE_MODELS", str(tmp_path / "models"))
    monkeypatch.setattr(files, "PARTS", names)
    monkeypatch.setattr(files, "MODEL_SHA256", hashlib.sha256("".join(names).encode()).hexdigest())
    return tmp_path


def test_the_parts_are_joined_once(parts: Path) -> None:
    with ThreadPoolExecutor(4) as pool:
        (path,) = set(pool.map(lambda _: files.model(), range(8)))
    assert path == parts / "models" / "kokoro" / files.MODEL
    assert path.read_bytes() == b"".join(name.encode() for name in files.PARTS)
    assert [p.name for p in path.parent.iterdir() if not p.name.startswith(".")] == [files.MODEL]
    path.write_bytes(b"another")
    assert files.model().read_bytes() == b"another"


def test_damaged_parts_leave_nothing_behind(parts: Path) -> None:
    (parts / "kokoro_test_part_3" / "part.bin").write_bytes(b"damage")
    with pytest.raises(VoiceError, match="damaged"):
        files.model()
    assert not [p for p in (parts / "models" / "kokoro").iterdir() if not p.name.startswith(".")]


def test_a_models_folder_that_cannot_be_written_is_an_error(parts: Path) -> None:
    (parts / "models").write_text("a file")
    with pytest.raises(VoiceError, match="cannot be put") as caught:
        files.model()
    assert "KINDVOICE_MODELS" in caught.value.cure


# ---------------------------------------------------------------- the voices that come with kindvoice

SHIPPED = [voice for voice in read_voices([ROOT / "voices"]).values() if voice.engine == "kokoro"]
OWN = {"a": "en", "b": "en", "e": "es", "f": "fr", "i": "it", "j": "ja", "p": "pt", "z": "zh"}
"""the language that Kokoro's voices were trained with, by their first letter"""


@pytest.mark.parametrize("voice", SHIPPED, ids=lambda voice: voice.name)
def test_a_shipped_voice_says_where_its_files_come_from(voice: Voice) -> None:
    extra = "asian" if voice.language in asian.PACKAGES else "kokoro"
    assert voice.packages == (f"kindvoice[{extra}]",)
    assert voice.licence == "Apache-2.0"
    if voice.model in files.PACKAGED_VOICES:
        assert voice.downloads == ()
    else:
        (file,) = voice.downloads
        assert file.path == f"kokoro/voices/{voice.model}.bin"
        assert file.bytes == files.STYLE_BYTES
        assert all(source.endswith(f"/voices/{voice.model}.bin") for source in file.sources)
    borrowed = OWN.get(voice.model[0]) != voice.language[:2]
    assert ("accent" in voice.note) == borrowed
    assert misheard_percent(voice) is not None


# ---------------------------------------------------------------- what it sounds like


@pytest.fixture(scope="module")
def dora() -> Iterator[Voice]:
    """A voice that can speak here: its files are where they were before this session began."""
    with pytest.MonkeyPatch.context() as patch:
        if MODELS:
            patch.setenv("KINDVOICE_MODELS", MODELS)
        if found := kokoro.problem(a_voice()):
            pytest.skip(found[0])
        yield a_voice()


@pytest.mark.voice
@pytest.mark.parametrize("text", ["...", "¦", "()"])
def test_a_line_without_a_sound_is_an_error(dora: Voice, text: str) -> None:
    with pytest.raises(VoiceError, match="no sound"):
        kokoro.speak(text, dora)


@pytest.mark.voice
@pytest.mark.listens
@pytest.mark.skipif(not available(), reason="the recogniser is not installed")
@pytest.mark.parametrize("name", ["kokoro-es", "kokoro-it", "kokoro-pt", "kokoro-de"])
def test_a_voice_is_understood(dora: Voice, name: str) -> None:
    stated = tomllib.loads((ROOT / "voices" / f"{name}.toml").read_text(encoding="utf-8"))
    voice = a_voice(stated["model"], stated["language"], speed=stated["speed"])
    if found := kokoro.problem(voice):
        pytest.skip(found[0])
    said = SENTENCES[stated["language"]][4:7]
    wrong = 0
    for line in said:
        samples, rate = kokoro.speak(line, voice)
        wrong += wrong_words(line, hear(soxr.resample(samples, rate, 16_000), stated["language"]))
    assert wrong <= 0.2 * sum(len(words(line)) for line in said)
