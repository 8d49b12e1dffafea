"""A sample of a voice: one text as a WAV file."""

from __future__ import annotations

from pathlib import Path

from kindvoice.encode import FORMATS, Target, encode
from kindvoice.errors import SettingsError
from kindvoice.model import Script, Tags, Voice, Where, Words
from kindvoice.paths import data_folder
from kindvoice.publish.output import OURS_ONLY, Guard, check_folder, sealed, write_whole
from kindvoice.script.sentences import split_sentences
from kindvoice.sound.master import master
from kindvoice.sound.mix import Mix
from kindvoice.sound.prepare import reader
from kindvoice.speech.lexicon import read_lexicon
from kindvoice.speech.speak import speak
from kindvoice.store import Store, mended
from kindvoice.timing.fit import fit
from kindvoice.timing.resolve import make_timeline


def say_sample(
    text: str,
    voice: Voice,
    store: Store,
    path: Path,
    voice_folders: tuple[Path, ...] = (data_folder("voices"),),
    guard: Guard = OURS_ONLY,
) -> None:
    """One text in one voice as a WAV file, levelled as in a recording, with a little silence around it."""
    where = Where(path="the text", line=0)
    script = Script(
        title=voice.title,
        language=voice.language,
        cues=tuple(Words(text=sentence, where=where) for sentence in split_sentences(" ".join(text.split()))),
    )
    if not any(c.isalnum() for c in text):
        raise SettingsError(
            "there is nothing to say", cure='such as: kindvoice voices say heart "May I be safe."'
        )
    check_folder(path.parent)
    guard.check(path)
    timeline = make_timeline(script)
    lexicons = {"": read_lexicon(voice_folders, voice)}
    tags = Tags(title=voice.title, artist="kindvoice", language=voice.language, comment=voice.credit)

    def make(target: Path) -> None:
        spoken = speak(timeline, {"": voice}, store, lexicons=lexicons)
        schedule = fit(timeline, spoken.clips, {}, head_ms=300, tail_ms=500)
        mix = Mix(schedule, reader(store))
        wav = Target(path=target, frames=schedule.frames, tags=tags, chapters=(), bitrate=0)
        encode(master(mix.blocks(), 0.0, -1.0), [(FORMATS["wav"], wav)])

    with store.workspace() as work:
        mended(store, lambda: make(work / path.name))
        write_whole(path, sealed((work / path.name).read_bytes()), guard)
