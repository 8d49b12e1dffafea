"""A participant is forgotten: all that was made from their words goes, and nothing else."""

from __future__ import annotations

import errno
import json
from dataclasses import replace
from pathlib import Path

import pytest
from make import changed
from plans import WORDS, item, settings, tree

from kindvoice.errors import OutputError, SettingsError
from kindvoice.jobs.forget import forget
from kindvoice.jobs.report import write_report
from kindvoice.jobs.run import run
from kindvoice.store import Ledger, Store, read_ledger, stage_key


def clips(manifest: Path) -> dict[str, str]:
    return {line["text"]: line["clip"] for line in json.loads(manifest.read_text())["lines"]}


def things(tmp_path: Path) -> set[str]:
    return {path.name for path in (tmp_path / "cache" / "v1").glob("*/*")}


def build(tmp_path: Path, items) -> None:
    assert run(items, settings=settings(tmp_path), jobs=1).exit_code == 0


@pytest.mark.slow
def test_their_files_and_clips_go_and_everybody_elses_stay(tmp_path):
    others = [item(tmp_path, who) for who in ("ben", "cem")]
    build(tmp_path, others)
    before_files, before_things = tree(tmp_path / "out"), things(tmp_path)
    ana = item(tmp_path, "ana")
    build(tmp_path, [*others, ana])
    own = clips(tmp_path / "out" / "ana" / "01 small.manifest.json")["May I forgive my grandmother."]
    made = things(tmp_path) - before_things
    assert own in made
    gone = forget([*others, ana], "ana", settings(tmp_path), tmp_path / "out")
    assert tree(tmp_path / "out") == before_files
    assert things(tmp_path) == before_things, "raw speech and clip are gone, shared lines are there"
    assert (gone.recordings, gone.clips, gone.not_ours) == (1, len(made), ())
    assert [path.name for path in gone.files][-1] == "01 small.manifest.json"
    assert len(gone.files) == 4
    assert gone.folders == (tmp_path / "out" / "ana",)
    assert gone.shared > 0
    assert "remove the row of 'ana'" in gone.left
    for path in (tmp_path / "cache").rglob("*"):
        if path.is_file():
            assert b"grandmother" not in path.read_bytes()
            assert b'"ana"' not in path.read_bytes()
    assert run(others, settings=settings(tmp_path), jobs=1).count("skipped") == 2


def test_words_that_another_says_too_stay_until_both_are_forgotten(tmp_path):
    both = [item(tmp_path, who, "May I be safe") for who in ("ana", "ben")]
    build(tmp_path, both)
    shared = clips(tmp_path / "out" / "ana" / "01 small.manifest.json")["May I be safe."]
    assert forget(both, "ana", settings(tmp_path)).clips == 0
    assert shared in things(tmp_path)
    assert forget(both, "ben", settings(tmp_path)).clips > 0
    assert shared not in things(tmp_path)


@pytest.mark.slow
def test_what_they_said_before_and_what_was_never_finished_goes_too(tmp_path):
    others = [item(tmp_path, "ben")]
    build(tmp_path, others)
    before = things(tmp_path)
    build(tmp_path, [item(tmp_path, "ana", "May I be brave")])
    changed = item(tmp_path, "ana", "May I be brave today", length_ms=5_000)
    failed = run([changed], settings=settings(tmp_path), jobs=1)
    assert failed.count("failed") == 1, "its lines were spoken, but do not fit"
    assert len(things(tmp_path) - before) == 6, (
        "raw speech and clips of two lines, and how one is heard, twice"
    )
    forget([changed, *others], "ana", settings(tmp_path))
    assert things(tmp_path) == before


def test_a_row_that_was_removed_first_is_no_way_to_stay(tmp_path):
    ben = item(tmp_path, "ben")
    build(tmp_path, [item(tmp_path, "ana"), ben])
    with pytest.raises(SettingsError, match="no participant 'ana'"):
        forget([ben], "ana", settings(tmp_path))
    gone = forget([ben], "ana", settings(tmp_path), tmp_path / "out")
    assert (gone.recordings, len(gone.files)) == (1, 4)
    assert not (tmp_path / "out" / "ana").exists()
    with pytest.raises(SettingsError):
        forget([ben], "ana", settings(tmp_path), tmp_path / "out")


def test_somebody_of_the_same_id_in_another_plan_keeps_their_files(tmp_path):
    (tmp_path / "b").mkdir()
    ana = item(tmp_path, "ana")
    namesake = item(tmp_path / "b", "ana")
    build(tmp_path, [ana])
    run([namesake], settings=settings(tmp_path), jobs=1)
    before = tree(tmp_path / "b" / "out")
    forget([ana, item(tmp_path, "ben")], "ana", settings(tmp_path), tmp_path / "out")
    assert tree(tmp_path / "b" / "out") == before


