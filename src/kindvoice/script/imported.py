"""What somebody brought, as scripts of ours: what is spoken of it, what is not and why, and a clean text of each."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from kindvoice.errors import Faults, ScriptError
from kindvoice.model import Chapter, Cue, ParagraphBreak, Script, Unspoken, Where, Words
from kindvoice.script.cues import format_cue
from kindvoice.script.directions import find_slips, vocabulary
from kindvoice.script.frontmatter import RESERVED
from kindvoice.script.imports import Document, read_document
from kindvoice.script.imports.base import MAX_TEXT, too_long
from kindvoice.script.load import Source, make_source
from kindvoice.script.several import ScriptPart, find_parts
from kindvoice.script.titles import A_TITLE
from kindvoice.script.version import Version
from kindvoice.script.writer import write_script

_USUAL_MS = 15 * 60_000
"""how long a script is read for that wants a length"""
_NAME = re.compile(r"\{\{\s*([A-Za-z_]\w{0,40})\s*\}\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportRow:
    """A line of the file, in two columns."""

    line: int
    spoken: str = ""
    """words and cues as a script has them; # before a chapter"""
    unspoken: tuple[tuple[str, str], ...] = ()
    """what of it is not spoken, each with the reason"""
    wrong: tuple[tuple[str, str], ...] = ()
    """what is wrong in it and left out, each with the likely cure"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """One script of what was brought."""

    title: str
    language: str
    """BCP 47"""
    recognised: bool
    """whether only the words tell the language"""
    chapters: tuple[str, ...]
    blanks: tuple[str, ...]
    """what is to be filled in: [your name]"""
    text: str
    """a clean script: front matter, chapters, what is spoken"""
    rows: tuple[ImportRow, ...]
    notes: tuple[str, ...] = ()


def import_scripts(data: bytes | str, name: str, language: str | None = None) -> tuple[Imported, ...]:
    """The scripts of a file, or of what was pasted; nothing is written.

    data: at most imports.MAX_FILE bytes. name: the file's, for its ending, for messages, and where there is no title;
    what was pasted may be called script. language: BCP 47; None: as it says, or as its words are. Raises ScriptError
    with file and line.
    """
    path = Path(name)
    document = read_document(path, data)
    if len(document.text) > MAX_TEXT:
        raise too_long(Where(path=name, line=0))
    whole = make_source(path, document)
    parts, sure = (
        find_parts(document.text, vocabulary(language or whole.language)) if not whole.cues else ([], True)
    )
    if parts and sure:
        return tuple(_imported(_part(path, document, part, parts), language, part.title) for part in parts)
    imported = _imported(whole, language, "")
    if parts:
        note = f"these may be {len(parts)} scripts; to part them, begin each with front matter (--- title: ... ---)"
        imported = replace(imported, notes=(*imported.notes, note))
    return (imported,)


def _part(path: Path, document: Document, part: ScriptPart, parts: Sequence[ScriptPart]) -> Source:
    """A part of the text as a script of its own, without the heading that is its title."""
    lines = document.text.split("\n")
    first = 0 if part is parts[0] else part.first
    above = [
        Unspoken(text=line.strip(), reason="above the first script", where=Where(path=str(path), line=at))
        for at, line in enumerate(lines[first : part.first], 1)
        if line.strip()
    ]
    beside = [left for left in document.unspoken if first < left.where.line <= part.after]
    beside += [left for left in document.unspoken if part is parts[-1] and left.where.line > part.after]
    own = lines[part.first : part.after]
    return make_source(
        path,
        Document(
            text="\n" * part.first + "\n".join(["" if part.title else own[0], *own[1:]]), encoding=document.encoding,
            unspoken=(*above, *beside),
            numbers=document.numbers[: part.after],
        ),
    )  # fmt: skip


class _Kept(dict[str, tuple[str, bool]]):
    """Blanks that stay blanks: each is filled with itself, and marked."""

    def __contains__(self, name: object) -> bool:
        return True

    def __missing__(self, name: str) -> tuple[str, bool]:
        return f"[{name}]", True


def _read(source: Source, version: Version, faults: Faults) -> Script:
    """What is wrong in front matter or in single cues goes into faults, and the rest is read."""
    if source.front.faults:
        with faults.catch():
            raise source.front.faults.error()
        source = replace(source, front=replace(source.front, faults=Faults()))
    return source.script(version, faults=faults, blanks=_Kept())


def _imported(source: Source, language: str | None, title: str) -> Imported:
    faults = Faults()
    body = source.front.body
    known = RESERVED | set(source.front.values.get("values", {}))
    names = [] if "{%" in body else [name for name in dict.fromkeys(_NAME.findall(body)) if name not in known]
    values = tuple((name, f"{{{{ {name} }}}}") for name in names)
    version = Version(script=source.path, language=language, values=values)
    try:
        script = _read(source, version, faults)
    except ScriptError as error:
        if error.missing != "minutes":
            raise
        version = replace(version, length_ms=_USUAL_MS)
        script = _read(source, version, faults)
    if faults and not any(not isinstance(cue, (ParagraphBreak, Chapter)) for cue in script.cues):
        raise faults.error()
    script = replace(script, title=title or _title(source, script))

    def reads(text: str) -> Script:
        return make_source(Path("script.md"), Document(text=text)).script(
            replace(version, language=None), blanks=_Kept()
        )

    text, surely = write_script(script, reads)
    return Imported(
        title=script.title, language=script.language, recognised=script.recognised, text=text,
        chapters=tuple(cue.title for cue in script.cues if isinstance(cue, Chapter)),
        blanks=tuple(dict.fromkeys(_blanks(script.cues))),
        rows=tuple(_rows(script, faults)), notes=tuple(_notes(source, script, surely)),
    )  # fmt: skip


def _title(source: Source, script: Script) -> str:
    """That the script says; else a heading above all others, a bare title, or a label; else from the file's name."""
    if "title" in source.front.values:
        return script.title
    cues = [cue for cue in script.cues if not isinstance(cue, ParagraphBreak)]
    chapters = [cue for cue in cues if isinstance(cue, Chapter)]
    if chapters and cues[0] is chapters[0] and (len(chapters) == 1 or cues[1] is chapters[1]):
        return chapters[0].title
    lines = source.text.split("\n")
    for left in script.unspoken:
        if left.reason == A_TITLE or lines[left.where.line - 1 : left.where.line] == [f"# {left.text}"]:
            return left.text
    label = vocabulary(script.language).frame["title"]
    labels = (label.fullmatch(left.text) for left in script.unspoken if left.reason == "a label")
    titles = (next(filter(None, match.groups()), "") for match in labels if match)
    return next(titles, script.title).strip("\"'“”„«» ") or script.title


