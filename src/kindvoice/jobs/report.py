"""report.html: a finished plan in one page that anybody can open. Ids and numbers; nobody's words, nobody's name."""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import Template

from kindvoice import __version__
from kindvoice.errors import KindvoiceError, ManifestError
from kindvoice.jobs.items import Item
from kindvoice.jobs.outcome import BUILT, FAILED, LEFT, SKIPPED, Outcome, Summary
from kindvoice.model import Release
from kindvoice.publish.manifest import read_release
from kindvoice.publish.output import OURS_ONLY, Guard, write_whole
from kindvoice.publish.templates import html_templates
from kindvoice.units import short_clock

NAME = "report.html"
_WORDS = {BUILT: "built", SKIPPED: "right already", FAILED: "failed", LEFT: "not tried"}


def write_report(
    items: Sequence[Item],
    summary: Summary,
    folder: Path,
    *,
    title: str,
    date: str,
    guard: Guard = OURS_ONLY,
    notes: Sequence[str] = (),
    left_out: Sequence[KindvoiceError] = (),
) -> Path:
    """report.html in `folder`, in one step. The same inputs give the same bytes.

    items: of the plan; summary: of its run. title: the plan's. date: as it is to be printed. notes: on the plan
    as a whole. left_out: what of it could not be read. Raises OutputError when it cannot be written.
    """
    outcomes = {outcome.item: outcome for outcome in summary.outcomes}
    rows = [_row(item, outcomes[item.id], folder) for item in items if item.id in outcomes]
    text = _template().render(
        title=title,
        date=date,
        rows=rows,
        notes=notes,
        failures=[*map(_left_out, left_out), *(row for row in rows if row["cause"] or row["warnings"])],
        people=any(row["participant"] for row in rows),
        totals=_totals(rows, summary),
        version=__version__,
    )
    write_whole(folder / NAME, text, guard)
    return folder / NAME


def _row(item: Item, outcome: Outcome, folder: Path) -> dict[str, Any]:
    """One item as the report shows it."""
    release = _release(item, outcome)
    reading = next(iter(release.loudness.values()), None) if release else None
    return {
        "item": item.id,
        "title": item.title or item.request.publication.name or item.request.version.script.stem,
        "language": release.tags.language if release else item.request.version.language or "",
        "participant": item.participant or "",
        "status": outcome.status,
        "word": _WORDS[outcome.status],
        "length": short_clock(release.transcript.duration_ms) if release else "",
        "lufs": _number(reading.integrated_lufs if reading else None),
        "peak": _number(reading.true_peak_dbtp if reading else None),
        "links": list(_links(release, folder)) if release else [],
        # Which file it is says its name; whose computer it lies on is nobody's business.
        "cause": outcome.cause.replace(f"{item.request.version.script.parent}{os.sep}", ""),
        "warnings": outcome.warnings,
    }


def _left_out(error: KindvoiceError) -> dict[str, Any]:
    """A row of the participants as the report shows it."""
    where = error.where
    place = f"{Path(where.path).name}:{where.line}" if where else ""
    return {"item": place, "word": "left out", "cause": error.at(None).redacted()}


def _release(item: Item, outcome: Outcome) -> Release | None:
    """The recording as it lies there now; none where building it failed, though an older one may be there."""
    if outcome.status not in {BUILT, SKIPPED}:
        return None
    try:
        return read_release(item.request.manifest)
    except ManifestError:
        return None


def _links(release: Release, folder: Path) -> Iterable[dict[str, Any]]:
    for artifact in release.artifacts:
        yield {"href": _href(artifact.path, folder), "text": artifact.kind, "bytes": artifact.bytes}


def _href(path: Path, folder: Path) -> str:
    """From the report to the file: relative where it can be, so that the folder may be moved as a whole."""
    path, folder = path.absolute(), folder.absolute()
    if path.anchor != folder.anchor:
        return path.as_uri()
    return "./" + "/".join(map(quote, Path(os.path.relpath(path, folder)).parts))


def _number(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:.1f}" if math.isfinite(value) else "silence"


def _totals(rows: Sequence[Mapping[str, Any]], summary: Summary) -> list[tuple[str, str]]:
    total = sum(link["bytes"] for row in rows for link in row["links"])
    counted = [(word, summary.count(status)) for status, word in _WORDS.items()]
    return [
        ("recordings", str(len(rows))),
        *((word, str(count)) for word, count in counted if count),
        ("sound", short_clock(summary.audio_ms)),
        ("size", f"{total / 1e6:.1f} MB"),
        *([("lines asked for", str(summary.asked))] if summary.asked else []),
        *([("spoken", str(summary.spoken)), ("reused", str(summary.reused))] if summary.asked else []),
    ]


@cache
def _template() -> Template:
    environment = html_templates(Path(__file__).parent / "templates")
    environment.filters["size"] = size
    return environment.get_template("report.html")


def size(count: int) -> str:
    """Bytes as people read them.

    >>> size(48_000), size(2_345_678)
    ('48 kB', '2.3 MB')
    """
    return f"{count / 1e6:.1f} MB" if count >= 1_000_000 else f"{max(count / 1e3, 1):.0f} kB"
