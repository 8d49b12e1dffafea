"""A gentle reading, and words for some."""

from __future__ import annotations

import pytest
from make import read_script

from kindvoice.errors import ScriptError
from kindvoice.model import Pause, Words
from kindvoice.script.load import GENTLE_SILENCE_MS, GENTLE_STRETCH


@pytest.fixture
def script(tmp_path):
    path = tmp_path / "a.md"
    path.write_text(
        "Rest. [pause 8s] [silence 2m] [pause 40s min 30s max 90s] [long pause]\n"
        "{% if gentle %}Look around.{% endif %}\n"
        '{% if audience == "carers" %}You who care.{% else %}Everyone.{% endif %}\n'
    )
    return path


def said(script) -> list[str]:
    return [cue.text for cue in script.cues if isinstance(cue, Words)]


def test_no_silence_is_long_in_a_gentle_reading(script):
    plain, gentle = read_script(script), read_script(script, gentle=True)
    assert [c.natural_ms for c in plain.cues if isinstance(c, Pause)] == [8_000, 120_000, 40_000, None]
    pauses = [c for c in gentle.cues if isinstance(c, Pause)]
    assert [c.natural_ms for c in pauses] == [8_000, GENTLE_SILENCE_MS, GENTLE_SILENCE_MS, None]
    assert all(c.max_ms is None or c.max_ms <= GENTLE_SILENCE_MS for c in pauses)
    assert all(c.min_ms is None or c.min_ms <= GENTLE_SILENCE_MS for c in pauses)
    assert gentle.style.stretch == GENTLE_STRETCH < plain.style.stretch


def test_the_text_sees_who_it_is_for(script):
    assert said(read_script(script)) == ["Rest.", "Everyone."]
    assert said(read_script(script, gentle=True)) == ["Rest.", "Look around.", "Everyone."]
    assert said(read_script(script, audience="carers")) == ["Rest.", "You who care."]


@pytest.mark.parametrize(("audience", "gentle", "heard"), [
    ("everyone", False, "All. Still."), ("everyone", True, "All. Look."), ("trauma-sensitive", False, "All. Look."),
    ("imageless", False, "All. Look. Still."), ("imageless", True, "All. Look."),
    ("parents", False, "All. Yours. Still."), ("parents", True, "All. Look. Yours."),
])  # fmt: skip
def test_trauma_sensitive_is_the_gentle_reading(tmp_path, audience, gentle, heard):
    path = tmp_path / "a.md"
    path.write_text(
        "---\naudiences: [parents, imageless, trauma-sensitive]\n---\n"
        "All.\n\n[for imageless, trauma-sensitive] Look.\n\n[for parents] Yours.\n\n[not for trauma-sensitive] Still.\n"
    )
    script = read_script(path, audience=audience, gentle=gentle)
    assert (" ".join(said(script)), script.audiences) == (heard, {"parents", "imageless"})


@pytest.mark.parametrize(
    ("front", "message"),
    [
        ("range: 5m", "no range"),
        ("range: 9m to 5m", "runs backwards"),
        ("range: soon to later", "not a length"),
        ("audiences: carers", "wants a list"),
        ("audiences: [carer]", "did you mean carers"),
        ("accept: [x]", "wants a table"),
        ("accept: {pace: no}", "say why"),
        ("values: {gentle: true}", "comes from kindvoice itself"),
        ("values: {audience: all}", "comes from kindvoice itself"),
    ],
)
def test_front_matter_that_is_not_understood(tmp_path, front, message):
    path = tmp_path / "a.md"
    path.write_text(f"---\n{front}\n---\nRest.\n")
    with pytest.raises(ScriptError, match=message):
        read_script(path)
