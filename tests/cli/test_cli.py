"""The command line: what a person types, what comes back, and how it says no."""

from __future__ import annotations

import io
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from make import make_request

from kindvoice.build import recording as build
from kindvoice.build.request import Request
from kindvoice.cli import run

SCRIPT = """---
title: Small
language: en
---
# One
[bell]
May I be safe. [pause 4s]
# Two
May I be kind to {{ who or "myself" }}. [pause 4s]
"""


@pytest.fixture
def here(tmp_path, monkeypatch, cache) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KINDVOICE_OUTPUT", "out")
    monkeypatch.setenv("KINDVOICE_VOICE", "tone")
    Path("small.md").write_text(SCRIPT.replace('{{ who or "myself" }}', "myself"))
    return tmp_path


@pytest.fixture
def requests(monkeypatch) -> list[Request]:
    """What is to be rendered; then it is as if somebody had pressed Ctrl+C."""
    requests = []

    def interrupted(reading, store, on_event):
        requests.append(reading.request)
        raise KeyboardInterrupt

    monkeypatch.setattr(build, "render", interrupted)
    return requests


def said(capsys) -> tuple[str, str]:
    captured = capsys.readouterr()
    return captured.out, captured.err


@pytest.mark.slow
def test_render_says_what_it_made(here, capsys):
    assert run(["render", "small.md", "--length", "35s"]) == 0
    out, err = said(capsys)
    assert out.splitlines()[0] == f"out{os.sep}small.mp3"
    assert "00:35.0 long, 2 lines, 2 of them spoken now" in out
    assert "voice: tone in English" in out
    assert "mp3: -16.0 LUFS" in out
    assert err == ""
    assert sorted(p.name for p in Path("out").iterdir()) == [
        "small.chapters.json", "small.cover.jpg", "small.manifest.json", "small.mp3", "small.vtt",
    ]  # fmt: skip


@pytest.mark.slow
def test_render_json_is_one_document_and_nothing_else(here, capsys):
    assert (
        run(["render", "small.md", "-f", "wav", "-f", "mp3", "--json", "-o", "there", "--name", "mine"]) == 0
    )
    out, err = said(capsys)
    document = json.loads(out)
    assert err == ""
    assert [Path(a["path"]).name for a in document["artifacts"]][:2] == ["mine.wav", "mine.mp3"]
    assert document["loudness"]["wav"]["integrated_lufs"] == pytest.approx(-16, abs=0.5)


GERMAN = """(leise) Setz dich hin, wo du gerade bist, und lass dich vom Stuhl halten. Du musst jetzt nichts tun.
(Pause)
Spüre, wie die Luft hereinkommt, und wie sie von selbst wieder hinausgeht.
PAUSE 30 SEKUNDEN
Bleib noch einen Moment so.
"""


@pytest.mark.slow
def test_another_language_and_what_is_not_spoken_are_named(here, capsys):
    Path("sitzen.txt").write_text(GERMAN, encoding="utf-8")
    expected = [
        "language: de (recognised); write `language: de` into the script to settle it",
        "sitzen.txt:1: not spoken: '(leise)', a direction",
    ]
    for command in (["timeline"], ["render", "-f", "wav"]):
        assert run([*command, "sitzen.txt"]) == 0
        out, err = said(capsys)
        assert [line.removeprefix("note: ") for line in err.splitlines()] == expected
        assert "oice: tone in German" in out
        assert command != ["timeline"] or "30s written" in out
        assert run([*command, "sitzen.txt", "--json"]) == 0
        out, err = said(capsys)
        document = json.loads(out)
        assert (document["language"], document["notes"], err) == ("de", expected, "")
    assert run(["render", "sitzen.txt", "--language", "en", "-f", "wav"]) == 0
    out, err = said(capsys)
    assert "voice: tone in English" in out
    assert "note: the words look German, and the voice 'tone' speaks English: write `language: de`" in err
    assert run(["timeline", "sitzen.txt", "--voice", "heart"]) == 5
    _, err = said(capsys)
    assert "the voice 'heart' speaks en-US, and this script is in de" in err
    assert "write `language: ...` into the script if it is not in German" in err
    assert run(["check", "sitzen.txt"]) in (0, 1)
    out, _ = said(capsys)
    assert "sitzen.txt:1: hint: not spoken: '(leise)', a direction [not-spoken]" in out
    Path("sitzen.txt").write_text("---\nlanguage: en\n---\n" + GERMAN, encoding="utf-8")
    assert run(["check", "sitzen.txt"]) in (0, 1)
    out, _ = said(capsys)
    assert "sitzen.txt:2: warning: the words look German, and the script says English [language]" in out
    Path("sitzen.txt").write_text(
        GERMAN
        + "\nLet the breath come and go as it likes.\n\n[voice en] Rest here for as long as you like. [voice off]",
        encoding="utf-8",
    )
    assert run(["check", "sitzen.txt"]) in (0, 1)
    out, _ = said(capsys)
    assert [line for line in out.splitlines() if "[language]" in line] == [
        "sitzen.txt:7: warning: 'Let the breath come and go as it likes.' looks English, and the script is in "
        "German [language]"
    ]


