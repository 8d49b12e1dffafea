"""Some people at once at a real studio, through HTTP, which is killed midway and started again.

`scripts/bench --studio` is the same with more people for longer.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest
from ordering import SCRIPT

KINDS = [("short-kindness", 1)]


@pytest.fixture
def crowd(monkeypatch):
    monkeypatch.syspath_prepend(Path(__file__).resolve().parents[2] / "scripts")
    import crowd

    return crowd


def test_words_of_others_are_found_wherever_they_are(crowd):
    first, second = crowd.word(1), crowd.word(3_999_999)
    assert len({crowd.word(number) for number in range(20_000)}) == 20_000
    for told in (f"<p>May I be {first.upper()}.</p>", f"x{first}y".encode(), f"{first}".encode("utf-16-le")):
        assert crowd.words_in(told) == {first}
    assert crowd.words_in(f"{first} {second} Zoe zoology") == {first, second}


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="kills as Linux and macOS do")
def test_a_crowd_and_a_kill(crowd, tmp_path):
    scripts = tmp_path / "scripts" / "en"
    scripts.mkdir(parents=True)
    (scripts / "short-kindness.md").write_text(SCRIPT, encoding="utf-8")
    server = crowd.Server(tmp_path / "studio", scripts=tmp_path / "scripts")
    story = asyncio.run(crowd.gather(server, 2, 0.4, KINDS, calm_s=0.3, least=1, most_wait_s=300))
    notes = story.notes
    told = "\n".join(crowd.told(story))
    assert not notes.faults, told
    assert len(notes.links) >= 3 and story.open_at_kill, told
    assert notes.deeds["accepted orders that are finished"], told
    assert notes.deeds["recordings made once more alone, the same to the byte"] == 1, told
    assert notes.statuses["206"] and notes.statuses["303"], told
