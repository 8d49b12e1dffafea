"""A transcript as one web page that needs nothing else: to read, to print, to find one's place in."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import jinja2
from markupsafe import Markup

from kindvoice.languages import direction, nearest_tag, primary
from kindvoice.model import Line, Section, Transcript
from kindvoice.publish.captions.base import CaptionFormat, spoken_runs
from kindvoice.publish.captions.plain import plain, sentence_space
from kindvoice.units import short_clock

LABELS = {
    "en": ("Transcript", "Chapters"),
    "de": ("Zum Mitlesen", "Kapitel"),
    "es": ("Transcripción", "Capítulos"),
    "fr": ("Transcription", "Chapitres"),
    "it": ("Trascrizione", "Capitoli"),
    "pt": ("Transcrição", "Capítulos"),
    "nl": ("Transcriptie", "Hoofdstukken"),
    "pl": ("Transkrypcja", "Rozdziały"),
    "sv": ("Transkription", "Kapitel"),
    "tr": ("Yazılı metin", "Bölümler"),
}
"""what the page itself says, by language"""

_PAGE = """<!doctype html>
<html lang="{{ language }}"{% if rtl %} dir="rtl"{% endif %}>
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="generator" content="kindvoice">
<title>{{ title }}</title>
<style>
:root {
  color-scheme: light dark;
  --paper: #fcfaf6; --ink: #26241f; --soft: #656055; --line: #ddd6c8; --link: #205c6e;
}
@media (prefers-color-scheme: dark) {
  :root { --paper: #1b1a18; --ink: #e6e1d6; --soft: #a59e8f; --line: #3d3931; --link: #8cc8da; }
}
* { box-sizing: border-box; }
html { background: var(--paper); color: var(--ink); }
body {
  margin: 0 auto; padding: 2.5rem 1.25rem 5rem; max-width: 44rem;
  font: 1.125rem/1.65 Georgia, "Iowan Old Style", "Noto Serif", "DejaVu Serif", serif;
  overflow-wrap: break-word;
}
h1 { font-size: 1.9rem; line-height: 1.2; font-weight: 600; margin: 0 0 .25rem; }
h2 { font-size: 1.3rem; line-height: 1.3; font-weight: 600; margin: 3rem 0 1rem; padding-top: 1rem; }
h2 { border-top: 1px solid var(--line); }
header p, nav { color: var(--soft); }
header p { margin: 0; }
nav { margin: 1.5rem 0 0; }
nav ol { list-style: none; margin: 0; padding: 0; }
nav li, .p { display: grid; align-items: baseline; grid-template-columns: 4.25rem minmax(0, 1fr); }
time { color: var(--soft); font: .85rem/1 system-ui, sans-serif; font-variant-numeric: tabular-nums; }
nav li { margin: .15rem 0; }
a { color: var(--link); text-underline-offset: .2em; }
a:focus-visible { outline: 3px solid var(--link); outline-offset: 3px; border-radius: 2px; }
.p { margin: 0 0 1.1rem; }
.p p { margin: 0; text-wrap: pretty; }
.p p + p { grid-column: 2; margin-top: .4rem; }
:target { scroll-margin-top: 1.5rem; }
@media (max-width: 30rem) {
  nav li, .p { grid-template-columns: minmax(0, 1fr); }
  .p p, .p p + p { grid-column: 1; }
  .p time { margin-bottom: .35rem; }
  nav li { margin-bottom: .5rem; }
}
@media print {
  :root { --paper: #fff; --ink: #000; --soft: #444; --line: #999; --link: #000; }
  body { max-width: none; padding: 0; font-size: 11pt; line-height: 1.5; }
  nav { display: none; }
  h2 { break-after: avoid; }
  .p { break-inside: avoid; }
  @page { margin: 2cm; }
}
</style>
</head>
<body>
<header>
<h1 dir="auto">{{ title }}</h1>
<p{% if label_lang != language %} lang="{{ label_lang }}"{% endif %}>{{ labels[0] }}, {{ time(duration_ms) }}</p>
</header>
{% if chapters %}
<nav aria-label="{{ labels[1] }}"{% if label_lang != language %} lang="{{ label_lang }}"{% endif %}>
<ol lang="{{ language }}">
{% for chapter in chapters %}
<li>{{ time(chapter.start_ms) }} <a href="#{{ chapter.id }}" dir="auto">{{ chapter.title }}</a></li>
{% endfor %}
</ol>
</nav>
{% endif %}
<main>
{% for section in sections %}
<section{% if section.title %} aria-labelledby="{{ section.id }}"{% endif %}>
{% if section.title %}
<h2 id="{{ section.id }}" dir="auto">{{ section.title }}</h2>
{% endif %}
{% for paragraph in section.paragraphs %}
<div class="p" id="t{{ paragraph.start_ms }}">
{{ time(paragraph.start_ms) }}
{% for run in paragraph.runs %}
<p dir="auto">{% for text, lang in run -%}
{% if lang %}<span lang="{{ lang }}" dir="auto">{{ text }}</span>{% else %}{{ text }}{% endif %}
{%- endfor %}</p>
{% endfor %}
</div>
{% endfor %}
</section>
{% endfor %}
</main>
</body>
</html>
"""


def transcript_html(transcript: Transcript) -> str:
    """Valid HTML whatever is said in it, without scripts and without a link to anywhere else."""
    label_lang = nearest_tag(transcript.language, LABELS) or "en"
    sections = [_section(i, section, transcript) for i, section in enumerate(transcript.sections, start=1)]
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
def _template() -> jinja2.Template:
    environment = jinja2.Environment(
        autoescape=True, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True
    )
    return environment.from_string(_PAGE)


def _section(number: int, section: Section, transcript: Transcript) -> dict[str, object]:
    paragraphs = []
    for paragraph in section.paragraphs:
        if runs := [list(_run(run, transcript.language)) for run in spoken_runs(paragraph)]:
            paragraphs.append({"start_ms": paragraph[0].start_ms, "runs": runs})
    return {
        "id": f"chapter-{number}",
        "title": plain(section.title),
        "start_ms": section.start_ms,
        "paragraphs": paragraphs,
    }


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