BROKEN = """---
titel: A test
length: soon
phrases: ["", "May I be safe."]
---
Rest here. [pasue 3s]

[beds] Stay. [voice nobody]

A ] too many.
"""


def test_all_that_is_wrong_in_a_script_is_told_at_once_in_order(here, capsys):
    Path("broken.md").write_text(BROKEN, encoding="utf-8")
    lines = [2, 3, 4, 6, 8, 10]
    for command in ("render", "timeline"):
        assert run([command, "broken.md"]) == 1
        _, err = said(capsys)
        assert err.startswith(
            "error: broken.md:2: the front matter has no 'titel'\n  did you mean `title:`?\n"
        )
        assert [
            int(line) for line in re.findall(r"^(?:error: )?broken.md:(\d+): ", err, re.MULTILINE)
        ] == lines
        assert run([command, "broken.md", "--json"]) == 1
        out, _ = said(capsys)
        errors = json.loads(out)["errors"]
        assert [error["line"] for error in errors] == lines
        assert errors[0] == {
            "path": "broken.md", "line": 2, "what": "the front matter has no 'titel'", "cure": "did you mean `title:`?",
        }  # fmt: skip
    assert run(["check", "broken.md", "--json"]) == 1
    assert [finding["line"] for finding in json.loads(said(capsys)[0])["findings"]] == lines


@pytest.mark.parametrize("command", ["timeline", "check"])
def test_names_that_nobody_knows_are_told_at_once(here, capsys, command):
    values = "{{ plaace }} and {{ other }}\n\n{% if maybe is defined %}{{ maybe }}{% endif %}[paws 3s]"
    Path("names.md").write_text(values, encoding="utf-8")
    assert run([command, "names.md"]) == 1
    assert set(re.findall("plaace|other|paws|maybe", "".join(said(capsys)))) == {"plaace", "other", "paws"}
    sounds = "Rest.\n[bed rian]\n[voice nobody]\n[bell lowww]\n[bell 'none.wav']"
    Path("names.md").write_text(sounds, encoding="utf-8")
    assert run([command, "names.md"]) == 1
    assert re.findall(r"names.md:(\d)", "".join(said(capsys))) == ["2", "3", "4", "5"]


def test_at_most_twenty_errors_are_shown_and_the_rest_is_counted(here, capsys):
    Path("many.md").write_text("Rest. [pasue 3s]\n\n" * 33, encoding="utf-8")
    assert run(["render", "many.md"]) == 1
    _, err = said(capsys)
    assert err.count("unknown cue") == 20
    assert err.endswith("and 13 more\n")


@pytest.mark.slow
def test_a_script_from_standard_input(here, monkeypatch, capsys):
    def give(text: str) -> None:
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text.encode())))

    give("Rest here.\n[pause 2s]\nStay.")
    assert run(["render", "-", "-f", "wav", "-o", "there"]) == 0
    assert Path("there/script.wav").is_file()
    give("Rest here.\n[pause 2s]\nStay.")
    assert run(["render", "-", "-o", "there", "--name", "evening.wav"]) == 0
    assert json.loads(Path("there/evening.manifest.json").read_text())["inputs"]["title"] == "Evening"
    for command in ("render", "timeline", "check"):
        give("Rest here.\n[pasue 2s]")
        assert run([command, "-"]) == 1
        assert "script:2: " in "".join(said(capsys))


@pytest.mark.slow
def test_bells_and_silence_are_a_timer(here, capsys):
    Path("timer.md").write_text("[bell] [pause 20s] [bell]")
    assert run(["render", "timer.md", "-f", "wav"]) == 0
    out, err = said(capsys)
    assert "0 lines" in out and "warning" not in err
    assert not Path("out/timer.vtt").exists()
    assert run(["verify", "out/timer.wav"]) == 0


