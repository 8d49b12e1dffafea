"""A manifest that comes from elsewhere: whatever stands in it, it is read or refused in one clear message."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from feeds import record

from kindvoice.errors import ManifestError
from kindvoice.jobs.state import named_clips, named_files
from kindvoice.publish.manifest import read_release


def with_artifact(**facts: object):
    def change(document: dict) -> None:
        document["artifacts"][0] |= facts

    return change


@pytest.mark.parametrize(
    "change",
    [
        with_artifact(name="a\0.mp3"),
        with_artifact(name="a\ud800.mp3"),
        with_artifact(name="../a.mp3"),
        with_artifact(sha256="not a digest"),
        with_artifact(bytes=float("inf")),
        lambda document: document.update(duration_ms=float("inf")),
        lambda document: document["tags"].update(track="third"),
    ],
)
def test_a_damaged_manifest_is_refused(tmp_path: Path, change):
    path = record(tmp_path, "a")
    document = json.loads(path.read_text())
    change(document)
    path.write_text(json.dumps(document))
    with pytest.raises(ManifestError, match="damaged"):
        read_release(path)


def test_a_manifest_without_a_bottom_is_refused(tmp_path: Path):
    path = tmp_path / "a.manifest.json"
    path.write_text("[" * 100_000)
    with pytest.raises(ManifestError, match="cannot be read"):
        read_release(path)
    assert named_files(path) == named_clips(path) == frozenset()
