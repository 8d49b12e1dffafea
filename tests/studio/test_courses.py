"""A teacher's course for a group: made person by person, behind links of their own, and forgotten."""

from __future__ import annotations

import html
import io
import json
import re
import zipfile
from dataclasses import replace

import feedparser
import pytest
from ordering import everything_in
from studioweb import Host, hosted, token_in, words_of

from kindvoice.model import Where
from kindvoice.plan.expand import expand
from kindvoice.plan.participant import GivenPhrase, Participant
from kindvoice.plan.people import people_from_table
from kindvoice.plan.read import read_plan
from kindvoice.studio.group.archive import folder_names
from kindvoice.studio.group.course import ChosenTrack, GroupCourse, plan_text, read_course
from kindvoice.studio.group.table import taken_in
from kindvoice.studio.host.config import Limits

pytestmark = pytest.mark.slow

HERE = Where(path="people", line=0)
PEOPLE = "Ana: May I be safe | May I forgive my lighthouse\nBen\n"


class Teacher:
    """Somebody at the teachers' pages, with one course."""

    def __init__(self, host: Host, title: str = "Kind Weeks") -> None:
        self.host, self.client = host, host.client
        page = self.client.get("/teach/courses/new").text
        self.token = token_in(page)
        made = self.post("/teach/courses/new", title=title, language="en")
        self.path = made.headers["location"]
        self.id = self.path.rpartition("/")[2]

    @property
    def saved(self):
        return self.host.studio.courses.find(self.id)

    @property
    def page(self) -> str:
        return self.client.get(self.path).text

    def post(self, path: str, **fields: str):
        return self.client.post(path, data={"token": self.token, **fields})

    def choose(self, *practices: str, act: str = "keep", **minutes: str):
        keys = {f"track-{n}": practice for n, practice in enumerate(practices, 1)}
        lengths = {name.replace("_", "-"): text for name, text in minutes.items()}
        fields = {"act": act, "title": "Kind Weeks", "voice": "tone", **keys, **lengths}
        return self.post(f"{self.path}/tracks", **fields)

    def bring(self, text: str = "", file: tuple[str, bytes] = ("", b"")):
        data = {"token": self.token, "text": text}
        return self.client.post(f"{self.path}/people", data=data, files={"file": file})

    def make(self) -> None:
        answer = self.post(f"{self.path}/make")
        assert answer.status_code == 303, words_of(answer.text)
        worker = self.host.studio.course_worker
        with worker._lock:
            assert worker._lock.wait_for(
                lambda: worker._now is None and not any(run.waiting for run in worker._runs.values()), 60
            )

    def link(self, name: str) -> str:
        page = self.client.get(f"{self.path}/links").text
        return re.search(
            rf"<strong[^>]*>{name}</strong>.*?href=\"http://127.0.0.1:8123(/g/[^\"]+)\"", page, re.S
        )[1]


@pytest.fixture(scope="module")
def host(tmp_path_factory, choices):
    with hosted(tmp_path_factory.mktemp("courses"), choices) as host:
        yield host


@pytest.fixture
def teacher(host) -> Teacher:
    return Teacher(host)


@pytest.fixture(scope="module")
def made(host) -> Teacher:
    teacher = Teacher(host)
    teacher.choose("kind-minute", "short-kindness", minutes_2="2")
    teacher.bring(PEOPLE)
    teacher.make()
    return teacher


# ---------------------------------------------------------------- what a teacher writes