def test_the_usual_voice_is_for_its_own_language(here, monkeypatch, capsys):
    monkeypatch.setenv("KINDVOICE_VOICE", "heart")
    Path("sitzen.txt").write_text(GERMAN, encoding="utf-8")
    assert run(["render", "sitzen.txt", "--dry-run", "--json"]) == 0
    document = json.loads(said(capsys)[0])
    assert (document["language"], document["voice"]) != ("en", "heart")
    assert document["voice"].endswith("-de")


def test_a_dry_run_says_what_would_be_made_and_writes_nothing(here, capsys):
    arguments = ["render", "small.md", "-o", "there/night.mp3", "--dry-run"]
    assert run(arguments) == 0
    out, _ = said(capsys)
    assert "there/night.mp3" in out and "to speak" in out and "nothing was written" in out
    assert not Path("there").exists()
    assert run([*arguments, "--json"]) == 0
    document = json.loads(said(capsys)[0])
    assert document["lines_to_speak"] == document["lines"] > 0
    assert document["length_ms"] > 0 and document["files"][0].endswith("night.mp3")
    Path("there").mkdir()
    Path("there/night.mp3").write_text("mine")
    assert run(arguments) == 1
    assert "kindvoice did not make it" in said(capsys)[1]


@pytest.mark.parametrize(
    ("arguments", "folder", "name", "formats"),
    [
        (["-o", "talks/evening.mp3"], "talks", "evening", ("mp3",)),
        (["--output", "evening.M4B"], ".", "evening", ("m4b",)),
        (["--name", "evening.wav", "-o", "talks"], "talks", "evening", ("wav",)),
        (["--name", "a/evening.ogg", "-o", "talks"], "talks/a", "evening", ("ogg",)),
        (["-o", "talks/evening.mp3", "-f", "flac,mp3"], "talks", "evening", ("mp3", "flac")),
        (["-o", "talks.v2", "--name", "no. 5"], "talks.v2", "no. 5", ()),
    ],
)
def test_a_whole_file_name_is_folder_name_and_format(here, requests, arguments, folder, name, formats):
    assert run(["render", "small.md", *arguments]) == 130
    publication = requests[0].publication
    assert (publication.folder, publication.name, publication.formats) == (Path(folder), name, formats)


@pytest.mark.parametrize(
    ("arguments", "expected", "code"),
    [
        ([], "Commands:", 0),
        (["help"], "Commands:", 0),
        (["help", "render"], "--dry-run", 0),
        (["help", "scripts", "list"], "What the library holds.", 0),
        (["help", "rendr"], "did you mean 'render'?", 1),
    ],
)
def test_help(arguments, expected, code, capsys):
    assert run(arguments) == code
    assert expected in "".join(said(capsys))


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("kindvoice ren", "render"),
        ("kindvoice render lov", "loving-kindness"),
        ("kindvoice render morni", "file"),
    ],
)
def test_a_shell_completes_commands_practices_and_files(line, expected):
    code = "import sys; sys.argv[0] = 'kindvoice'; from kindvoice.cli import main; main()"
    at = str(line.count(" "))
    wanted = {"_KINDVOICE_COMPLETE": "bash_complete", "COMP_WORDS": line, "COMP_CWORD": at}
    done = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, **wanted}, capture_output=True, text=True
    )
    assert expected in done.stdout


def test_what_is_not_spoken_again_and_again_is_told_once(here, capsys):
    Path("many.txt").write_text("Rest here. (softly)\n\n" * 3, encoding="utf-8")
    assert run(["timeline", "many.txt"]) == 0
    _, err = said(capsys)
    assert err.splitlines() == ["note: many.txt:1 (also 3, 5): not spoken: '(softly)', a direction"]


def test_the_exact_request_that_a_command_asks_for(here, requests, capsys):
    Path("mine.txt").write_text("May I rest\n")
    arguments = (
        "render small.md --phrase Peace. --phrases mine.txt --set place=garden --set n=3 --length 12m30s "
        "--voice heart*0.9 --language en-GB --bed rain --preset sleep --format flac -f wav --output X --name n"
    )
    assert run(arguments.split()) == 130
    assert requests == [
        make_request(
            Path("small.md"), Path("X"), name="n", length_ms=750_000, language="en-GB", voice="heart*0.9",
            default_voice="tone", bed="rain", preset="sleep", formats=("flac", "wav"),
            phrases=("Peace.", "May I rest."), values=(("place", "garden"), ("n", 3)),
            takes=Path(os.environ["KINDVOICE_TAKES"]),
            made_from=(Path(os.environ["KINDVOICE_CONFIG"]), Path("mine.txt")),
        )
    ]  # fmt: skip
    assert "interrupted" in said(capsys)[1]


