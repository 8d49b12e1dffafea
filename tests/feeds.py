"""Finished recordings as `kindvoice render` leaves them, without rendering; and feeds of them."""

from __future__ import annotations

import hashlib
import io
import json
import os
import xml.etree.ElementTree as ET
from functools import cache
from pathlib import Path

from lxml import etree
from PIL import Image

from kindvoice.model import Release
from kindvoice.publish.feed.episodes import make_episodes
from kindvoice.publish.feed.rss import rss
from kindvoice.publish.feed.show import Show, settle
from kindvoice.publish.manifest import read_release

SCHEMA = etree.RelaxNG(file=Path(__file__).with_name("data") / "podcast-feed.rng")
NS = {
    "itunes": "http://www.itunes.com/dtds/podcast-1.0.dtd",
    "podcast": "https://podcastindex.org/namespace/1.0",
    "atom": "http://www.w3.org/2005/Atom",
}
URL = "https://example.org/kind"
NASTY = "<script>alert(\"1\")</script> & 'Güte' 🕊 \u202eliame\u202c \x00\x0b\ud800 ]]> " + "ö" * 300
MADE = 1_767_225_600  # 2026-01-01 00:00 UTC


@cache
def picture(side: int = 1400, format: str = "PNG", wide: int = 0) -> bytes:
    """A picture of one colour."""
    out = io.BytesIO()
    Image.new("RGB", (wide or side, side), "#335566").save(out, format)
    return out.getvalue()


def record(
    folder: Path, name: str, *, kinds: tuple[str, ...] = ("mp3", "vtt", "srt", "chapters", "cover"),
    phrases: object = (), about: str = "A pause for kindness.", duration_ms: int = 600_400,
    credits: tuple[str, ...] = ("Voice: Heart, spoken by hibari-tts (Apache-2.0). Licence of the voice: Apache-2.0.",),
    voices: object = ({"name": "Heart"},), **tags: object,
) -> Path:  # fmt: skip
    """A finished recording as `kindvoice render` leaves it: files and their manifest. Gives the manifest."""
    folder.mkdir(parents=True, exist_ok=True)
    artifacts = []
    for kind in kinds:
        ending = {"chapters": "chapters.json", "cover": "cover.png"}.get(kind, kind)
        path = folder / f"{name}.{ending}"
        path.write_bytes(picture() if kind == "cover" else f"{kind} of {name}".encode() * 40)
        os.utime(path, (MADE, MADE))
        data = path.read_bytes()
        sha = hashlib.sha256(data).hexdigest()
        artifacts.append({"name": path.name, "kind": kind, "bytes": len(data), "sha256": sha})
    manifest = folder / f"{name}.manifest.json"
    document = {
        "kindvoice": "manifest", "version": 2, "inputs": {"phrases": phrases}, "inputs_digest": "0" * 64,
        "practice": name, "about": about, "credits": credits, "voices": voices, "duration_ms": duration_ms,
        "tags": {"title": name.title(), "artist": "Ana Lima", "language": "en", "licence": "CC-BY-4.0", **tags},
        "chapters": [{"start_ms": 0, "title": "Arriving"}],
        "lines": [{"start_ms": 500, "stop_ms": 2000, "text": "May I be kind."}],
        "loudness": {}, "artifacts": artifacts,
    }  # fmt: skip
    manifest.write_text(json.dumps(document), encoding="utf-8")
    return manifest


def show(folder: Path, **said: object) -> Show:
    return Show(**{"url": URL, "path": folder / "feed.xml", "about": "Kindness in five days.", **said})


def course(folder: Path, count: int = 5, **tags: object) -> list[Path]:
    """Named so that their names' order is not the order in which they are heard."""
    return [
        record(
            folder, f"{'edcbafgh'[i]}-day", **{"album": "Five Days", "track": i + 1, "tracks": count, **tags}
        )
        for i in range(count)
    ]


def read(text: str) -> ET.Element:
    """The channel of a feed that is as its schema wants it and whose descriptions are no longer than Apple takes."""
    document = etree.fromstring(text.encode())
    SCHEMA.assertValid(document)
    for prose in document.iter("description"):
        assert len(prose.text.encode()) <= 4000
    return ET.fromstring(text).find("channel")


def one(element: ET.Element, path: str) -> str:
    found = element.findall(path, NS)
    assert len(found) == 1, f"{len(found)} of {path}"
    return found[0].text or ""


def make_feed(releases: list[Release], shown: Show) -> str:
    settled = settle(shown, releases)
    return rss(make_episodes(releases, settled), settled)


def feed_of(paths: list[Path], shown: Show) -> str:
    return make_feed([read_release(path) for path in paths], shown)


def settle_one(release: Release, **said: object) -> Show:
    return settle(show(release.manifest.parent, **said), [release])
