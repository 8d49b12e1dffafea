"""How a finished file gets to its place."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from kindvoice.errors import OutputError
from kindvoice.publish.output import OURS_ONLY, place, place_all, recorded, write_new
from kindvoice.store import file_sha256


@pytest.mark.parametrize("disks", [1, 2])
def test_a_file_in_its_place_has_the_usual_rights_and_the_process_keeps_its_own(tmp_path, monkeypatch, disks):
    """A process's umask is for all of its threads: to look at it is to open every file that another makes just then."""
    (tmp_path / "work").mkdir()
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "a.txt").write_text("before")
    made = tmp_path / "work" / "a.txt"
    made.write_text("words")
    usual, replaced = made.stat().st_mode, Path.replace

    def other_disk(path, target):
        if Path(path).parent != Path(target).parent:
            raise OSError(errno.EXDEV, "another disk")
        return replaced(path, target)

    def untouched(mask):
        raise AssertionError("the umask was changed")

    if disks == 2:
        monkeypatch.setattr(Path, "replace", other_disk)
    monkeypatch.setattr(os, "umask", untouched)
    final = place(made, tmp_path / "out")
    assert (final.read_text(), final.stat().st_mode) == ("words", usual)
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["a.txt"]


def test_a_new_file_is_whole_or_not_there(tmp_path, monkeypatch):
    path = tmp_path / "new.md"
    with monkeypatch.context() as patch:
        patch.setattr(os, "link", killed)
        with pytest.raises(KeyboardInterrupt):
            write_new(path, "words")
    assert not list(tmp_path.iterdir())
    write_new(path, "words", mode=0o600)
    assert path.read_text() == "words" and (os.name == "nt" or path.stat().st_mode & 0o777 == 0o600)
    for links in (True, False):
        with monkeypatch.context() as patch:
            if not links:
                patch.setattr(os, "link", without_links)
            with pytest.raises(OutputError, match="is there already"):
                write_new(path, "others")
            write_new(tmp_path / f"{links}.md", "more")
    assert {p.name: p.read_text() for p in tmp_path.iterdir()} == {
        "new.md": "words", "True.md": "more", "False.md": "more",
    }  # fmt: skip


def killed(*paths):
    raise KeyboardInterrupt


def without_links(*paths):
    raise OSError(errno.EPERM, "no links on this disk")


def test_a_file_is_on_the_disk_before_it_has_its_name(tmp_path, monkeypatch):
    work, folder = tmp_path / "work", tmp_path / "out"
    for each in (work, folder):
        each.mkdir()
    synced, names = [], {}
    real = os.fsync
    monkeypatch.setattr(os, "fsync", lambda handle: (synced.append(os.fstat(handle).st_ino), real(handle))[1])
    for name in ("a.mp3", "a.vtt"):
        (work / name).write_text(name)
        names[name] = file_sha256(work / name)
    place_all(names, work, folder, {}, folder / ".kindvoice-a.journal", OURS_ONLY)
    assert {(folder / name).stat().st_ino for name in names} <= set(synced)


def test_a_file_that_cannot_be_read_is_not_said_to_be_somebody_elses(tmp_path, monkeypatch):
    (tmp_path / "a.html").write_text("words")

    def damaged(path):
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr("kindvoice.publish.output.file_sha256", damaged)
    with pytest.raises(OutputError, match="is there already and cannot be read: Input/output error"):
        OURS_ONLY.check(tmp_path / "a.html")
    monkeypatch.setattr(Path, "read_text", lambda path, **options: damaged(path))
    with pytest.raises(OutputError, match="tells which files are kindvoice's: Input/output error"):
        recorded(tmp_path / "a.html")