BAD = [
    (["render", "nosuch.md"], "nosuch.md: there is no such file"),
    (["render", "loving-kindnes"], "did you mean 'loving-kindness'"),
    (["render", "body scan"], "with these words there are: compassionate-body-scan"),
    (["render", "small.md", "--length", "soon"], "is not a length"),
    (["render", "small.md", "--length", "3h"], "with what the script says at this length, it can last from"),
    (["render", "small.md", "--voice", "hart"], "did you mean 'heart'"),
    (["render", "small.md", "--bed", "notes.txt"], "not a sound file"),
    (["render", "small.md", "--bed", "nosuch.wav"], "there is no sound file nosuch.wav"),
    (["render", "small.md", "--bed", "rian"], "did you mean [bed rain]"),
    (["render", "small.md", "--format", "mp4"], "did you mean 'mp3'"),
    (["render", "small.md", "--preset", "podcst"], "did you mean 'podcast'"),
    (["render", "small.md", "--output", "small.md"], "small.md is a file, not a folder"),
    (["render", "small.md", "--output", "notes.txt/x"], "the output folder notes.txt/x cannot be written"),
    (["render", "small.md", "--set", "x"], "is not name=value"),
    (["render", "small.md", "--set", "minutes=3"], "--set cannot change 'minutes'"),
    (["render", "small.md", "--phrase", "  "], "a phrase is empty"),
    (["render", "small.md", "--phrases", "nosuch.txt"], "nosuch.txt: there is no such file"),
    (["render", "cue.md"], "cue.md:2: unknown cue [pasue 8s]\n  did you mean [pause 8s]?"),
    (["render", "undefined.md"], "undefined.md:1: 'whoo' is undefined"),
    (["render", "binary.md"], "is not"),
    (["render", "empty.md"], "the script has no words to speak"),
    (["render"], "Missing argument"),
    (["rendr", "small.md"], "there is no command 'rendr'; did you mean 'render'?"),
    (["render", "small.md", "--lenght", "3m"], "--length"),
    (["scripts", "show", "body-scan"], "compassionate-body-scan"),
    (["scripts", "new", "small.md"], "small.md is there already"),
    (["voices", "say", "nobody"], "there is no voice named 'nobody'"),
    (["voices", "say", "tone", "..."], "there is nothing to say"),
    (["cache", "prune"], "say what to remove"),
    (["cache", "prune", "--max-size", "much"], "is not a size"),
]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "message"), BAD, ids=lambda v: " ".join(v)[:40] if isinstance(v, list) else ""
)
def test_bad_input_gets_one_clear_error(here, capsys, arguments, message):
    Path("notes.txt").write_text("These are notes, not sound. " * 20)
    Path("cue.md").write_text("Be still.\nNow [pasue 8s] rest.")
    Path("undefined.md").write_text("May {{ whoo }} rest.")
    Path("binary.md").write_bytes(bytes(range(256)) * 9)
    Path("empty.md").write_text("")
    assert run(arguments) in {1, 4, 5}
    out, err = said(capsys)
    assert out == ""
    assert message in err
    assert err.startswith("error: ")
    assert "Traceback" not in err
    assert not Path("out").exists() or not list(Path("out").iterdir())


def test_a_bug_is_said_plainly_and_has_its_own_exit_code(here, capsys, monkeypatch):
    monkeypatch.setattr(build, "render", lambda *_: 1 / 0)
    assert run(["render", "small.md"]) == 3
    assert "this is a bug in kindvoice: ZeroDivisionError" in said(capsys)[1]


def test_timeline_shows_when_and_encodes_nothing(here, capsys):
    assert run(["timeline", "small.md", "--length", "35s"]) == 0
    out, _ = said(capsys)
    assert "May I be kind to myself." in out
    assert "it can last from" in " ".join(out.split())
    assert run(["timeline", "small.md", "--length", "35s", "--json"]) == 0
    document = json.loads(said(capsys)[0])
    assert document["duration_ms"] == 35_000
    assert [e["kind"] for e in document["events"]][:3] == ["chapter", "bell", "speech"]
    assert not Path("out").exists()