@pytest.mark.slow
def test_what_lies_beside_their_recordings(tmp_path):
    """What a killed run has left and a report that names them go; what no manifest names stays, and is told."""
    items = [item(tmp_path, "ana"), item(tmp_path, "ben")]
    gone = forget(items, "ana", settings(tmp_path))
    assert (gone.recordings, gone.files, gone.clips) == (0, (), 0), "there is nothing of theirs yet"
    report = write_report(
        items, run(items, settings=settings(tmp_path), jobs=1), tmp_path / "out", title="x", date="y"
    )
    key = clips(tmp_path / "out" / "ana" / "01 small.manifest.json")["May I forgive my grandmother."]
    left = Store(tmp_path / "cache").path(key).parent / f"{key[:8]}.abc.part"
    left.write_bytes(b"half a clip")
    letter = tmp_path / "out" / "ana" / "letter.txt"
    letter.write_text("Dear Ana")
    gone = forget(items, "ana", settings(tmp_path), tmp_path / "out")
    assert report in gone.files and not report.exists() and not left.exists()
    assert (gone.not_ours, gone.folders, letter.exists()) == ((letter,), (), True)
    report.write_text("somebody's own report of ana")
    forget(items, "ben", settings(tmp_path), tmp_path / "out")
    assert report.exists()


@pytest.mark.slow
def test_a_folder_that_all_share_loses_their_files_only(tmp_path):
    items = [
        replace(one, request=changed(one.request, folder=tmp_path / "out", name=f"{one.participant} 01"))
        for one in (item(tmp_path, who) for who in ("ana", "ben"))
    ]
    build(tmp_path, items)
    gone = forget(items, "ana", settings(tmp_path))
    assert len(gone.files) == 4
    assert {path.name[:3] for path in (tmp_path / "out").iterdir()} == {"ben"}
    assert gone.not_ours == ()
    with pytest.raises(SettingsError, match="did you mean 'ana'"):
        forget(items, "anna", settings(tmp_path))


def test_a_forged_manifest_leads_to_no_file_elsewhere(tmp_path):
    ana = item(tmp_path, "ana")
    build(tmp_path, [ana])
    manifest = tmp_path / "out" / "ana" / "01 small.manifest.json"
    found = json.loads(manifest.read_text())
    found["artifacts"].append({"name": "../../small.md", "kind": "txt", "bytes": 1, "sha256": "0" * 64})
    found["lines"][0]["clip"] = "../../../small.md"
    manifest.write_text(json.dumps(found))
    forget([ana], "ana", settings(tmp_path))
    assert (tmp_path / "small.md").exists()


# ---------------------------------------------------------------- the ledger


KEYS = [stage_key("t", 1, n=n) for n in range(3)]


def test_a_ledger_only_grows_and_is_read_again(tmp_path):
    path = tmp_path / "ledgers" / "x"
    ledger = Ledger(path, {"participant": "ana"})
    ledger.note(KEYS[0])
    ledger.note(KEYS[0])
    Ledger(path, {"participant": "somebody else"}).note(KEYS[1])
    assert read_ledger(path) == ({"participant": "ana"}, frozenset(KEYS[:2]))
    assert path.read_text().count("\n") == 2
    with path.open("a") as file:  # a full disk cut it short
        file.write("\n" + KEYS[1][:20])
    Ledger(path, {}).note(KEYS[2])
    assert read_ledger(path)[1] == set(KEYS)
    path.write_text("{\n" + KEYS[0])
    assert read_ledger(path) == ({}, {KEYS[0]})


def test_a_cache_that_is_cleared_keeps_no_ledger_and_no_state(tmp_path):
    build(tmp_path, [item(tmp_path, "ana")])
    assert list((tmp_path / "cache" / "ledgers").iterdir())
    Store(tmp_path / "cache").prune()
    assert not list((tmp_path / "cache" / "ledgers").iterdir())
    assert not list((tmp_path / "cache" / "plans").glob("*.json"))
    assert run([item(tmp_path, "ana")], settings=settings(tmp_path), jobs=1).count("skipped") == 1


def test_a_thing_is_noted_before_it_is_made(tmp_path):
    ledger = tmp_path / "ledger"
    store = Store(tmp_path / "store", Ledger(ledger, {}))

    def make(part: Path) -> None:
        assert KEYS[0] in read_ledger(ledger)[1]
        part.write_bytes(b"x")

    store.get_or_make(KEYS[0], make)
    store.note(KEYS[1])
    assert read_ledger(ledger)[1] == set(KEYS[:2])


@pytest.mark.slow
@pytest.mark.parametrize("what", ["ana/01 small.manifest.json", "report.html", "ledgers"])
def test_what_cannot_be_read_is_not_passed_over(tmp_path, monkeypatch, what):
    items = [item(tmp_path, who) for who in ("ana", "ben")]
    summary = run(items, settings=settings(tmp_path), jobs=1)
    write_report(items, summary, tmp_path / "out", title="x", date="y")
    real = Path.read_text

    def damaged(path, *args, **options):
        if what in path.as_posix():
            raise OSError(errno.EIO, "Input/output error")
        return real(path, *args, **options)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "read_text", damaged)
        with pytest.raises(OutputError, match="cannot be read"):
            forget(items, "ana", settings(tmp_path), tmp_path / "out")
    forget(items, "ana", settings(tmp_path), tmp_path / "out")
    assert not (tmp_path / "out" / "ana").exists()
    assert WORDS["ana"].encode() not in b"".join(tree(tmp_path).values())


def test_a_ledger_is_on_the_disk_before_its_recording_is_there(tmp_path, monkeypatch):
    settled = []
    real = Ledger.settle

    def settle(ledger):
        settled.append(not list((tmp_path / "out").rglob("*.manifest.json")))
        real(ledger)

    monkeypatch.setattr(Ledger, "settle", settle)
    build(tmp_path, [item(tmp_path, "ana")])
    assert settled == [True]
