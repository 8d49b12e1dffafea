"""A transcript as one web page that needs nothing else: to read, to print, to find one's place in."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from jinja2 import Template
from markupsafe import Markup

from kindvoice.languages import direction, nearest_tag, primary
from kindvoice.model import Line, Section, Transcript
from kindvoice.publish.captions.base import CaptionFormat, spoken_runs
from kindvoice.publish.captions.plain import plain, sentence_space
from kindvoice.publish.templates import html_templates
from kindvoice.units import short_clock

LABELS: dict[str, list[str]] = tomllib.loads(
    Path(__file__).with_name("labels.toml").read_text(encoding="utf-8")
)
"""what the page itself says, by language"""


def transcript_html(transcript: Transcript) -> str:
    """Valid HTML whatever is said in it, without scripts and without a link to anywhere else."""
    label_lang = nearest_tag(transcript.language, LABELS) or "en"
    sections = [
        _section(i, section, transcript.language) for i, section in enumerate(transcript.sections, start=1)
    ]
    sections = [section for section in sections if section["paragraphs"] or section["title"]]
    return _template().render(
        title=plain(transcript.title) or LABELS[label_lang][0],
        language=plain(transcript.language),
        rtl=direction(transcript.language) == "rtl",
        labels=LABELS[label_lang],
        label_lang=label_lang if label_lang != primary(transcript.language) else plain(transcript.language),
        duration_ms=transcript.duration_ms,
        chapters=[section for section in sections if section["title"]],
        sections=sections,
        time=_time,
    )


@cache
def _template() -> Template:
    return html_templates(Path(__file__).parent).get_template("transcript.html")


def _section(number: int, section: Section, language: str) -> dict[str, object]:
    paragraphs = [
        {"start_ms": paragraph[0].start_ms, "runs": runs}
        for paragraph in section.paragraphs
        if (runs := [list(_run(run, language)) for run in spoken_runs(paragraph)])
    ]
    title = plain(section.title)
    return {"id": f"chapter-{number}", "title": title, "start_ms": section.start_ms, "paragraphs": paragraphs}


def _run(lines: list[Line], language: str) -> Iterator[tuple[str, str]]:
    """Each line's text, a space before it where one belongs, and its language where that is another."""
    before = ""
    for line in lines:
        text = plain(line.text)
        foreign = primary(line.language) != primary(language)
        if before and (space := sentence_space(before, text)):
            yield space, ""
        yield text, plain(line.language) if foreign else ""
        before = text


def _time(ms: int) -> Markup:
    """A point or a length of time, for people and, as an ISO 8601 duration, for programs."""
    return Markup('<time datetime="PT{}S">{}</time>').format(
        f"{ms / 1000:.3f}".rstrip("0").rstrip("."), short_clock(ms)
    )


HTML = CaptionFormat(name="html", extension=".html", type="text/html", write=transcript_html)
