"""What a person's link opens: their recordings, as a page to listen, as a feed for their podcast app, and as a ZIP.

Nothing of it is kept by browsers or on the way.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from kindvoice.errors import KindvoiceError, ManifestError
from kindvoice.model import Release
from kindvoice.publish.feed.episodes import make_episodes
from kindvoice.publish.feed.rss import rss
from kindvoice.publish.feed.show import Show, settle
from kindvoice.publish.manifest import ENDING, read_release
from kindvoice.publish.output import safe_name
from kindvoice.publish.page.shown import Course, PageTrack, course, shown, slug
from kindvoice.publish.page.words import size, words_for
from kindvoice.publish.templates import html_templates, texts_for
from kindvoice.studio.group.archive import zip_blocks
from kindvoice.studio.group.courses import Courses, SavedCourse
from kindvoice.studio.host.security import form_token, read_form
from kindvoice.studio.web.listening import media_type, send_file
from kindvoice.studio.web.pages import Pages
from kindvoice.studio.web.texts import say_for

_HERE = Path(__file__).parents[1]
_PAGE = _HERE.parent / "publish" / "page"
FOLDER = Path(__file__).parent / "words"


@cache
def _templates() -> Environment:
    environment = html_templates(_HERE / "templates", _PAGE / "templates")
    environment.filters["size"] = size
    return environment


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """What a link opens."""

    saved: SavedCourse
    person: str
    releases: tuple[Release, ...]

    @property
    def language(self) -> str:
        person = self.saved.course.person(self.person)
        tags = self.releases[0].tags.language if self.releases else ""
        return tags or (person.language if person and person.language else self.saved.course.language)

    @property
    def tracks(self) -> tuple[PageTrack, ...]:
        # One alone would be the page that lists them.
        return tuple(
            replace(track, page=track.page.replace("index", "recording")) for track in shown(self.releases)
        )


def releases_of(saved: SavedCourse, person: str) -> tuple[Release, ...]:
    """Finished recordings, in the course's order: their names begin with it."""
    folder = saved.recordings / person if person else saved.recordings
    releases = []
    for path in sorted(folder.glob(f"*{ENDING}")):
        try:
            releases.append(read_release(path))
        except (ManifestError, FileNotFoundError):
            continue  # it is made anew just now
    return tuple(releases)


