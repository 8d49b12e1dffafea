"""A listening page on which the listener chooses how long: every length is rendered, cut up and kept once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from kindvoice.build.prepared import OnEvent, Progress
from kindvoice.build.read import Reading, files_read, read
from kindvoice.build.recording import RenderResult, render
from kindvoice.build.request import Request
from kindvoice.encode.lame import frame_bytes
from kindvoice.errors import FitError, ScriptError, SettingsError, terminal
from kindvoice.model import BedChange, Ring, Voice, Where
from kindvoice.publish.manifest import read_release
from kindvoice.publish.output import Guard, output_error, safe_name
from kindvoice.publish.page import write_any_length
from kindvoice.publish.page.any_length import LengthChoice, LengthVariant, SoundPool, pieces_of
from kindvoice.publish.page.place import check_place
from kindvoice.script.load import read_facts
from kindvoice.store import Store
from kindvoice.units import RATE, format_ms

_MINUTE_MS = 60_000


@dataclass(frozen=True, slots=True, kw_only=True)
class AnyLengthPage:
    """What was made."""

    index: Path
    """the page to open"""
    title: str
    minutes: tuple[int, ...]
    """the lengths that can be chosen"""
    recordings: int
    """with and without bell and bed"""
    personal: bool
    """whether somebody's own phrases are spoken in it"""
    warnings: tuple[str, ...]
    notes: tuple[str, ...]
    """both may hold a participant's words"""


@dataclass(frozen=True, slots=True)
class Bounds:
    """Of a page that a host makes for somebody. What is heard is as they asked for it; the minutes alone are a choice,
    and those next to what they asked for come first."""

    minutes: range
    most_bytes: int
    """of sound; with this many nothing more is added"""


def make_any_length_page(
    request: Request, voices: Mapping[str, Voice], store: Store, *, title: str | None = None,
    bounds: Bounds | None = None, on_event: OnEvent = lambda event: None,
) -> AnyLengthPage:  # fmt: skip
    """Every whole minute of the script's range as `render` makes it, with and without bell and bed, on one page.

    request: its publication's folder is the page's; its length is the script's business, or that which is opened where
    there are bounds. title: on the page, instead of the recording's. A length that its words do not fit into is left
    out, with a note.
    Raises KindvoiceError; then nothing in the folder has changed.
    """
    lengths, usual = (bounds.minutes, _asked(request)) if bounds else _minutes(request.version.script)
    readings = {minutes: read(_request(request, LengthChoice(minutes)), voices) for minutes in lengths}
    choices = _nearest(lengths, usual) if bounds else list(_choices(readings))
    first = readings[lengths[0]]
    if first.preset.rate != RATE:
        raise SettingsError(
            f"a page of any length needs MP3s of {RATE / 1000:g} kHz, and {first.preset.name} asks for "
            f"{first.preset.rate / 1000:g} kHz",
            cure=f"choose another preset, such as {terminal('--preset ')}podcast",
        )
    folder = request.publication.folder
    inputs = dict.fromkeys(path for reading in readings.values() for path in files_read(reading))
    guard = Guard(inputs=tuple(inputs), force=request.publication.force)
    check_place(folder, guard)
    try:
        with store.workspace() as work:
            pool = SoundPool(work)
            most = bounds.most_bytes if bounds else None
            variants, warnings, notes = _render_all(
                request, choices, voices, store, work, pool, most, on_event
            )
            index = write_any_length(variants, pool.chunks(), usual, folder, guard, title=title)
    except OSError as error:
        raise output_error(error, folder, store.root) from error
    return AnyLengthPage(
        index=index,
        title=title or variants[0].release.tags.title,
        minutes=tuple(sorted({variant.choice.minutes for variant in variants})),
        recordings=len(variants),
        personal=variants[0].release.personal,
        warnings=tuple(warnings),
        notes=tuple(notes),
    )