def test_a_course_is_the_plan_that_build_reads(tmp_path):
    people = (
        Participant(id="p01", name='Ana "A"', language="de", phrases=(
            GivenPhrase(text="Möge ich [bell] {{ 7*7 }} sein", forms=(("other", "Du"), ("together", "Wir"))),
            GivenPhrase(text="Ruhe\\Stille")), values=(("größe", 3),), gentle=True, length_ms=90_000, where=HERE),
        Participant(id="p02", where=HERE),
    )  # fmt: skip
    course = GroupCourse(
        title='Eine "gute" Woche', language="en", voice="heart", gentle=True, people=people,
        tracks=(
            ChosenTrack(practice="loving-kindness", minutes=10), ChosenTrack(script=tmp_path / "a.md", language="en"),
        ),
    )  # fmt: skip
    (tmp_path / "a.md").write_text("Be here. [pause 4s]\n")
    path = tmp_path / "plan.toml"
    path.write_text(plan_text(course, ()), encoding="utf-8")
    where = Where(path=str(path), line=0)
    people = (replace(people[0], where=where), replace(people[1], where=where, language="en"))
    assert read_course(path) == replace(course, people=people)
    plan = read_plan(path)
    assert [person.phrases for person in plan.participants] == [person.phrases for person in people]
    assert [(track.slug, track.options.lengths) for track in plan.tracks] == [
        ("loving-kindness", (600_000,)), ("a", None),
    ]  # fmt: skip


def test_practices_are_put_in_order_without_scripts(teacher):
    def order() -> list[tuple[str, int | None]]:
        return [(track.practice, track.minutes) for track in teacher.saved.course.tracks]

    teacher.choose("kind-minute", "short-kindness", "friend", minutes_2="2")
    for act, after in (
        ("up-3", ["kind-minute", "friend", "short-kindness"]),
        ("down-3", ["kind-minute", "friend", "short-kindness"]),
        ("down-1", ["friend", "kind-minute", "short-kindness"]),
        ("off-1", ["kind-minute", "short-kindness"]),
        ("up-9", ["kind-minute", "short-kindness"]),
    ):
        answer = teacher.choose(*(practice for practice, _ in order()), act=act)
        assert answer.status_code == 303 and [practice for practice, _ in order()] == after, act
    assert teacher.choose("kind-minute", minutes_1="5").status_code == 303 and order() == [("kind-minute", 5)]
    assert teacher.choose("../../etc/passwd", "kind-minute").status_code == 303
    assert order() == [("kind-minute", None)], "only what is on the list can be chosen"
    for minutes in ("0", "x", "9999", "-1", "181"):
        answer = teacher.choose("kind-minute", minutes_1=minutes)
        assert answer.status_code == 422 and "whole number of minutes" in answer.text
    assert teacher.choose(*["kind-minute"] * 41).status_code == 422


KAI = "名前\t言語\t願い1\t願い2\nあい\tja\tわたしが休めますように\t\nけん\tja\t心が休めますように\t\n"
TABLE = "Name;Sprache;Satz 1;Satz 2\nAna;de;Möge ich sicher sein;Möge ich ruhen\nBo;;May I be safe;\n"


@pytest.mark.parametrize(
    ("brought", "people"),
    [
        ({"text": PEOPLE}, {"Ana": ("en", 2), "Ben": ("en", 0)}),
        ({"text": "Ana\tMay I be safe; may I rest\nZoé\tMay I rest"}, {"Ana": ("en", 2), "Zoé": ("en", 1)}),
        ({"text": TABLE}, {"Ana": ("de", 2), "Bo": ("en", 1)}),
        ({"file": ("group.csv", TABLE.encode("cp1252"))}, {"Ana": ("de", 2), "Bo": ("en", 1)}),
        ({"file": ("kai.tsv", KAI.encode("cp932"))}, {"あい": ("ja", 1), "けん": ("ja", 1)}),
    ],
)  # fmt: skip
def test_a_table_or_a_list_is_understood_and_told_back(teacher, brought, people):
    page = teacher.bring(**brought)
    assert page.status_code == 200 and "People understood: 2" in page.text
    found = {p.name: (p.language, len(p.phrases)) for p in teacher.saved.course.people}
    assert found == people
    assert [person.id for person in teacher.saved.course.people] == ["p01", "p02"], "no name becomes a file's"
    teacher.bring(**brought)
    assert len(teacher.saved.course.people) == 2, "nobody is there twice"


