"""The nouns, one module per stage. Frozen, no arrays inside, a unit in every name.

script file -> Script (cues) -> Timeline (resolved) -> Clips -> Schedule (exact frames) -> files
"""

# Names side by side.
# isort: off
from kindvoice.model.finished import (
    Artifact, Line, Loudness, Picture, Preset, Release, Section, Tags, Transcript,
)  # fmt: skip
from kindvoice.model.places import Spans, Where, spans_within
from kindvoice.model.schedule import (
    BedEvent, BellEvent, ChapterMark, Clip, GapEvent, Schedule, SpeechEvent,
)  # fmt: skip
from kindvoice.model.script import (
    Bed, Bell, Breathe, Chapter, Cue, Glue, Hold, LeftOut, ParagraphBreak, Pause, Script, StandIn, Style, Unspoken,
    VoiceChange, Words,
)  # fmt: skip
from kindvoice.model.timeline import (
    SOUNDS_CLOSE, SOUNDS_OPEN, BedChange, Gap, Item, Landing, Mark, Ring, Say, Timeline, TimelinePart,
    Utterance,
)  # fmt: skip
from kindvoice.model.voice import ACCEPTED, LOOK, NOISE_DB, SURE, Download, Take, Voice

__all__ = [
    "ACCEPTED", "LOOK", "NOISE_DB", "SOUNDS_CLOSE", "SOUNDS_OPEN", "SURE", "Artifact", "Bed", "BedChange",
    "BedEvent", "Bell", "BellEvent", "Breathe", "Chapter", "ChapterMark", "Clip", "Cue", "Download", "Gap",
    "GapEvent", "Glue", "Hold", "Item", "Landing", "LeftOut", "Line", "Loudness", "Mark", "ParagraphBreak", "Pause",
    "Picture", "Preset", "Release", "Ring", "Say", "Schedule", "Script", "Section", "Spans", "SpeechEvent", "StandIn",
    "Style", "Tags", "Take", "Timeline", "TimelinePart", "Transcript", "Unspoken", "Utterance", "Voice", "VoiceChange",
    "Where", "Words", "spans_within",
]  # fmt: skip
