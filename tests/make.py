"""Small timelines, schedules and requests for tests."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from kindvoice import script
from kindvoice.build import prepared, recording
from kindvoice.build.read import read
from kindvoice.build.request import Publication, Request
from kindvoice.model import (
    BedChange,
    Clip,
    Gap,
    Glue,
    Item,
    Mark,
    Ring,
    Say,
    Script,
    Timeline,
    Voice,
)
from kindvoice.paths import data_folder
from kindvoice.script import Version
from kindvoice.script.library import Entry, entries
from kindvoice.store import Store
from kindvoice.units import ms_to_frames


@cache
def library() -> tuple[Entry, ...]:
    """The practices that come with kindvoice."""
    return tuple(entries([data_folder("scripts_library")]))


def make_voice(engine: str = "tone", **facts: Any) -> Voice:
    """A voice of which no more is said than a test needs."""
    usual = {"name": engine, "title": engine, "language": "en", "licence": "any", "credit": "none"}
    return Voice(engine=engine, **(usual | facts))


def clip(ms: int, key: str = "k", lead_ms: int = 60, tail_ms: int = 200) -> Clip:
    """A clip whose sound lasts `ms`."""
    lead, tail = ms_to_frames(lead_ms), ms_to_frames(tail_ms)
    return Clip(key=key, frames=lead + ms_to_frames(ms) + tail, lead_frames=lead, tail_frames=tail)


def timeline(picture: str) -> tuple[Timeline, dict[tuple[str, str], Clip], dict[str, Clip]]:
    """A timeline from a picture: `a1000 _500-2000-4000 !3000 #Title ~rain`.

    a1000: an utterance named a of 1000 ms; b1000@4000: in a slot of 4000. _500-2000-4000: glue, min, natural,
    max. =700: a hold. !3000: a bell that rings 3000 ms and is waited for; ?3000: one that is not.
    ~rain, ~: a bed, no bed. #x: a chapter.
    """
    items: list[Item] = []
    clips: dict[tuple[str, str], Clip] = {}
    sounds: dict[str, Clip] = {}
    for token in picture.split():
        if token[0] == "_":
            least, natural, most = map(int, token[1:].split("-"))
            items.append(Gap(glue=Glue(min_ms=least, natural_ms=natural, max_ms=most), kind="pause"))
        elif token[0] == "=":
            ms = int(token[1:])
            items.append(Gap(glue=Glue(min_ms=ms, natural_ms=ms, max_ms=ms), kind="hold"))
        elif token[0] in "!?":
            ms = int(token[1:])
            name = f"bell{ms}"
            sounds[name] = clip(ms, name, 0, 0)
            items.append(Ring(sound=name, advance_ms=None if token[0] == "!" else 0))
        elif token[0] == "#":
            items.append(Mark(title=token[1:]))
        elif token[0] == "~":
            items.append(BedChange(sound=token[1:] or None))
        else:
            found = re.fullmatch(r"([a-z]+)(\d+)(?:@(\d+))?", token)
            assert found, token
            name, ms, slot = found[1], int(found[2]), found[3]
            clips["", name] = clip(ms, name)
            items.append(Say(text=name, slot_ms=int(slot) if slot else None))
    return Timeline(title="A test", language="en", items=tuple(items)), clips, sounds


def version(path: Path, **options: Any) -> Version:
    """options: by the names of Version; phrases in any sequence, values in a dict."""
    phrases, values = options.pop("phrases", None), options.pop("values", None) or {}
    return Version(
        script=path, phrases=None if phrases is None else tuple(phrases), values=tuple(dict(values).items()), **options
    )  # fmt: skip


def read_script(path: Path, **options: Any) -> Script:
    return script.read_script(version(path, **options))


def changed(request: Request, **options: Any) -> Request:
    """options: by the names of Version, Sound and Publication."""
    for part in ("version", "sound", "publication"):
        names = {field.name for field in fields(getattr(request, part))} & options.keys()
        these = {name: options.pop(name) for name in names}
        request = replace(request, **{part: replace(getattr(request, part), **these)})
    assert not options, options
    return request


def flat(request: Request) -> SimpleNamespace:
    """All options by their names."""
    parts = (request.version, request.sound, request.publication)
    return SimpleNamespace(
        **{field.name: getattr(part, field.name) for part in parts for field in fields(part)}
    )


def make_request(path: Path, folder: Path = Path(), **options: Any) -> Request:
    return changed(Request(version=Version(script=path), publication=Publication(folder=folder)), **options)


def prepare(request: Request, voices: Mapping[str, Voice], store: Store) -> prepared.Prepared:
    return prepared.prepare(read(request, voices), store)


def render(
    request: Request, voices: Mapping[str, Voice], store: Store, on_event: Callable[..., None] = lambda event: None
) -> recording.RenderResult:  # fmt: skip
    return recording.render(read(request, voices), store, on_event)
