"""One author's file, read whole: front matter, template, cues."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from kindvoice.errors import ScriptError
from kindvoice.model import Script, Style, Where, Words
from kindvoice.script import frontmatter
from kindvoice.script.parse import parse
from kindvoice.script.phrases import Phrase, phrases_from
from kindvoice.script.source import read_text
from kindvoice.script.template import expand

__all__ = ["read_script", "read_text", "script_language"]


def read_script(
    path: Path,
    *,
    length_ms: int | None = None,
    language: str | None = None,
    phrases: Sequence[Phrase] | None = None,
    values: Mapping[str, object] | None = None,
) -> Script:
    """The author's file with its template carried out and its cues parsed.

    length_ms, language, phrases, values: what was asked for from outside; they stand before the front
    matter's. phrases and values are data: whatever they hold is spoken as plain words.
    Raises ScriptError with file and line.
    """
    name = str(path)
    front = frontmatter.split(read_text(path), name)
    known = front.values
    length_ms = length_ms if length_ms is not None else known.get("length")
    language = language or known.get("language") or "en"
    title = known.get("title", path.stem.replace("-", " ").replace("_", " ").strip().capitalize())
    practice = known.get("practice", path.stem)
    scope: dict[str, object] = {**known.get("values", {}), **(values or {})}
    scope |= {"language": language, "title": title, "practice": practice}
    if length_ms is not None:
        scope["minutes"] = length_ms // 60_000 if length_ms % 60_000 == 0 else length_ms / 60_000
    if phrases is not None:
        scope["phrases"] = tuple(phrases)
    elif "phrases" in known:
        where = Where(path=name, line=front.lines["phrases"])
        scope["phrases"] = phrases_from(known["phrases"], language, where)
    expanded = expand(front.body, scope, name)
    cues = parse(expanded.text, expanded.lines, name, language)
    if not any(c.isalnum() for cue in cues if isinstance(cue, Words) for c in cue.text):
        raise ScriptError("the script has no words to speak", where=Where(path=name, line=0))
    return Script(
        title=title,
        practice=practice,
        language=language,
        length_ms=length_ms,
        voice=known.get("voice"),
        bed=known.get("bed"),
        preset=known.get("preset"),
        author=known.get("author", ""),
        style=known.get("style", Style()),
        cues=cues,
        path=name,
    )


def script_language(path: Path) -> str:
    """The language that a script says it is in; English when it says nothing."""
    return str(frontmatter.split(read_text(path), str(path)).values.get("language", "en"))
