"""A file that changes is seen once, whole, however an editor writes it."""

from __future__ import annotations

import os

from kindvoice.studio.host.events import event
from kindvoice.studio.teach.watch import Watch, digest_of


def settle(watch: Watch) -> bool:
    """Asked twice, as time would."""
    return [watch.changed(), watch.changed()][-1]


def test_it_sees_new_words_once_and_when_they_are_at_rest(tmp_path):
    path = tmp_path / "a.md"
    path.write_text("one")
    watch = Watch([path])
    first = watch.digest
    assert not watch.changed()
    path.write_text("one two")
    assert not watch.changed(), "it may still be being written"
    path.write_text("one two three")
    assert not watch.changed()
    assert watch.changed()
    assert watch.digest != first
    assert not watch.changed()


def test_the_same_bytes_written_again_are_no_change(tmp_path):
    path = tmp_path / "a.md"
    path.write_text("one")
    watch = Watch([path])
    path.write_text("one")
    os.utime(path, ns=(1, 1))
    assert not settle(watch)


def test_a_file_that_an_editor_puts_in_place_of_it(tmp_path):
    path, beside = tmp_path / "a.md", tmp_path / "a.md~"
    path.write_text("one")
    watch = Watch([path])
    path.rename(beside)
    assert not watch.changed(), "gone for a moment only"
    path.write_text("two")
    assert settle(watch)
    path.unlink()
    assert settle(watch), "gone for good is a change"
    path.write_text("three")
    assert settle(watch)


def test_any_of_several(tmp_path):
    paths = [tmp_path / "a", tmp_path / "b"]
    watch = Watch(paths)
    paths[1].write_text("x")
    assert settle(watch)
    assert watch.digest == digest_of(paths) != digest_of(paths[:1])


def test_an_event_is_one_event_whatever_it_holds():
    told = event("look", {"x": "a\n\ndata: b\r\nevent: c\u2028"})
    assert told.count(b"\n") == 3
    assert told.endswith(b"\n\n")
    assert b"\r" not in told