@pytest.mark.parametrize(
    ("brought", "status"),
    [
        ({}, 422),
        ({"text": "id,phrases\n,\n"}, 422),
        ({"file": ("people.xlsx", b"PK\3\4" * 100)}, 422),
        ({"file": ("people.xls", b"\xd0\xcf\x11\xe0" * 9)}, 422),
        ({"file": ("people.csv", b"\0" * 999)}, 422),
        ({"file": ("people.csv", b"x" * 5_200_000)}, 413),
    ],
)
def test_what_is_no_table_is_said_and_changes_nothing(teacher, brought, status):
    answer = teacher.bring(**brought)
    assert answer.status_code == status and teacher.saved.course.people == ()


def test_ids_of_a_table_stay_and_a_row_that_cannot_be_read_hides_nobody(teacher):
    rows = "id,name,length,phrases\nx7,Ana,10m,May I be safe\nx8,Ben,soon,May I rest\n"
    page = html.unescape(teacher.bring(text=rows).text)
    assert [person.id for person in teacher.saved.course.people] == ["x7"]
    assert "the length cannot be used" in page and "soon" not in page.partition("<textarea")[0]
    both = taken_in((), people_from_table(b"name,phrases\nAna,x\nAna,y\n", "p").participants)
    assert [(p.id, p.name) for p in both] == [("p01", "Ana"), ("p02", "Ana")]


def test_somebody_is_changed_by_hand(teacher):
    for fields, status in (
        ({"name": "Ana", "phrases": "May I be safe\n\n  May I   rest ", "language": ""}, 303),
        ({"name": "", "phrases": "x"}, 422),
        ({"name": "Bo", "phrases": "x" * 20_000}, 422),
    ):
        assert teacher.post(f"{teacher.path}/people/new", **fields).status_code == status
    (ana,) = teacher.saved.course.people
    assert [phrase.text for phrase in ana.phrases] == ["May I be safe", "May I rest"]
    teacher.post(f"{teacher.path}/people/{ana.id}", name="Anna", phrases="", language="de")
    (anna,) = teacher.saved.course.people
    assert (anna.id, anna.name, anna.language, anna.phrases) == (ana.id, "Anna", "de", ())
    assert teacher.client.get(f"{teacher.path}/people/p99").status_code == 404


# ---------------------------------------------------------------- making, listening


def test_what_will_be_made_is_told_first(teacher):
    page = teacher.client.get(f"{teacher.path}?guess=1").text
    assert "Choose practices first." in page
    assert teacher.post(f"{teacher.path}/make").status_code == 422
    teacher.choose("kind-minute", "short-kindness", minutes_2="2")
    teacher.bring(PEOPLE)
    page = words_of(teacher.client.get(f"{teacher.path}?guess=1").text)
    assert re.search(r"Recordings\s+4\s+To be made\s+4\s+Sound, about\s+6:00", page)
    teacher.choose("short-kindness", minutes_1="99")
    page = words_of(teacher.client.get(f"{teacher.path}?guess=1").text)
    assert "cannot last 1h39m" in page and "--" not in page


def test_everybody_has_a_page_of_their_own(made):
    assert "4 of 4 are made" in words_of(made.page)
    ana, ben = made.link("Ana"), made.link("Ben")
    listening = made.host.browser()
    page = listening.get(ana).text
    assert re.findall(r'<h3><a href="([^"]+)"', page) == ["01-a-kind-minute.html", "02-a-short-kindness.html"]
    track = listening.get(f"{ana}02-a-short-kindness.html")
    assert "forgive my lighthouse" in track.text and track.headers["cache-control"] == "no-store"
    assert "lighthouse" not in listening.get(f"{ben}02-a-short-kindness.html").text
    sound = re.search(r'<source src="([^"]+)"', track.text)[1]
    answer = listening.get(ana + sound, headers={"range": "bytes=0-99"})
    assert (answer.status_code, len(answer.content)) == (206, 100)
    assert "no-store" in answer.headers["cache-control"]
    for wrong in (ana[:-5] + "AAAA/", ana[:20] + ben[20:], f"/g/{'A' * 48}/", f"/g/{made.id}/", "/g/x/"):
        if wrong not in (ana, ben):
            assert listening.get(wrong).status_code == 404, wrong
    for path in ("media/..%2f..%2fplan.toml", "files/plan.toml", "03-x.html", "course.json"):
        assert listening.get(ana + path).status_code == 404