@pytest.mark.slow
def test_the_library_is_listed_shown_and_copied(here, capsys):
    assert run(["scripts", "list"]) == 0
    assert "compassionate-body-scan" in said(capsys)[0]
    assert run(["scripts", "show", "loving-kindness"]) == 0
    shown, _ = said(capsys)
    assert shown.startswith("---\ntitle:")
    Path("who.md").write_text("# Here\nBe.\n\n[from 9m] Stay.\n\n[gentle] Look. [pause 6s, 12s from 9m]\n")
    assert run(["scripts", "show", "who.md", "--length", "8m", "--gentle", "--for", "carers"]) == 0
    assert said(capsys) == (
        "\n     1  # Here\n     2  Be.\n-    4  (from 9m) Stay.\n     6  Look. [pause 6s]\n",
        "note: 'Who' has no words of its own for carers: everybody hears the same\n",
    )
    assert run(["scripts", "show", "who.md", "--length", "8m", "--for", "trauma-sensitive"]) == 0
    assert said(capsys) == (
        "\n     1  # Here\n     2  Be.\n-    4  (from 9m) Stay.\n     6  Look. [pause 6s]\n",
        "",
    )
    assert run(["scripts", "new", "mine", "--from", "loving-kindness"]) == 0
    assert Path("mine.md").read_text() == shown
    said(capsys)
    assert run(["scripts", "new", "fresh one"]) == 0
    assert run(["timeline", "fresh one.md"]) == 0


def test_a_script_in_this_folder_is_found_without_its_ending(here, capsys):
    assert run(["timeline", "small", "--json"]) == 0
    assert json.loads(said(capsys)[0])["title"] == "Small"
    assert run(["check", "small"]) in (0, 1)
    assert said(capsys)[0].splitlines()[-1].startswith("1 script: ")


def test_voices_are_listed_and_heard(here, capsys):
    assert run(["voices", "list", "--json"]) == 0
    voices = {v["name"]: v for v in json.loads(said(capsys)[0])}
    assert voices["heart"]["ready"]
    assert voices["heart"]["licence"] == "Apache-2.0"
    assert run(["voices", "say", "tone", "May I be safe."]) == 0
    assert Path("out/tone.wav").stat().st_size > 10_000


@pytest.mark.slow
def test_verify_passes_what_is_right_and_fails_what_is_not(here, capsys):
    run(["render", "small.md", "--length", "35s"])
    said(capsys)
    assert run(["verify", "out/small.mp3"]) == 0
    assert "pass" in said(capsys)[0]
    assert run(["verify", "out/small.mp3", "--preset", "broadcast", "--json"]) == 1
    findings = {f["point"]: f["verdict"] for f in json.loads(said(capsys)[0])[0]["findings"]}
    assert findings["loudness"] == "fail"
    assert findings["true peak"] == findings["length"] == findings["captions"] == "pass"


@pytest.mark.slow
def test_cache_info_and_prune(here, capsys):
    run(["render", "small.md"])
    said(capsys)
    assert run(["cache", "info", "--json"]) == 0
    assert json.loads(said(capsys)[0])["files"] >= 5
    assert run(["cache", "prune", "--all"]) == 0
    assert "removed" in said(capsys)[0]


@pytest.mark.slow
def test_ctrl_c_leaves_nothing_half_made_and_the_next_run_goes_on(here, popen, capsys):
    lines = "\n\n".join(f"May I be safe, number {i}." for i in range(60))
    Path("long.md").write_text("[bell]\n" + lines)
    command = [sys.executable, "-m", "kindvoice", "render", "long.md", "--json", "-f", "wav"]
    env = {**os.environ, "KINDVOICE_OUTPUT": "out"}
    child = popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    cache = Path(os.environ["KINDVOICE_CACHE"])
    began = time.monotonic()
    while len(list(cache.glob("v1/*/*"))) < 10 and time.monotonic() - began < 300:
        time.sleep(0.02)
    child.send_signal(signal.SIGINT)
    out, err = child.communicate(timeout=120)
    assert child.returncode == 130
    assert err.strip() == "interrupted; what was spoken is kept for the next run"
    assert out == ""
    assert not list(Path("out").iterdir())
    assert not list(cache.glob("work/run-*"))
    assert run(["render", "long.md", "--json", "-f", "wav", "--dry-run"]) == 0
    document = json.loads(said(capsys)[0])
    assert document["lines"] == 60
    assert document["lines_to_speak"] < 60


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="file size limits are a Unix thing")
@pytest.mark.parametrize(("limit_kb", "format"), [(40, "mp3"), (3000, "wav")])
def test_a_disk_that_fills_up_while_writing_stops_cleanly(here, capsys, limit_kb, format):
    """The system refuses every byte beyond a limit, as a full disk does: in the cache, then in the finished file."""
    import resource

    usual = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit_kb * 1000, usual[1]))
    try:
        code = run(["render", "small.md", "--length", "45s", "-f", format])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, usual)
    _, err = said(capsys)
    assert code == 1, err
    assert err.startswith("error: ")
    assert "cannot be written" in err
    assert "Traceback" not in err
    assert not list(Path("out").iterdir())