def _blanks(cues: tuple[Cue, ...]) -> Iterator[str]:
    for cue in cues:
        if isinstance(cue, (Words, Chapter)):
            yield from (
                (cue.text if isinstance(cue, Words) else cue.title)[start:stop] for start, stop in cue.own
            )


def _rows(script: Script, faults: Faults) -> Iterator[ImportRow]:
    spoken: dict[int, list[str]] = {}
    unspoken: dict[int, list[tuple[str, str]]] = {}
    wrong: dict[int, list[tuple[str, str]]] = {}
    for cue in script.cues:
        if not isinstance(cue, ParagraphBreak):
            spoken.setdefault(cue.where.line, []).append(shown_cue(cue))
    for left in script.unspoken:
        unspoken.setdefault(left.where.line, []).append((left.text, left.reason))
    for other in script.left_out:
        unspoken.setdefault(other.where.line, []).append((other.text, other.reason))
    for error in faults.error().each if faults else ():
        wrong.setdefault(error.where.line if error.where else 0, []).append((error.what, error.cure))
    for line in sorted({*spoken, *unspoken, *wrong}):
        yield ImportRow(
            line=line, spoken=" ".join(spoken.get(line, ())), unspoken=tuple(unspoken.get(line, ())),
            wrong=tuple(wrong.get(line, ())),
        )  # fmt: skip


def shown_cue(cue: Cue) -> str:
    match cue:
        case Words(text=text):
            return text
        case Chapter(title=title):
            return f"# {title}"
        case _:
            return format_cue(cue)


def _notes(source: Source, script: Script, surely: bool) -> Iterator[str]:
    yield from script.remarks
    if "{%" in source.front.body or script.left_out:
        yield "it is kindvoice's own script; loops and conditions are written out, for one length and its own phrases"
    for slip in find_slips(script.cues, script.language):
        yield f"line {slip.where.line}: {slip.text!r} is spoken, and may not be meant to be: {slip.better}"
    if not surely:
        yield "the clean script may not be quite the same; compare the two with kindvoice timeline"
