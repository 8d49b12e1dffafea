"""kindvoice from Python: `kindvoice.render("loving-kindness", phrases=["May I be kind to myself."], length="10m")`."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from kindvoice.build import recording as build
from kindvoice.build.context import (
    all_voices,
    default_publication,
    default_sound,
    open_store,
    script_folders,
    settings,
)
from kindvoice.build.context import names as split_names
from kindvoice.build.prepared import Progress
from kindvoice.build.read import read
from kindvoice.build.request import Request, destination
from kindvoice.encode import FORMATS
from kindvoice.encode.decode import decode
from kindvoice.errors import ScriptError, SettingsError, revealed
from kindvoice.model import Loudness
from kindvoice.script import Version, make_phrase
from kindvoice.script.frontmatter import RESERVED, parse_audience, parse_language, parse_length
from kindvoice.script.library import find_script
from kindvoice.script.load import script_language
from kindvoice.script.tags import read_tags
from kindvoice.units import RATE, frames_to_ms


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """A finished recording."""

    files: Mapping[str, Path]
    """by kind: a format (mp3, m4b...), a caption format (vtt...), chapters, cover, manifest"""
    duration_ms: int
    loudness: Mapping[str, Loudness]
    """by format, as measured on the finished file"""
    warnings: tuple[str, ...]
    """what is wrong with the files"""
    notes: tuple[str, ...]
    """what is worth knowing of the wishes, voices and takes in them; may hold a participant's words"""

    @property
    def path(self) -> Path:
        """The first sound file."""
        return self.files[next(iter(self.loudness))]

    def samples(self) -> npt.NDArray[np.float32]:
        """The whole sound, decoded: float32, shape (n, 2), 48 kHz, full scale 1.0; n is exactly the duration.

        From a lossless file where one was made. 23 MB a minute: for a long programme read the file in blocks.
        """
        kinds = sorted(self.loudness, key=lambda kind: FORMATS[kind].lossy)
        frames = self.duration_ms * RATE // 1000
        sound = np.concatenate(list(decode(self.files[kinds[0]], rate=RATE, own=True)))[:frames]
        # Some decoders keep the last codec frame whole, some lose a little of it.
        return np.pad(sound, ((0, frames - len(sound)), (0, 0)))

    def audio_segment(self) -> Any:
        """The whole sound as a pydub.AudioSegment: 16 bits, 48 kHz, stereo."""
        with warnings.catch_warnings():
            warnings.simplefilter(
                "ignore"
            )  # of its own spelling, and of a missing ffmpeg, which is not needed
            from pydub import AudioSegment
        whole = np.clip(np.rint(self.samples().astype(np.float64) * 32_768), -32_768, 32_767).astype("<i2")
        return AudioSegment(data=whole.tobytes(), sample_width=2, frame_rate=RATE, channels=2)


def render(
    script: str | Path,
    *,
    phrases: str | Sequence[str] = (),
    length: str | None = None,
    language: str | None = None,
    voice: str | None = None,
    bed: str | None = None,
    landing: str | None = None,
    preset: str | None = None,
    formats: str | Sequence[str] = (),
    captions: str | Sequence[str] = ("vtt",),
    values: Mapping[str, object] | None = None,
    gentle: bool = False,
    audience: str = "everyone",
    without: str | Sequence[str] = (),
    tags: Mapping[str, object] | None = None,
    cover: str | Path | None = None,
    output: str | Path | None = None,
    name: str | None = None,
    force: bool = False,
    strict: bool = False,
    on_progress: Callable[[str, int, int], None] | None = None,
) -> Rendered:
    """Makes a finished recording, as `kindvoice render` does with the same settings, variables and defaults.

    script: a file, or a practice of the library. phrases: a participant's own wishes; they are data and spoken as
    plain words. length: such as "20m", "12m30s" or "12:30"; None: the script's own. formats: mp3, m4b, m4a, opus, ogg,
    flac, wav; none: the preset's. landing: so long before its end, such as "8m", it begins to grow sparser and
    quieter, for somebody who falls asleep. captions: vtt, srt, lrc, txt, html. values: what the script asks for.
    without: titles of chapters that are left out. tags: title, artist, album, track ("3/8"), date... cover: a
    picture's path, "off", or None: one is drawn. output: the folder, by default ./output. force: replace also files
    there that kindvoice did not make, or that were changed since; what this is made from never. strict: a phrase
    without a sure form for somebody else is an error, where else other words are spoken and the notes tell it.
    on_progress: called with a stage (speak, measure, encode, check), done, and of.

    A single text may stand for a list of one phrase, and "mp3, opus" for formats or captions.

    Raises kindvoice.errors.KindvoiceError, which says what is wrong, where, and the likely cure.
    """
    config = settings()
    try:
        version = Version(
            script=Path(), language=parse_language(language) if language is not None else None,
            length_ms=parse_length(length) if length is not None else None, gentle=gentle,
            audience=parse_audience(audience), strict=strict, without=tuple(_several(without)),
            values=tuple((values or {}).items()),
        )  # fmt: skip
        landing_ms = parse_length(landing) if landing is not None else 0
        checked_tags = tuple(read_tags(tags or {}).items())
    except ValueError as error:
        raise SettingsError(str(error)) from None
    for reserved in RESERVED & set(values or {}):
        raise ScriptError(f"values cannot change {reserved!r}", cure="give it as an argument of its own")
    path = find_script(str(script), version.language, script_folders(config))
    spoken_in = version.language or script_language(path)
    participants = tuple(make_phrase(text, spoken_in) for text in _several(phrases))
    folder, name, chosen = destination(
        Path(output) if output is not None else config.output, name, split_names(*_several(formats))
    )
    usual = default_publication(config, folder)
    request = Request(
        version=replace(version, script=path, phrases=participants or None),
        sound=replace(default_sound(config), voice=voice, bed=bed, preset=preset, landing_ms=landing_ms),
        publication=replace(
            usual, name=name, formats=chosen or usual.formats,
            captions=split_names(*_several(captions)), tags=checked_tags,
            cover=str(cover) if cover is not None else None, force=force,
        ),
    )  # fmt: skip

    def on_event(event: Progress) -> None:
        if on_progress is not None:
            on_progress(event.stage, event.done, event.total)

    result = build.render(read(request, all_voices(config)), open_store(config), on_event)
    return Rendered(
        files={**{a.kind: a.path for a in result.artifacts}, "manifest": result.manifest},
        duration_ms=frames_to_ms(result.prepared.schedule.frames),
        loudness=result.loudness,
        warnings=tuple(map(revealed, result.warnings)),
        notes=tuple(map(revealed, result.notes)),
    )


def _several(texts: str | Sequence[str]) -> Sequence[str]:
    """A text is a sequence too, of letters, and every one of them would be spoken as a phrase."""
    return [texts] if isinstance(texts, str) else texts
