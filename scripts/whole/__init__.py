"""Recordings of a plan against their own whole encodes: `scripts/bench --whole PEOPLE`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from kindvoice.build.context import all_voices
from kindvoice.build.prepared import prepare
from kindvoice.build.read import read
from kindvoice.encode import Target, find_format
from kindvoice.encode.decode import decode
from kindvoice.model import Loudness, Tags
from kindvoice.plan.expand import expand
from kindvoice.plan.read import read_plan
from kindvoice.publish.manifest import read_release
from kindvoice.settings import load_settings
from kindvoice.sound.deliver import finish
from kindvoice.sound.meter import measure
from kindvoice.sound.prepare import reader
from kindvoice.sound.segments import Programme
from kindvoice.store import Store
from kindvoice.units import RATE, gain_to_db


@dataclass(frozen=True)
class Compared:
    """One recording."""

    exact: bool
    """as long as its programme, to the sample, and as its whole encode"""
    stated_lu: float
    stated_rms_db: float
    stated_peak_db: float
    """how far the manifest's readings are from those of the file, decoded"""
    whole_lu: float
    """how far the file is from its whole encode"""
    difference_db: float
    """RMS of the file less its whole encode, against the RMS of that"""


def compare(plan: Path, output: Path, environ: Mapping[str, str], work: Path) -> Iterator[Compared]:
    """Every recording of a plan that has been built with these variables. work: a folder for a file."""
    settings = load_settings(environ)
    voices, store = all_voices(settings), Store(settings.cache)
    mp3 = find_format("mp3")
    for item in expand(read_plan(plan), output=output, settings=settings):
        release = read_release(item.request.manifest)
        prepared = prepare(read(item.request, voices), store)
        preset, schedule = prepared.preset, prepared.schedule
        target = Target(
            path=work / "whole.mp3", frames=schedule.frames, chapters=(), bitrate=preset.bitrate,
            tags=Tags(title="", artist="", language="", comment=""),
        )  # fmt: skip
        programme = Programme(schedule, reader(store))
        finish(programme, [(replace(mp3, codec=None), target)], preset, store, lambda stage, done, of: None)
        [path] = [artifact.path for artifact in release.artifacts if artifact.kind == "mp3"]
        yield _compared(path, target, release.loudness["mp3"])


def _compared(path: Path, target: Target, stated: Loudness) -> Compared:
    joined, whole = (np.concatenate(list(decode(each, own=True))) for each in (path, target.path))
    heard, other = measure([joined], RATE), measure([whole], RATE)
    count = min(len(joined), len(whole))
    error = np.sqrt(np.mean((joined[:count] - whole[:count]) ** 2)) / np.sqrt(np.mean(whole**2))
    return Compared(
        exact=len(joined) == len(whole) == target.frames,
        stated_lu=abs(stated.integrated_lufs - heard.integrated_lufs),
        stated_rms_db=abs(stated.rms_db - heard.rms_db),
        stated_peak_db=abs(stated.true_peak_dbtp - heard.true_peak_dbtp),
        whole_lu=abs(heard.integrated_lufs - other.integrated_lufs),
        difference_db=gain_to_db(float(error)),
    )