def test_a_feed_and_a_zip_have_all_of_theirs(made):
    ana = made.link("Ana")
    feed = feedparser.parse(made.client.get(f"{ana}feed.xml").text)
    assert [entry.title for entry in feed.entries] == ["A Kind Minute", "A Short Kindness"]
    for entry in feed.entries:
        path = entry.enclosures[0].href.removeprefix("http://127.0.0.1:8123")
        assert path.startswith(ana) and len(made.client.get(path).content) == int(entry.enclosures[0].length)
    own = zipfile.ZipFile(io.BytesIO(made.client.get(f"{ana}all.zip").content))
    assert own.testzip() is None and own.namelist() == ["01 A Kind Minute.mp3", "02 A Short Kindness.mp3"]
    answer = made.client.get(f"{made.path}/zip")
    every = zipfile.ZipFile(io.BytesIO(answer.content))
    assert every.testzip() is None and {name for name in every.namelist() if name.endswith(".mp3")} == {
        f"{who}/{name}" for who in ("Ana", "Ben") for name in own.namelist()
    }
    assert 'filename="kind-weeks.zip"' in answer.headers["content-disposition"]
    assert folder_names([("p1", "A/B"), ("p2", "a/b"), ("p3", "")])["p1"].endswith("(p1)")


def test_the_plan_is_taken_along(made, tmp_path):
    answer = made.client.get(f"{made.path}/plan")
    (tmp_path / "plan.toml").write_bytes(answer.content)
    plan = read_plan(tmp_path / "plan.toml")
    items = expand(plan, output=tmp_path, settings=made.host.config.settings)
    assert [item.id for item in items][:2] == [
        "en/01-kind-minute/1m/tone/p01", "en/01-kind-minute/1m/tone/p02"
    ]  # fmt: skip
    assert "no-store" in answer.headers["cache-control"]


def test_only_what_has_changed_is_made_again(host):
    teacher = Teacher(host)
    teacher.choose("short-kindness")
    teacher.bring("Ana: May I be safe\nBen: May I rest")
    teacher.make()
    paths = sorted(teacher.saved.recordings.rglob("*.mp3"))
    before = {path: path.stat().st_mtime_ns for path in paths}
    assert len(paths) == 2
    teacher.bring("Ben: May I be at ease")
    assert "1 of 2 are made" in words_of(teacher.page)
    teacher.make()
    changed = [path.parent.name for path in paths if path.stat().st_mtime_ns != before[path]]
    assert changed == ["p02"]
    teacher.choose("kind-minute")
    teacher.make()
    left = sorted(path.name for path in teacher.saved.recordings.rglob("*.mp3"))
    assert left == ["01 A Kind Minute.mp3"] * 2, "what the course has no more is gone"


def test_a_wish_that_speaks_of_dying_waits_for_the_teacher(teacher):
    teacher.choose("short-kindness")
    teacher.bring("Ana: May I die soon\nBen: May I rest")
    page = words_of(teacher.page)
    assert "A wish of Ana speaks of dying" in page and "findahelpline.com" in page
    teacher.make()
    assert sorted(p.parent.name for p in teacher.saved.recordings.rglob("*.mp3")) == ["p02"]
    teacher.post(f"{teacher.path}/willing", person="p01")
    teacher.make()
    assert sorted(p.parent.name for p in teacher.saved.recordings.rglob("*.mp3")) == ["p01", "p02"]
    teacher.bring("Ana: May I die now")
    assert "A wish of Ana speaks of dying" in words_of(teacher.page), "another wish is another question"


