"""How a finished file gets to its place."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from kindvoice.publish.output import place


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
