"""One author's file, read whole: front matter, template, cues."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from kindvoice.errors import ScriptError
from kindvoice.model import Script, Style, Where, Words
from kindvoice.script import frontmatter
from kindvoice.script.literal import clean
from kindvoice.script.parse import parse
from kindvoice.script.phrases import Phrase, phrases_from
from kindvoice.script.template import expand

MAX_BYTES = 5_000_000


def read_text(path: Path) -> str:
    """A text file in UTF-8 as a person wrote it. Raises ScriptError naming the file and the cure."""
    where = Where(path=str(path), line=0)
    try:
        if path.is_dir():
            raise ScriptError("this is a folder, not a script", where=where)
        data = path.read_bytes()
    except FileNotFoundError:
        raise ScriptError("there is no such file", where=where) from None
    except OSError as error:
        raise ScriptError(f"the file cannot be read: {error.strerror}", where=where) from None
    if len(data) > MAX_BYTES:
        raise ScriptError("the file is too large for a script", where=where)
    for encoding in ("utf-16",) if data[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig",):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError as error:
            line = data[: error.start].count(b"\n") + 1
            raise ScriptError(
                "the file is not UTF-8 text", where=Where(path=str(path), line=line),
                cure="save it as plain text in UTF-8 (a word processor's file is not plain text)",
            ) from None  # fmt: skip
    if "\0" in text:
        raise ScriptError(
            "the file is not text", where=where, cure="save it as plain text in UTF-8 (.txt or .md)"
        )
    return clean(text)


def read_script(
    path: Path,
    *,
    length_ms: int | None = None,
    language: str | None = None,
    phrases: Sequence[Phrase] | None = None,
    values: Mapping[str, object] | None = None,
) -> Script:
    """The author's file with its template carried out and its cues parsed.

    length_ms, language, phrases, values: what was asked for from outside; they stand before the front matter's.
    phrases are data: whatever they hold is spoken as plain words. Raises ScriptError with file and line.
    """
    name = str(path)
    front = frontmatter.split(read_text(path), name)
    known = front.values
    length_ms = length_ms if length_ms is not None else known.get("length")
    language = language or known.get("language") or "en"
    scope: dict[str, object] = {
        **known.get("values", {}),
        "language": language,
        "title": known.get("title", path.stem.replace("-", " ").replace("_", " ").strip().capitalize()),
        "practice": known.get("practice", path.stem),
    }
    if length_ms is not None:
        scope["minutes"] = length_ms // 60_000 if length_ms % 60_000 == 0 else length_ms / 60_000
    if phrases is not None:
        scope["phrases"] = tuple(phrases)
    elif "phrases" in known:
        scope["phrases"] = phrases_from(known["phrases"], language, Where(path=name, line=0))
    scope.update(values or {})
    expanded = expand(front.body, scope, name)
    cues = parse(expanded.text, expanded.lines, name, language)
    if not any(isinstance(cue, Words) for cue in cues):
        raise ScriptError("the script has no words to speak", where=Where(path=name, line=0))
    return Script(
        title=str(scope["title"]),
        practice=str(scope["practice"]),
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