@pytest.mark.parametrize("by", ["teacher", "themselves", "course"])
def test_forgetting_leaves_nothing(host, caplog, by):
    config = host.config
    teacher = Teacher(host)
    teacher.choose("short-kindness")
    teacher.bring("Zebulon: May I forgive my zeppelin\nBen: May I rest")
    teacher.make()
    link, ben = teacher.link("Zebulon"), teacher.link("Ben")
    if by == "teacher":
        teacher.post(f"{teacher.path}/people/p01/forget")
    elif by == "themselves":
        browser = host.browser()
        token = token_in(browser.get(link).text)
        assert browser.post(f"{link}delete", data={"token": token}).headers["location"].startswith("/deleted")
    else:
        teacher.post(f"{teacher.path}/delete")
        assert host.client.get(teacher.path).status_code == 404
    assert host.client.get(link).status_code == 404
    assert host.client.get(ben).status_code == (404 if by == "course" else 200)
    left = everything_in(config.data) + everything_in(config.settings.cache)
    for word in (b"zeppelin", b"Zebulon"):
        assert word not in left
    assert f"course-{teacher.id}-p01".encode() not in left
    assert "zeppelin" not in caplog.text and "Zebulon" not in caplog.text


def test_a_new_link_ends_the_old_one(teacher):
    teacher.bring("Ana")
    old = teacher.link("Ana")
    teacher.post(f"{teacher.path}/people/p01/link")
    assert (
        teacher.client.get(old).status_code == 404
        and teacher.client.get(teacher.link("Ana")).status_code == 200
    )
    facts = json.loads((teacher.saved.folder / "course.json").read_text())
    assert teacher.link("Ana")[3:].strip("/") not in json.dumps(facts), (
        "a link is made of more than what is kept"
    )


def test_what_is_too_much_is_refused_before_any_work(tmp_path, choices):
    limits = Limits(
        requests_per_second=1000, requests_burst=5000, page_bytes=0, course_people=3, course_recordings=4,
        course_minutes=5, courses=1,
    )  # fmt: skip
    with hosted(tmp_path, choices, limits=limits) as host:
        teacher = Teacher(host)
        assert "as many courses" in teacher.post("/teach/courses/new", title="Another").text
        many = teacher.bring("\n".join(f"Person {n}x: May I rest" for n in "abcd"))
        assert many.status_code == 422 and "more people" in many.text and not teacher.saved.course.people
        teacher.bring("Ana\nBen\nCem")
        for tracks, told in ((["kind-minute"] * 2, "more recordings"), (["short-kindness"], "more minutes")):
            teacher.choose(*tracks, minutes_1="3")
            answer = teacher.post(f"{teacher.path}/make")
            assert answer.status_code == 422 and told in answer.text
        assert not teacher.saved.recordings.exists() and not teacher.saved.facts.making


def test_what_was_being_made_goes_on_after_a_restart(tmp_path, choices):
    with hosted(tmp_path, choices) as host:
        teacher = Teacher(host)
        teacher.choose("short-kindness")
        host.studio.courses.note(teacher.id, lambda facts: replace(facts, making=True))
    with hosted(tmp_path, choices) as host:
        worker = host.studio.course_worker
        with worker._lock:
            assert worker._lock.wait_for(
                lambda: worker._now is None and not any(run.waiting for run in worker._runs.values()), 60
            )
        saved = host.studio.courses.find(teacher.id)
        assert [path.name for path in saved.recordings.rglob("*.mp3")] == ["01 A Short Kindness.mp3"]
        assert not saved.facts.making
        everybody = host.studio.courses.link(saved, "")
        assert "A Short Kindness" in host.client.get(f"/g/{everybody}/").text