def _render_all(
    request: Request, choices: Sequence[LengthChoice], voices: Mapping[str, Voice], store: Store, work: Path,
    pool: SoundPool, most_bytes: int | None, on_event: OnEvent,
) -> tuple[list[LengthVariant], dict[str, None], dict[str, None]]:  # fmt: skip
    """Those that can be, at least one; with every warning and every note once. Raises FitError when none can be."""
    variants: list[LengthVariant] = []
    warnings: dict[str, None] = {}
    notes: dict[str, None] = {}
    unfit: FitError | None = None
    for done, choice in enumerate(choices):
        on_event(Progress(stage="lengths", done=done, total=len(choices)))
        if most_bytes is not None and pool.bytes >= most_bytes:
            break
        one = _request(request, choice, work / "-".join(map(str, choice)))
        try:
            result = render(read(one, voices), store, on_event)
        except FitError as error:
            unfit = error
            notes[f"{one.name} is left out: {error.marked_what}"] = None
            continue
        warnings |= dict.fromkeys(f"{one.name}: {warning}" for warning in result.warnings)
        notes |= dict.fromkeys(result.notes)
        variants.append(_kept(choice, result, pool))
    if unfit and not variants:
        raise unfit
    return variants, warnings, notes


def _kept(choice: LengthChoice, result: RenderResult, pool: SoundPool) -> LengthVariant:
    """The recording without its MP3, which is in the pool now."""
    release = read_release(result.manifest)
    mp3, cover = release.artifacts[0].path, release.artifact("cover")
    picture = cover.path.read_bytes() if cover else b""
    preset = result.prepared.preset
    ranges = pool.add(pieces_of(mp3, frame_bytes(preset.bitrate, preset.rate), picture))
    mp3.unlink()
    return LengthVariant(choice=choice, release=release, ranges=ranges)


def _minutes(script: Path) -> tuple[range, int]:
    """The whole minutes that a script is written for, and the one nearest to its usual length."""
    facts = read_facts(script)
    where = Where(path=str(script), line=0)
    if "range" not in facts:
        raise ScriptError(
            "the script does not say which lengths it is written for", where=where,
            cure="write it between the lines of --- at its top, such as: range: 5m to 20m",
        )  # fmt: skip
    low, high = facts["range"]
    minutes = range(-(-low // _MINUTE_MS), high // _MINUTE_MS + 1)
    if not minutes:
        raise ScriptError(
            f"there is no whole minute from {format_ms(low)} to {format_ms(high)}, the script's `range`",
            where=where, cure="such as: range: 5m to 20m",
        )  # fmt: skip
    return minutes, round(facts.get("length", low) / _MINUTE_MS)


def _asked(request: Request) -> int:
    return round((request.version.length_ms or 0) / _MINUTE_MS)


def _nearest(lengths: range, usual: int) -> list[LengthChoice]:
    return [LengthChoice(minutes) for minutes in sorted(lengths, key=lambda minutes: abs(minutes - usual))]


def _choices(readings: Mapping[int, Reading]) -> Iterator[LengthChoice]:
    """Bell and bed are a choice where there are any at some length."""
    items = [item for reading in readings.values() for item in reading.timeline.items]
    bells = (True, False) if any(isinstance(item, Ring) for item in items) else (True,)
    beds = (True, False) if any(isinstance(item, BedChange) and item.sound for item in items) else (True,)
    for minutes in readings:
        yield from (LengthChoice(minutes, bell, bed) for bed in beds for bell in bells)


def _request(request: Request, choice: LengthChoice, folder: Path | None = None) -> Request:
    name = f"{request.name}-{choice.minutes}m"
    name += ("" if choice.bell else "-no-bell") + ("" if choice.bed else "-no-bed")
    sound, publication = request.sound, request.publication
    return replace(
        request,
        version=replace(request.version, length_ms=choice.minutes * _MINUTE_MS),
        sound=replace(
            sound, bell=sound.bell if choice.bell else "off", bed=sound.bed if choice.bed else "off"
        ),
        publication=replace(
            publication, folder=folder or publication.folder, name=safe_name(name), formats=("mp3",)
        ),
    )
