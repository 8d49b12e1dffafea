"""A few of the tries of `scripts/faults`, `scripts/kills` and `scripts/reference`, which make all of them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).resolve().parents[1] / "scripts"
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="children are forked, and looked at in /proc"),
]

TRIES = (
    ("faults", ["forget", "page again", "--every", "197"]),
    ("faults", ["feed", "--fault", "killed", "--alike", "1"]),
    ("fuzz", ["--minutes", "0.01", "--seed", "1"]),
    ("kills", ["import", "feed", "--from", "0", "--count", "2"]),
    ("reference", ["de/on-the-spot-breath", "podcast.mp3"]),
)


@pytest.mark.parametrize(("script", "tries"), TRIES)
def test_nothing_is_wrong_after_it(script, tries, tmp_path):
    done = subprocess.run(
        [sys.executable, SCRIPTS / script, *tries], capture_output=True, text=True, check=False, cwd=tmp_path
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, ""), done.stdout


def test_what_differs_from_the_reference_is_said_in_a_sentence(monkeypatch):
    monkeypatch.syspath_prepend(SCRIPTS)
    from proof.reference import differences, read_reference, written

    text = (Path(__file__).parent / "data" / "reference.txt").read_text(encoding="utf-8")
    known = read_reference(text)
    assert read_reference(written(known)) == known and len(text) < 150_000
    made = {name: dict(facts) for name, facts in known.items()}
    made["en/loving-kindness"]["frames"] = "14448000"
    made["en/loving-kindness"]["chapters"] = "0"
    made["podcast.mp3"] |= {"lufs": "-15.00", "file": "0"}
    made["en/new"] = {}
    del made["acx.mp3"]
    wrong, rounded = differences(known, made)
    assert wrong == [
        "en/loving-kindness has other frames and chapters, 301.000 s in place of 300.000 s",
        f"podcast.mp3 reads -15.00 lufs in place of {known['podcast.mp3']['lufs']}",
        "en/new is new: the reference has nothing of it",
    ]
    assert rounded == ["podcast.mp3 has other file"]
