"""Finished recordings and the HTML of their pages, for tests."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

from kindvoice.model import Artifact, Line, Release, Section, Tags, Transcript

Spoken = tuple[int, int, str]
"""start and stop in ms, and the words"""

SECTIONS: tuple[tuple[str, int, int, tuple[tuple[Spoken, ...], ...]], ...] = (
    ("Arriving", 0, 20_000, (
        ((1_000, 3_000, "It is good that you are here."), (6_000, 9_000, "Find a place that is kind to your body.")),
    )),
    ("Kind words", 20_000, 40_000, (
        ((21_000, 23_000, "May I be safe."), (26_000, 28_000, "May I be peaceful.")),
        ((32_000, 34_000, "May I be kind to myself."),),
    )),
    ("Returning", 40_000, 60_000, (((41_000, 44_000, "Let your eyes open, and take this kindness with you."),),)),
)  # fmt: skip


def transcript(sections=SECTIONS, *, title="A kind minute", language="en", duration_ms=60_000) -> Transcript:
    return Transcript(
        title=title,
        language=language,
        duration_ms=duration_ms,
        sections=tuple(
            Section(
                title=name,
                start_ms=start,
                stop_ms=stop,
                paragraphs=tuple(
                    tuple(
                        Line(start_ms=a, stop_ms=b, text=text, language=language) for a, b, text in paragraph
                    )
                    for paragraph in paragraphs
                ),
            )
            for name, start, stop, paragraphs in sections
        ),
    )


def release(folder: Path, name: str = "kind-minute", *, files: dict[str, bytes] | None = None,
            title: str = "A kind minute", language: str = "en", about: str = "One minute, to try it.",
            words: Transcript | None = None, personal: bool = False,
            credits: tuple[str, ...] = ("Voice: Heart. Licence of the voice: Apache-2.0.",),
            **tags: object) -> Release:  # fmt: skip
    """files: bytes by kind; the kind is the ending."""
    folder.mkdir(parents=True, exist_ok=True)
    said = {"artist": "Ana Lima", "comment": "", "licence": "CC-BY-4.0", **tags}
    artifacts = []
    for kind, data in ({"mp3": b"sound" * 1000, "vtt": b"WEBVTT\n"} if files is None else files).items():
        path = folder / f"{name}.{'jpg' if kind == 'cover' else kind}"
        path.write_bytes(data)
        artifacts.append(
            Artifact(path=path, kind=kind, sha256=hashlib.sha256(data).hexdigest(), bytes=len(data))
        )
    return Release(
        manifest=folder / f"{name}.manifest.json",
        digest=hashlib.sha256(f"{folder}{name}".encode()).hexdigest(),
        practice=name,
        about=about,
        tags=Tags(title=title, language=language, **said),
        credits=credits,
        transcript=words or transcript(title=title, language=language),
        loudness={},
        artifacts=tuple(artifacts),
        personal=personal,
    )  # fmt: skip


# ---------------------------------------------------------------- HTML, read back


@dataclass
class Element:
    tag: str
    attributes: dict[str, str | None]
    children: list[Element | str] = field(default_factory=list)

    def __iter__(self) -> Iterator[Element]:
        yield self
        for child in self.children:
            if isinstance(child, Element):
                yield from child

    @property
    def text(self) -> str:
        return "".join(child if isinstance(child, str) else child.text for child in self.children)

    def get(self, name: str) -> str | None:
        return self.attributes.get(name)

    def all(self, tag: str = "", kind: str = "", **attributes: str) -> list[Element]:
        return [
            e
            for e in self
            if (not tag or e.tag == tag)
            and (not kind or kind in (e.get("class") or "").split())
            and all(e.get(name) == value for name, value in attributes.items())
        ]

    def one(self, tag: str = "", kind: str = "", **attributes: str) -> Element:
        found = self.all(tag, kind, **attributes)
        assert len(found) == 1, f"{len(found)} of {tag} {kind} {attributes}"
        return found[0]


VOID = {"meta", "link", "img", "input", "source", "br", "hr"}


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.root = Element("#root", {})
        self.open = [self.root]

    def handle_starttag(self, tag, attrs):
        assert len({name for name, _ in attrs}) == len(attrs), f"an attribute twice in {tag}"
        element = Element(tag, dict(attrs))
        self.open[-1].children.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_startendtag(self, tag, attrs):
        self.open[-1].children.append(Element(tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open[-1].tag == tag, f"</{tag}> closes <{self.open[-1].tag}>"
        self.open.pop()

    def handle_data(self, data):
        self.open[-1].children.append(data)


def read_html(path: Path) -> Element:
    """A page as a tree; every element is closed where it ought to be."""
    reader = _Reader()
    reader.feed(path.read_text(encoding="utf-8"))
    reader.close()
    assert reader.open == [reader.root]
    return reader.root
