"""Long texts that make a pattern look again and again, and every place where a stranger's text goes in."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from make import read_script

from kindvoice.care import find_care, linked
from kindvoice.engines._text import tidy
from kindvoice.engines.hibari import readable
from kindvoice.lint import check, phrase_hints
from kindvoice.model import Where
from kindvoice.plan.people import read_people
from kindvoice.plan.tomltext import read_toml
from kindvoice.publish.captions.breaking import break_text
from kindvoice.publish.captions.plain import plain
from kindvoice.publish.output import safe_name
from kindvoice.script import make_phrase, read_phrases
from kindvoice.script.cues import parse_cue
from kindvoice.script.duration import parse_duration
from kindvoice.script.frontmatter import parse_language, parse_range
from kindvoice.script.literal import clean, protect, strip_marked
from kindvoice.script.sentences import split_long, split_sentences
from kindvoice.script.tags import read_tags
from kindvoice.settings import load_settings
from kindvoice.speech.lexicon import Said, respell
from kindvoice.speech.spelling import spell_out
from kindvoice.studio.teach.view import line_parts
from kindvoice.studio.web.form import _nature

_BITS = (
    "a", "A", "1", " ", "\t", "\n", "a ", "a\n", "a\n\n", "A. ", ". ", ".", "…", "!?", ",", ", ", ":", ";",
    "-", "- ", " - ", "--", "–", "— ", "_", "_ ", "*", "* ", "**a", "#", "# ", "# a\n", "+", "•", "> ", ">", "`",
    "[", "]", "[]", "[a", "[a]", "[pause", "[pause 1s] ", "[bell ", "[[",
    "\\[", "\\", "(", ")", "()", "(a", "<", "<!--",
    "<!-- -->", "<a", "<break", "<break ", "<break time=1", "</", "{", "}", "{%", "{{", "{#", "{% if", "{% if a %}",
    "{%-", "{{ '", "{{ 1 ", "{% raw %}", "%}", "'", '"', "''", "'a", "“", "”", "»", "« ", "'a b",
    "1.", "1,", "1-", "1:",
    "1 - ", "1 h", "1s", "1m ", "½", "1½ ", "x1", "e1", "0", "9.9", "1 000 ", "a.b.", "@", "a@", "/", "//", "www.", "&",
    "&amp;", "=", "a=", "a: ", "a:\n", "- a\n", "  ", "\u00a0", "\u2028", "\u0301", "a\u0301", "\u0315\u0301",
    "\u200d", "\u202e", "\ufeff", "。", "。」", "、", "자", "な", "🧘",
    "A.\n", "I ", "may I ", "May I be ", "my ", "and ", "to ",
    "Möge ich ", "que je ", "z. B. ", "am 1. ", "klockan 1", "no wait ", "every ", "in 1s ", "min 1s ", "gentle ",
    "[gentle] ", "[from 1m] a\n\n", "# a\n[gentle]\n", "[a, 1s from 1m] ", "for a, ", "until 1m ",
)  # fmt: skip
_AROUND = (
    "",
    "[",
    "{",
    "(",
    '"',
    "[pause ",
    "[bell ",
    "{{ ",
    "{% ",
    "{# ",
    "<!--",
    "<break ",
    "---\n",
    "# ",
    "May I be ",
    "I ",
)


def long_texts(length: int) -> dict[str, str]:
    """By what they are: every bit again and again, by itself; and likewise after each beginning, with a letter last."""
    alone = {repr(bit): bit for bit in _BITS}
    return {name: (bit * (length // len(bit) + 1))[:length] for name, bit in alone.items()}


def begun_texts(length: int) -> dict[str, str]:
    return {
        f"{begin!r} {bit!r}": begin + (bit * (length // len(bit) + 1))[:length] + "\nx"
        for begin in _AROUND
        for bit in (" ", "a", "a ", "[", "{", "<", "{%", "<!--", "-", "1", ",", "'")
    }


def places(folder: Path | None) -> dict[str, Callable[[str], object]]:
    """Every place, by name: what reads a text there."""
    where = Where(path="x", line=1)

    def file(name: str, before: str = "", after: str = "") -> Callable[[str], Path]:
        def write(text: str) -> Path:
            assert folder
            path = folder / name
            path.write_text(before + text + after, encoding="utf-8", errors="replace", newline="")
            return path

        return write

    script, front, ssml = (
        file("s.md"),
        file("f.md", "---\ntitle: ", "\n---\nBreathe.\n"),
        file("x.ssml", "<speak>", "</speak>"),
    )
    quoted = file("q.md", '---\nphrases: ["', '"]\n---\n{% for p in phrases %}{{ p }}{% endfor %}\n')
    phrases, yaml = file("p.txt"), file("p.yaml")
    table, toml, own = (
        file("t.csv", "id,name,phrases\n"),
        file("t.toml"),
        file("own.toml", 'artist = "', '"\n'),
    )
    lexicon = {"safe": Said(respelling="sayf"), "kind": Said(respelling="kynd")}
    return {
        "script": lambda text: read_script(script(text)),
        "front matter": lambda text: read_script(front(text)),
        "a phrase of a script": lambda text: read_script(quoted(text)),
        "ssml": lambda text: read_script(ssml(text)),
        "check": lambda text: check([script(text)]),
        "phrases": lambda text: read_phrases(phrases(text), "en"),
        "phrases as yaml": lambda text: read_phrases(yaml(text), "en"),
        "people": lambda text: read_people(table(text)),
        "toml": lambda text: read_toml(toml(text), "a plan"),
        "settings": lambda text: load_settings({}, own(text)),
        "a page's lines": lambda text: [list(line_parts(line, "words")) for line in text.split("\n")],
        "a practice's nature": lambda text: _nature(script(f"{text}\n"), hash(text)),
        "cue": lambda text: parse_cue(text, where),
        "duration": parse_duration,
        "language": parse_language,
        "range": parse_range,
        "tags": lambda text: read_tags({"title": text, "track": text, "date": text}),
        "clean": clean,
        "protect": protect,
        "strip": strip_marked,
        "sentences": split_sentences,
        "long sentences": lambda text: split_long(text, 200),
        "hints": lambda text: list(phrase_hints(text, "en")),
        "lexicon": lambda text: respell(clean(text), lexicon),
        # A caption is made of one utterance, and those are short.
        "captions": lambda text: [
            break_text(text[at : at + 400], 60_000, "en") for at in range(0, len(text), 400)
        ],
        "plain": plain,
        "tidy": lambda text: tidy(clean(text), "en"),
        "readable": lambda text: readable(clean(text)),
        "file name": safe_name,
        "a host's helplines": linked,
        **{f"care {tag}": lambda text, tag=tag: find_care([text], tag) for tag in _LANGUAGES},
        **{f"phrase {tag}": lambda text, tag=tag: make_phrase(text, tag) for tag in _LANGUAGES},
        **{f"spelling {tag}": lambda text, tag=tag: spell_out(clean(text), tag) for tag in _LANGUAGES},
    }


_LANGUAGES = ("en", "de", "es", "fr", "it", "pt-BR", "nl", "sv", "pl", "tr")