class GroupPages:
    """Everything below /g/."""

    def __init__(self, courses: Courses, pages: Pages, body_bytes: int) -> None:
        self._courses, self._pages, self._body_bytes = courses, pages, body_bytes
        self.routes: list[BaseRoute] = [
            Route("/g/{link}", self.slash),
            Route("/g/{link}/", self.index),
            Route("/g/{link}/feed.xml", self.feed),
            Route("/g/{link}/all.zip", self.archive),
            Route("/g/{link}/delete", self.delete, methods=["POST"]),
            Route("/g/{link}/media/{name}", self.media),
            Route("/g/{link}/files/{name}", self.file),
            Route("/g/{link}/{page}", self.page),
        ]

    async def _shelf(self, request: Request) -> Shelf:
        """Raises HTTPException (404) for a link that leads nowhere."""

        def find() -> Shelf | None:
            lead = self._courses.lead(request.path_params["link"])
            return lead and Shelf(saved=lead[0], person=lead[1], releases=releases_of(*lead))

        shelf = await run_in_threadpool(find)
        if shelf is None:
            raise HTTPException(404)
        return shelf

    async def slash(self, request: Request) -> Response:
        await self._shelf(request)
        return RedirectResponse(f"/g/{request.path_params['link']}/", status_code=308)

    async def index(self, request: Request) -> Response:
        shelf = await self._shelf(request)
        return await run_in_threadpool(self._index, request, shelf)

    def _index(self, request: Request, shelf: Shelf) -> Response:
        tracks = shelf.tracks
        whole = self._course(shelf, tracks)
        return self._render(
            "group.html", request, shelf, course=whole, coming=shelf.saved.facts.making, credits=whole.credits,
            personal=bool(shelf.person), feed=f"{_base(request)}feed.xml",
        )  # fmt: skip

    def _course(self, shelf: Shelf, tracks: tuple[PageTrack, ...]) -> Course:
        whole = course(tracks, shelf.saved.course.title, words_for(shelf.language))
        return replace(whole, language=whole.language or shelf.language)

    def _render(self, name: str, request: Request, shelf: Shelf, **facts: Any) -> HTMLResponse:
        language = shelf.language
        say: Mapping[str, str] = {**texts_for(FOLDER, language), **say_for(language)}
        html = _templates().get_template(name).render(
            ui=words_for(language), say=say, language=language, turn=self._pages.turn(request, language),
            teach=False, token=form_token(request), base="", **facts,
        )  # fmt: skip
        return HTMLResponse(html)

    async def page(self, request: Request) -> Response:
        shelf = await self._shelf(request)
        if (name := request.path_params["page"]) == "index.html":
            return RedirectResponse(f"/g/{request.path_params['link']}/", status_code=308)
        tracks = shelf.tracks
        pages = [track.page for track in tracks]
        if name not in pages:
            raise HTTPException(404)
        at, whole = pages.index(name), self._course(shelf, tracks)
        before, after = (tracks[at - 1] if at else None), (tracks[at + 1] if at + 1 < len(tracks) else None)
        return await run_in_threadpool(
            lambda: self._render(
                "grouptrack.html", request, shelf, track=tracks[at], course=whole, before=before, after=after
            )
        )

    async def media(self, request: Request) -> Response:
        shelf = await self._shelf(request)
        href = f"media/{request.path_params['name']}"
        for file in (file for track in shelf.tracks for file in track.files):
            if file.href == href and file.source.path.is_file():
                return send_file(file)
        raise HTTPException(404)

    # ---------------------------------------------------------------- to take along

    async def feed(self, request: Request) -> Response:
        """For a podcast app: an address that is as secret as the link."""
        shelf = await self._shelf(request)
        if not shelf.releases:
            raise HTTPException(404)

        def write() -> str:
            base, title = _base(request), shelf.saved.course.title
            folder = shelf.releases[0].manifest.parent
            asked = Show(
                url=f"{base}files/", path=folder / "feed.xml", feed_url=f"{base}feed.xml", link=base, title=title,
                about=title, language=shelf.language, serial=True, unlisted=True, with_phrases=True,
            )  # fmt: skip
            show = settle(asked, shelf.releases)
            return rss(make_episodes(shelf.releases, show), show)

        try:
            text = await run_in_threadpool(write)
        except KindvoiceError:
            raise HTTPException(404) from None
        return Response(text, media_type="application/rss+xml")

    async def file(self, request: Request) -> Response:
        """A recording's file under its own name, as the feed has it."""
        shelf = await self._shelf(request)
        for artifact in (artifact for release in shelf.releases for artifact in release.artifacts):
            if artifact.path.name == request.path_params["name"] and artifact.path.is_file():
                headers = {"cache-control": "private, no-store"}
                return FileResponse(artifact.path, media_type=media_type(artifact.path), headers=headers)
        raise HTTPException(404)

    async def archive(self, request: Request) -> Response:
        shelf = await self._shelf(request)
        files = [
            (a.path.name, a.path) for r in shelf.releases for a in r.artifacts if a.path.suffix == ".mp3"
        ]
        return send_zip(files, shelf.saved.course.title)

    # ---------------------------------------------------------------- forgetting

    async def delete(self, request: Request) -> Response:
        await read_form(request, self._body_bytes)
        shelf = await self._shelf(request)
        if not shelf.person:
            raise HTTPException(404)  # what is everybody's is the teacher's to delete
        await run_in_threadpool(self._courses.forget, shelf.saved.id, shelf.person)
        return RedirectResponse(f"/deleted?language={shelf.language}", status_code=303)


def _base(request: Request) -> str:
    return f"{request.url.scheme}://{request.headers['host']}/g/{request.path_params['link']}/"


def send_zip(files: list[tuple[str, Path]], title: str, texts: Mapping[str, bytes] | None = None) -> Response:
    """Raises HTTPException (404) where there is nothing yet."""
    if not files:
        raise HTTPException(404)
    name = slug(safe_name(title))
    headers = {
        "content-disposition": f'attachment; filename="{name}.zip"', "cache-control": "private, no-store",
    }  # fmt: skip
    return StreamingResponse(zip_blocks(files, texts), media_type="application/zip", headers=headers)
