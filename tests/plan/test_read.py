"""A plan's file: what it may say, and how a slip is told."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from kindvoice.errors import SettingsError
from kindvoice.paths import data_folder
from kindvoice.plan.model import PlanOptions, Variant, in_language, variants
from kindvoice.plan.read import find_plan, read_plan

COURSES = data_folder("scripts_library") / "courses"
SMALLEST = 'title = "A Kind Week"\n[[tracks]]\npractice = "loving-kindness"\nlength = "10m"\n'

WHOLE = """
title = {en = "A Kind Week", de = "Eine gute Woche"}
about = "Seven days."
licence = "CC-BY-4.0"
credit = "Ours."
notes = '''
Ask everyone
first.'''
languages = ["en", "pt_br"]
lengths = ["10m", 20]
gentle = [false, true]
audiences = ["everyone", "carers"]
bed = "Rain"
landing = "8m"
preset = "sleep"
formats = "mp3, opus"
captions = ["vtt", "srt"]
cover = "cover.jpg"
missing = "skip"
output = "{language}/{track:02} {title:.40}"
participants = "people.csv"

[voices]
en = ["heart", "joe"]
pt = "kumo-pt"

[album]
title = {en = "Kind", de = "Gut"}
artist = "Ana Lima"
date = 2026-11-22
genre = "Meditation"
copyright = "2026 Ana Lima"

[values]
place = "garden"
steps = [1, 2]

[[sessions]]
number = 1
title = "Arriving"

[[sessions]]
name = "retreat"

[[tracks]]
session = 1
practice = "loving-kindness"
title = "For us"
length = "15m"
voice = "heart*0.9"
note = "At home."

[[tracks]]
session = "retreat"
script = "talk.md"
language = "en"
gentle = false
captions = "none"
cover = "off"
bed = "stream.wav"
name = "talk {length}"
title = {en = "A talk"}
values = {place = "hall"}

[[exclude]]
language = "pt-BR"
length = "20m"
"""


@pytest.fixture
def folder(tmp_path) -> Path:
    for name in ("cover.jpg", "stream.wav", "talk.md"):
        (tmp_path / name).write_text("x")
    (tmp_path / "people.csv").write_text("id\np1\n")
    return tmp_path


def read(folder: Path, text: str):
    (folder / "plan.toml").write_text(text, encoding="utf-8")
    return read_plan(folder / "plan.toml")


def test_the_smallest_plan(folder):
    plan = read(folder, SMALLEST)
    assert plan.title() == "A Kind Week"
    (track,) = plan.tracks
    assert (track.practice, track.script, track.number, track.options.lengths) == (
        "loving-kindness", None, 1, (600_000,),
    )  # fmt: skip
    assert plan.options == PlanOptions() and plan.participants == () and plan.output == ""


def test_everything_that_a_plan_may_say(folder):
    plan = read(folder, WHOLE)
    assert plan.title("de") == "Eine gute Woche" and plan.title("fr") == "A Kind Week"
    assert plan.notes == "Ask everyone\nfirst."
    options = plan.options
    assert options.languages == ("en", "pt-BR")
    assert options.lengths == (600_000, 1_200_000)
    assert in_language(options.voices, "pt-BR") == ("kumo-pt",) and in_language(options.voices, "de") is None
    assert (options.bed, options.landing_ms, options.preset, options.cover) == (
        "rain",
        480_000,
        "sleep",
        str(folder / "cover.jpg"),
    )
    assert (options.formats, options.captions) == (("mp3", "opus"), ("vtt", "srt"))
    assert options.values == (("place", "garden"), ("steps", (1, 2)))
    assert dict(options.tags) == {
        "artist": "Ana Lima", "date": "2026-11-22", "genre": "Meditation", "copyright": "2026 Ana Lima",
    }  # fmt: skip
    assert in_language(plan.albums, "de") == "Gut" and plan.skip_missing
    one, two = plan.tracks
    assert one.session.title == "Arriving" and one.titles == (("", "For us"),)
    assert one.options.voices == (("", ("heart*0.9",)),)
    assert two.script == folder / "talk.md" and two.name == "talk {length}" and two.session.key == "retreat"
    own = (two.options.captions, two.options.cover, two.options.bed)
    assert own == ((), "off", str(folder / "stream.wav"))
    names = [" ".join(v.name for v in variants([options, track.options])) for track in plan.tracks]
    assert names == ["standard carers gentle gentle-carers", "standard carers"]
    assert plan.excludes[0].languages == ("pt-BR",) and plan.excludes[0].lengths == (1_200_000,)
    assert plan.participants[0].id == "p1"


def test_variants_at_once(folder):
    plan = read(folder, 'variants = ["standard", "gentle carers"]\n' + SMALLEST)
    assert plan.options.variants == (Variant(), Variant(gentle=True, audience="carers"))
    assert variants([plan.options, PlanOptions(gentle=(True,))]) == (
        Variant(gentle=True), Variant(gentle=True, audience="carers"),
    )  # fmt: skip


@pytest.mark.parametrize(("plan", "names"), [
    ('audience = "trauma-sensitive"', "gentle"),
    ('audience = "health workers"', "health-workers"),
    ('audiences = ["everyone", "imageless", "trauma-sensitive"]', "standard imageless gentle"),
    ('audiences = ["parents", "trauma-sensitive"]\ngentle = [false, true]', "parents gentle gentle-parents"),
    ('variants = ["trauma-sensitive health-workers", "health workers"]', "gentle-health-workers health-workers"),
])  # fmt: skip
def test_trauma_sensitive_is_the_gentle_reading(folder, plan, names):
    options = read(folder, f"{plan}\n{SMALLEST}").options
    assert set(names.split()) == {variant.name for variant in variants([options])}
    theirs = variants([options, PlanOptions(audiences=("carers",))])
    assert any(variant.gentle for variant in theirs) == ("gentle" in names)


T = "[[tracks]]\npractice = 'loving-kindness'\n"


@pytest.mark.parametrize(("text", "line", "what", "cure"), [
    ('for = "parents"\n' + T, 1, "a plan has no 'for'", "did you mean `audience`?"),
    ('titel = "x"\n' + T, 1, "a plan has no 'titel'", "did you mean `title`?"),
    (SMALLEST + 'lenght = "2m"\n', 5, "a track has no 'lenght'", "did you mean `length`?"),
    (SMALLEST + "[[session]]\n", 5, "a plan has no 'session'", "did you mean `sessions`?"),
    (SMALLEST + "[[sessions]]\nnote = 'x'\n", 5, "a session has a number or a name", "number = 1"),
    (T, 0, "the plan lacks `title`", 'title = "Eight Weeks"'),
    ('title = "x"\n', 0, "the plan lacks `tracks`", "[[tracks]]"),
    ('title = ""\n' + T, 1, "`title`: wants a text", ""),
    ('title = "x"\ntracks = 3\n', 2, "`tracks`: wants tables", ""),
    ('title = "x"\n[[tracks]]\nlength = "10m"\n', 2, "a track has a practice or a script", "practice ="),
    ('title = "x"\n' + T + "script = 'talk.md'\n", 2, "not both", ""),
    ('title = "x"\n' + T + "length = 'soon'\n", 4, "`length`: 'soon' is not a length", ""),
    ('title = "x"\n' + T + "length = 12:30:00\n", 4, '`length`: wants a length, such as "20m"', ""),
    ('title = "x"\n' + T + "lengths = []\n", 4, "`lengths`: is empty", ""),
    ('title = "x"\n' + T + "length = '5m'\nlengths = ['6m']\n", 5, "`length` and `lengths` say the same", "keep one"),
    ('title = "x"\n' + T + "language = 'Klingonish'\n", 4, "'Klingonish' is not a language", ""),
    ('title = "x"\nformat = "mp4"\n' + T, 2, "there is no format named 'mp4'; did you mean", ""),
    ('title = "x"\nformats = "none"\n' + T, 2, "`formats`: is empty", ""),
    ('title = "x"\ncaptions = "vtx"\n' + T, 2, "no captions named 'vtx'", ""),
    ('title = "x"\nbed = "rainn"\n' + T, 2, "`bed`: has no 'rainn'; did you mean 'rain'?", ""),
    ('title = "x"\nbed = "gone.wav"\n' + T, 2, "`bed`: there is no file gone.wav", ""),
    ('title = "x"\ncover = "gone.jpg"\n' + T, 2, "there is no file gone.jpg", ""),
    ('title = "x"\naudience = "carer"\n' + T, 2, "did you mean carers?", ""),
    ('title = "x"\nvariants = ["gentel"]\n' + T, 2, "did you mean 'gentle'?", ""),
    ('title = "x"\nvariants = ["gentle"]\ngentle = true\n' + T, 2, "`variants` already says", "keep one"),
    ('title = "x"\ngentle = "yes"\n' + T, 2, "is true or false", ""),
    ('title = "x"\ndate = "soon"\n' + T, 2, "`date`: 'soon' is no date", ""),
    ('title = "x"\nartist = "A"\n' + T + "[album]\nartist = 'B'\n", 6, "stands in the plan and in its [album]", "keep"),
    ('title = "x"\n' + T + "[album]\nartiste = 'B'\n", 5, "the album has no 'artiste'", "did you mean `artist`?"),
    ('title = "x"\n' + T + "[album]\ndate = 'B'\n", 5, "`date`: 'B' is no date", ""),
    ('title = "x"\nmissing = "leave"\n' + T, 2, 'is "error" or "skip"', ""),
    ('title = "x"\nvalues = {minutes = 3}\n' + T, 2, "'minutes' comes from kindvoice itself", ""),
    ('title = "x"\nvalues = {"a b" = 3}\n' + T, 2, "'a b' is no name", ""),
    ('title = "x"\nvalues = {a = {b = 1}}\n' + T, 2, "a value is a text", ""),
    ('title = "x"\noutput = "{tracks}"\n' + T, 2, "there is no {tracks}; did you mean {track}?", ""),
    ('title = "x"\noutput = "../{title}"\n' + T, 2, "stays inside of the output folder", ""),
    ('title = "x"\nparticipants = "gone.csv"\n' + T, 2, "there is no file gone.csv", ""),
    ('title = "x"\nparticipants = 3\n' + T, 0, "the participants are no list", ""),
    (SMALLEST + "session = 3\n[[sessions]]\nnumber = 1\n", 5, "there is no session 3", "known: 1"),
    (SMALLEST + "[[sessions]]\nnumber = 1\n[[sessions]]\nnumber = 1\n", 7, "two sessions 1", "rename"),
    (SMALLEST + "[[exclude]]\n", 5, "this leaves out everything", "language"),
    (SMALLEST + "[[exclude]]\ntracks = [0]\n", 6, "wants a whole number", ""),
    ('title = "x"\n[[tracks]]\nscript = "gone.md"\n', 3, "there is no script gone.md", "looked for"),
    ('title = "x"\n[[tracks]]\npractice = "gone.md"\n', 3, "there is no script gone.md", "looked for"),
    ('title = "x"\n[[tracks]]\nscript = "{lang}/x.md"\n', 3, "may hold {language}", ""),
    ("title = \n", 1, "the file is not TOML", "docs/plans.md"),
])  # fmt: skip
def test_a_slip_is_told_with_its_line(folder, text, line, what, cure):
    with pytest.raises(SettingsError) as caught:
        read(folder, text)
    error = caught.value
    assert what in error.what
    assert cure in error.cure
    assert (error.where.path, error.where.line) == (str(folder / "plan.toml"), line)


WORDS = """title = "Acht Wochen"
about = "Acht Treffen."
[[sessions]]
number = 1
title = "Was Freundlichkeit ist"
"""


def test_a_course_has_its_words_in_the_folder_of_a_language(tmp_path):
    course = tmp_path / "courses" / "week.toml"
    for path, text in (
        (course, 'title = "Eight Weeks"\nabout = "x"\n[[sessions]]\nnumber = 1\ntitle = "Kindness"\n'
                 '[[sessions]]\nname = "retreat"\ntitle = "Silence"\n[[tracks]]\npractice = "grounding"\n'),
        (tmp_path / "de" / "week.toml", WORDS),
    ):  # fmt: skip
        path.parent.mkdir()
        path.write_text(text)
    plan = read_plan(course)
    names = {
        tag: (plan.title(tag), plan.about_in(tag), *(plan.session_title(each, tag) for each in plan.sessions))
        for tag in ("", "en", "de-AT")
    }
    assert names == {
        "": ("Eight Weeks", "x", "Kindness", "Silence"), "en": ("Eight Weeks", "x", "Kindness", "Silence"),
        "de-AT": ("Acht Wochen", "Acht Treffen.", "Was Freundlichkeit ist", "Silence"),
    }  # fmt: skip
    (tmp_path / "de" / "week.toml").write_text('title = "Acht Wochen"\n')
    with pytest.raises(SettingsError, match="wants a text") as caught:
        read_plan(course)
    assert caught.value.where.path.endswith("week.toml")


def test_a_course_in_another_language_has_words_for_every_part():
    def parts(course, *keys, of=lambda word: word) -> list:
        both = [each for part in ("sessions", "tracks") for each in course.get(part, [])]
        return [tuple(of(each.get(key)) for key in keys) for each in both]

    for path in sorted(COURSES.parent.glob("[!c]*/*.toml")):
        theirs, ours = (
            tomllib.loads(each.read_text(encoding="utf-8")) for each in (COURSES / path.name, path)
        )
        assert all(ours[name] for name in ("title", "about", "notes")), path
        assert parts(ours, "number", "name", "practice") == parts(theirs, "number", "name", "practice"), path
        assert parts(ours, "title", "note", of=bool) == parts(theirs, "title", "note", of=bool), path


def test_a_plan_by_its_name(tmp_path, monkeypatch):
    library = [data_folder("scripts_library"), tmp_path]
    assert find_plan("eight-weeks", library) == COURSES / "eight-weeks.toml"
    (tmp_path / "courses").mkdir()
    (tmp_path / "courses" / "eight-weeks.toml").touch()
    assert find_plan("eight-weeks", library).parent == tmp_path / "courses"
    assert find_plan("./mine", library) == Path("mine")
    assert find_plan("mine.toml", library) == Path("mine.toml")
    with pytest.raises(SettingsError, match="did you mean 'five-days'"):
        find_plan("five-day", library)
    with pytest.raises(SettingsError, match="no such file"):
        read_plan(tmp_path / "gone.toml")


def test_people_may_stand_in_the_plan_itself(folder):
    plan = read(folder, SMALLEST + "[[participants]]\nid = 'p1'\nphrases = ['May I be safe']\n")
    assert plan.participants[0].where.line == 5
    plan = read(folder, SMALLEST + "[[participants]]\nid = 'Zeb'\n[[participants]]\nid = 'ZEB'\n")
    (fault,) = plan.people.faults
    assert "plan.toml:7: the same id stands in line 5" in str(fault) and "Zeb" not in str(fault)
