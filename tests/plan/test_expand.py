"""A plan to items: the matrix, the participants, and what is told before anything is spoken."""

from __future__ import annotations

import csv
import io
import itertools
import pickle
import re
from dataclasses import replace
from pathlib import Path

import pytest
from hostile import HOSTILE
from hypothesis import HealthCheck, given
from hypothesis import settings as profile
from hypothesis import strategies as st
from make import changed, flat, prepare

from kindvoice.build.read import digest_of, read
from kindvoice.errors import KindvoiceError, ScriptError, SettingsError, VoiceError
from kindvoice.jobs.items import Item
from kindvoice.jobs.outcome import Outcome
from kindvoice.paths import data_folder
from kindvoice.plan.estimate import PlanPace, estimate
from kindvoice.plan.expand import expand
from kindvoice.plan.participant import fold
from kindvoice.plan.read import read_plan
from kindvoice.settings import Settings, load_settings
from kindvoice.speech.voices import read_voices
from kindvoice.store import Store

COURSES = data_folder("scripts_library") / "courses"
SOME = ("en", "de")
SECRET = "May Zebulon forgive the lighthouse"
VOICES = read_voices([data_folder("voices")])


@pytest.fixture(scope="module")
def own(tmp_path_factory) -> Settings:
    cache = tmp_path_factory.mktemp("own")
    return load_settings({"KINDVOICE_CACHE": str(cache)}, cache / "none.toml")


@pytest.fixture
def made(tmp_path, own):
    """From a plan's text, its people and its scripts to its items."""

    def make(
        text: str, people: str = "", notes: list[str] | None = None, own: Settings = own, **scripts: str
    ):
        (tmp_path / "plan.toml").write_text('title = "A Kind Week"\n' + text, encoding="utf-8")
        (tmp_path / "people.csv").write_text(people, encoding="utf-8")
        for name, script in scripts.items():
            path = tmp_path / (name.replace("__", "/") + ".md")
            path.parent.mkdir(exist_ok=True)
            path.write_text(script, encoding="utf-8")
        plan = read_plan(tmp_path / "plan.toml")
        on_note = (notes if notes is not None else []).append
        return expand(plan, output=tmp_path / "out", settings=own, voices=VOICES, on_note=on_note)

    return make


def refused(made, *given, **more) -> KindvoiceError:
    with pytest.raises(KindvoiceError) as caught:
        made(*given, **more)
    return caught.value


def ids(items: tuple[Item, ...]) -> list[str]:
    return [item.id for item in items]


def place(item: Item) -> Path:
    return item.request.publication.folder / item.request.publication.name


def places(items: tuple[Item, ...], root: Path) -> list[str]:
    return [place(item).relative_to(root / "out").as_posix() for item in items]


LK = '[[tracks]]\npractice = "loving-kindness"\n'
PEOPLE = 'participants = "people.csv"\n'


# ---------------------------------------------------------------- the library


def test_practices_without_words_for_an_audience_are_told_once(made):
    notes: list[str] = []
    tracks = LK + '[[tracks]]\nscript = "a.md"\n[[tracks]]\nscript = "b.md"\n'
    made(
        'audiences = ["everyone", "parents", "trauma-sensitive"]\n' + PEOPLE + tracks,
        "id\np1\np2\n", notes, a="[for parents] Yours.\n\nRest.\n", b="Rest.\n",
    )  # fmt: skip
    assert notes == ["no words of their own for parents, so as everybody hears them: loving-kindness, b"]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["five-days", "ten-online"])
def test_a_course_of_the_library(own, tmp_path, name):
    plan = read_plan(COURSES / f"{name}.toml")
    count = len(plan.tracks)
    assert plan.notes and plan.about and plan.licence == "Apache-2.0"
    assert all(track.session in plan.sessions and track.note for track in plan.tracks)
    lines = plan.path.read_text(encoding="utf-8").splitlines()
    assert all(lines[track.where.line - 1] == "[[tracks]]" for track in plan.tracks)
    items = expand(plan, output=tmp_path, settings=own, voices=VOICES)
    assert len(items) == count
    first = items[0]
    assert first.id == first.family == "en/01-soothing-touch/5m" and first.title == "Soothing Touch"
    assert place(first) == tmp_path / "01 Soothing Touch"
    tags = [dict(item.request.publication.tags) for item in items]
    assert [t["track"] for t in tags] == list(range(1, count + 1))
    assert {t["tracks"] for t in tags} == {count} and {t["album"] for t in tags} == {plan.title()}
    assert [t["disc"] for t in tags] == sorted(t["disc"] for t in tags)
    assert {t["discs"] for t in tags} == {len(plan.sessions)} == {tags[-1]["disc"]}
    requests = [item.request for item in items]
    assert all(each.version.script.is_absolute() and each.sound.takes.is_absolute() for each in requests)


@pytest.mark.slow
def test_a_course_in_some_languages(own, tmp_path):
    plan = read_plan(COURSES / "five-days.toml")
    several = replace(plan.options, languages=SOME)
    greek = replace(plan, options=replace(several, languages=("de", "el")), output="")
    with pytest.raises(SettingsError) as caught:
        expand(greek, output=tmp_path, settings=own)
    assert "in el: soothing-touch" in caught.value.what
    assert 'missing = "skip"' in caught.value.cure
    notes: list[str] = []
    left = expand(replace(greek, skip_missing=True), output=tmp_path, settings=own, on_note=notes.append)
    assert any("soothing-touch" in note and "in el" in note for note in notes)
    items = expand(replace(plan, options=several, output=""), output=tmp_path, settings=own)
    assert [item.id for item in left] == [item.id for item in items if item.id.startswith("de/")]
    counts = {tag: sum(item.request.version.language == tag for item in items) for tag in SOME}
    assert counts == dict.fromkeys(SOME, len(plan.tracks))
    # One language after another.
    assert list(dict.fromkeys(item.request.version.language for item in items)) == list(SOME)
    german = [item for item in items if item.id.startswith("de/")]
    assert place(german[0]) == tmp_path / "de" / german[0].request.publication.name
    versions = [item.request.version for item in items]
    assert all(f"/{version.language}/" in version.script.as_posix() for version in versions)
    assert all(not each.problem and each.exact for each in guess(german[:3], own))


def test_the_plans_of_the_guide(own, tmp_path):
    guide = (COURSES.parents[1] / "docs" / "plans.md").read_text(encoding="utf-8")
    (tmp_path / "people.csv").write_text(re.findall(r"```text\n(.*?)```", guide, re.S)[0], encoding="utf-8")
    counts = []
    for n, text in enumerate(re.findall(r"```toml\n(.*?)```", guide, re.S)):
        (tmp_path / f"{n}.toml").write_text(text, encoding="utf-8")
        counts.append(len(expand(read_plan(tmp_path / f"{n}.toml"), output=tmp_path, settings=own)))
    assert counts == [3, 7]


# ---------------------------------------------------------------- the matrix


def test_languages_voices_lengths_and_readings(made, tmp_path):
    items = made(
        'languages = ["en", "de"]\nlengths = ["10m", "20m"]\ngentle = [false, true]\n'
        'voices = ["heart", "pico-en-gb", "pico-de"]\n' + LK
    )
    assert len(items) == 2 * 2 * 2 + 2 * 2
    assert ids(items)[:3] == [
        "en/01-loving-kindness/10m/heart", "en/01-loving-kindness/10m/heart/gentle",
        "en/01-loving-kindness/10m/pico-en-gb",
    ]  # fmt: skip
    assert places(items, tmp_path)[1] == "en/01 Loving-Kindness for Ourselves 10m heart gentle"
    assert places(items, tmp_path)[-1] == "de/01 Liebende Güte für uns selbst 20m gentle"
    options = flat(items[1].request)
    options = (options.language, options.voice, options.length_ms, options.gentle)
    assert options == ("en", "heart", 600_000, True)
    assert len({item.family for item in items}) == len(items) == len(set(ids(items)))


def test_a_track_stands_before_the_plan(made):
    one, two = made(
        'language = "en"\nlength = "10m"\nbed = "rain"\npreset = "sleep"\nformats = ["mp3"]\ncaptions = "none"\n'
        'cover = "off"\nartist = "Ana"\n[values]\nplace = "garden"\nseason = "spring"\n' + LK + LK +
        'length = "20m"\nvoice = "heart*0.9"\nbed = "off"\npreset = "podcast"\nformats = ["flac", "m4b"]\n'
        'captions = ["srt"]\ntitle = "For us"\nartist = "Bo"\naudience = "carers"\nname = "last {length}"\n'
        'values = {place = "hall"}\n'
    )  # fmt: skip
    a, b = flat(one.request), flat(two.request)
    plan, track = ((x.bed, x.preset, x.formats, x.captions, x.cover, x.voice, x.audience) for x in (a, b))
    assert plan == ("rain", "sleep", ("mp3",), (), "off", None, "everyone")
    assert track == ("off", "podcast", ("flac", "m4b"), ("srt",), "off", "heart*0.9", "carers")
    assert (b.length_ms, b.name) == (1_200_000, "last 20m") and place(one).is_absolute()
    assert dict(a.values) == {"place": "garden", "season": "spring"} and dict(b.values)["place"] == "hall"
    assert dict(a.tags)["artist"] == "Ana" and "title" not in dict(a.tags)
    assert dict(b.tags)["artist"] == "Bo" and dict(b.tags)["title"] == "For us" == two.title


def test_what_nobody_says_comes_from_the_settings_and_the_script(made, own):
    settings = replace(
        own, voice="heart", bed="rain", preset="sleep", format="opus", captions="srt,lrc", artist="Ana"
    )
    items = made('languages = ["en", "de"]\n' + LK, own=settings)
    options = flat(items[0].request)
    assert (options.default_voice, options.default_bed, options.default_preset) == ("heart", "rain", "sleep")
    assert (options.formats, options.captions) == (("opus",), ("srt", "lrc"))
    assert (options.artist, options.length_ms) == ("Ana", None)
    assert items[1].request.sound.default_voice is None  # heart speaks no German
    assert ids(items) == ["en/01-loving-kindness/15m", "de/01-loving-kindness/15m"]


SCRIPT = "---\nlanguage: {}\ntitle: {}\n---\n# One\nMay all be well. [pause 5s]\n"


def test_scripts_of_ones_own(made, tmp_path):
    track = '[[tracks]]\nscript = "{language}/talk.md"\n'
    scripts = {"en__talk": SCRIPT.format("en", "A Talk"), "de__talk": SCRIPT.format("de", "Ein Gespräch")}
    items = made('languages = ["en", "de"]\nlicence = "CC-BY-4.0"\n' + track, **scripts)
    assert places(items, tmp_path) == ["en/01 A Talk", "de/01 Ein Gespräch"]
    assert ids(items) == ["en/01-talk", "de/01-talk"]
    assert dict(items[0].request.publication.tags)["licence"] == "CC-BY-4.0"
    error = refused(made, 'languages = ["en", "fr"]\n' + track)
    assert "missing in fr: talk" in error.what
    # without a language the script's own counts
    (one,) = made('[[tracks]]\npractice = "de/talk.md"\n')
    assert one.request.version.language == "de"
    assert (
        "is in de, and the plan asks for it in en"
        in refused(made, 'language = "en"\n[[tracks]]\nscript = "de/talk.md"\n').what
    )
    (two,) = made('[[tracks]]\nscript = "a-kind_day.md"\n', **{"a-kind_day": "Rest. [5s]\n"})
    assert (two.title, two.request.version.language, two.id) == ("A kind day", "en", "en/01-a-kind_day")
    error = refused(made, 'languages = ["en", "de"]\n[[tracks]]\nscript = "a-kind_day.md"\n')
    assert "does not say its language" in error.what


def test_what_is_not_there(made):
    error = refused(made, '[[tracks]]\npractice = "loving-kindnes"\n')
    assert isinstance(error, ScriptError) and error.where.line == 2
    assert "did you mean 'loving-kindness'" in error.cure
    error = refused(made, 'voice = "hart"\n' + LK)
    assert isinstance(error, VoiceError) and "did you mean" in error.cure
    for plan, what in (
        ('[voices]\nde = "heart"\n' + LK + 'language = "de"\n', "speaks en"),
        ('voices = "heart"\nlanguages = ["en", "de"]\n' + LK, "none of the voices heart speaks de"),
        ('voice = "heart*9"\n' + LK, "no pace"),
        (LK + 'preset = "podcst"\n', "no preset named 'podcst'"),
        (LK + "[[exclude]]\ntrack = 1\n", "comes to no recording"),
    ):
        assert what in refused(made, plan).what


def test_what_is_left_out(made):
    notes: list[str] = []
    items = made(
        'languages = ["en", "de"]\nlengths = ["10m", "20m"]\n' + LK + LK +
        '[[exclude]]\nlanguage = "de"\nlength = "20m"\n[[exclude]]\ntracks = [2]\nlanguages = ["en"]\n'
        '[[exclude]]\npractice = "nothing"\n', notes=notes,
    )  # fmt: skip
    assert ids(items) == [
        "en/01-loving-kindness/10m", "en/01-loving-kindness/20m", "de/01-loving-kindness/10m",
        "de/02-loving-kindness/10m",
    ]  # fmt: skip
    assert len(notes) == 1 and notes[0].endswith("plan.toml:14: this leaves nothing out")
    plan = 'languages = ["pt-BR", "pt-PT", "en"]\n' + LK + "[[exclude]]\nlanguage = "
    for tag, left in (("pt-br", ["pt-PT", "en"]), ("pt", ["en"])):
        assert [item.request.version.language for item in made(f'{plan}"{tag}"\n')] == left


def test_a_length_that_a_script_is_not_written_for_is_told(made):
    notes: list[str] = []
    made('lengths = ["2m", "10m"]\n' + LK, notes=notes)
    assert notes == ["en/01-loving-kindness/2m asks for 2m of a script that is written for 5m to 45m"]


# ---------------------------------------------------------------- participants


def test_everybody_gets_their_own_words(made, tmp_path):
    people = (
        f"id,name,language,phrases,length,voice,place\np1,Ana,,{SECRET}|May I rest,,,\n"
        "p2,Bo,de,Möge ich sicher sein,,,\np3,,,,5m,pico-en-gb,sea\n"
    )
    items = made('language = "en"\nlength = "10m"\nvalues = {place = "garden"}\n' + PEOPLE + LK + LK, people)
    assert ids(items) == [
        "en/01-loving-kindness/10m/p1", "en/01-loving-kindness/5m/pico-en-gb/p3", "en/02-loving-kindness/10m/p1",
        "en/02-loving-kindness/5m/pico-en-gb/p3", "de/01-loving-kindness/10m/p2", "de/02-loving-kindness/10m/p2",
    ]  # fmt: skip
    one, three = items[0], items[1]
    phrases = one.request.version.phrases
    assert phrases == (f"{SECRET}.", "May I rest.") and phrases[1].other == "May you rest."
    assert (one.participant, one.family) == ("p1", "en/01-loving-kindness/10m")
    assert three.request.version.phrases is None and dict(three.request.version.values) == {"place": "sea"}
    assert dict(one.request.version.values) == {"place": "garden", "name": "Ana"}
    assert items[4].request.version.phrases[0].other == "Mögest du sicher sein."
    assert places(items, tmp_path)[0] == "p1/01 Loving-Kindness for Ourselves"
    for item in items:
        shown = f"{item.id} {item.family} {item.title} {place(item)} {item.request.publication.tags}"
        assert "Zebulon" not in shown and "Ana" not in shown
    assert pickle.loads(pickle.dumps(items)) == items


def test_one_family_stands_together(made):
    people = "id,gentle\n" + "".join(f"p{n},{'yes' if n % 2 else ''}\n" for n in range(6))
    items = made('lengths = ["5m", "10m"]\n' + PEOPLE + LK + LK, people)
    families = [family for family, _ in itertools.groupby(item.family for item in items)]
    assert len(items) == 24 and len(families) == len(set(families)) == 8
    alike = {
        (item.family, changed(item.request, folder=Path(), name="", phrases=None, values=()))
        for item in items
    }
    assert len(alike) == 8


def test_which_language_somebody_hears(made):
    track = 'languages = ["en", "de"]\n' + PEOPLE + LK
    error = refused(made, track, "id,language\nZoe,\n")
    assert "several languages (en, de)" in error.what and error.where.line == 2 and "column" in error.cure
    assert ids(made(track, "id,language\na,de\nb,EN\n")) == [
        "de/01-loving-kindness/15m/a",
        "en/01-loving-kindness/15m/b",
    ]
    assert "missing in hu: loving-kindness" in refused(made, PEOPLE + LK, "id,language\na,hu\n").what
    # the plan's own spelling, and a region that somebody asks for
    items = made('language = "pt-BR"\n' + PEOPLE + LK, "id,language\na,pt\nb,en-GB\n")
    assert [item.request.version.language for item in items] == ["pt-BR", "en-GB"]
    # a track for one language alone
    notes: list[str] = []
    items = made(PEOPLE + LK + 'language = "de"\n', "id,language\na,de\nb,en\n", notes=notes)
    assert ids(items) == ["de/01-loving-kindness/15m/a"] and "b gets no recording" in notes[0]


def test_phrases_tell_a_language_that_nobody_says(made):
    rows = "id,phrases\na,Que yo descanse. Que viva con calma.\nb,May I rest. May I be well.\n"
    rows += "c,Möge ich in Ruhe leben\n"
    notes: list[str] = []
    languages = [item.request.version.language for item in made(PEOPLE + LK, rows)]
    assert languages == ["es", "en", "de"]
    two = 'languages = ["en", "es"]\n' + PEOPLE + LK
    assert "none of them is German, as the phrases of c are" in refused(made, two, rows).what
    items = made('language = "es"\n' + PEOPLE + LK, rows, notes=notes)
    assert {item.request.version.language for item in items} == {"es"}
    told = [re.search("phrases of (.) are in (.*?),", note).groups() for note in notes]
    assert told == [("b", "English"), ("c", "German")]


def test_faults_of_a_row_repeat_nothing(made):
    error = refused(made, PEOPLE + LK, f"id,voice\na,{SECRET}\n")
    assert isinstance(error, VoiceError) and error.where.line == 2 and "Zebulon" not in str(error)
    error = refused(made, PEOPLE + LK, "id,voice\na,pico-de\n")
    assert error.where.line == 2


def test_names_that_clash_are_told_before_anything_is_spoken(made):
    error = refused(made, 'output = "{title}"\n' + LK + LK)
    assert "en/01-loving-kindness/15m and en/02-loving-kindness/15m would both be named" in error.what
    assert error.cure == "put {track} into `output`"
    error = refused(made, 'output = "{track} {title}"\n' + PEOPLE + LK, "id\na\nb\n")
    assert "/a and en/01-loving-kindness/15m/b" in error.what and "{participant}" in error.cure
    error = refused(made, 'output = "{participant}/{title}"\n' + LK)
    assert "`output` names {participant}, and en/01-loving-kindness/15m has none" in error.what
    error = refused(made, 'output = "{title}"\nlanguages = ["en", "de"]\n' + LK + 'title = "x"\n')
    assert "put {language} into `output`" in error.cure


CELLS = st.one_of(st.sampled_from([*HOSTILE, "en", "de", "p1", "P1", "10m"]), st.text(max_size=20))
TEMPLATES = st.lists(
    st.sampled_from(["{participant}", "{track}", "{title}", "/", "x", "{language}", "{length}"]),
    min_size=1,
    max_size=6,
).map("".join)


@pytest.mark.slow
@profile(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None)
@given(
    rows=st.lists(st.tuples(st.one_of(st.uuids().map(str), CELLS), CELLS, st.sampled_from(["", "de", "en"]), CELLS),
                  min_size=1, max_size=5),
    template=st.one_of(st.just(""), TEMPLATES),
)  # fmt: skip
def test_any_people_and_any_template_give_safe_places_or_a_clear_error(made, tmp_path, rows, template):
    out = io.StringIO()
    csv.writer(out).writerows([["id", "phrases", "language", "place"], *rows])
    people = out.getvalue().encode("utf-8", "ignore").decode()
    try:
        items = made(
            (f'output = "{template}"\n' if template else "") + 'language = "en"\n' + PEOPLE + LK, people
        )
    except KindvoiceError as error:
        told = str(error).replace(str(tmp_path), "")
        assert error.what and not any(row[1].strip() in told for row in rows if len(row[1].strip()) > 12)
        return
    root = tmp_path / "out"
    places = {fold(str(place(item))) for item in items}
    assert len(places) == len(items) == len(set(ids(items))) <= len(rows)
    for item in items:
        at = place(item)
        assert at.resolve().is_relative_to(root) and at != root
        for phrase in item.request.version.phrases or ():
            assert len(phrase) < 12 or phrase not in f"{item.id} {at} {item.title}"


# ---------------------------------------------------------------- estimates


def guess(items, own):
    return estimate(items, VOICES, Store(own.cache))


def test_an_estimate_is_exact_where_a_length_is_asked_for(made, own):
    one, two = guess(made('formats = ["mp3", "wav"]\nlengths = ["10m", "20m"]\n' + LK), own)
    assert (one.length_ms, one.exact) == (600_000, True)
    assert dict(one.sizes)["wav"] == 600 * 288_000 and 9_600_000 < dict(one.sizes)["mp3"] < 10_000_000
    assert 120_000 < one.speech_ms < 400_000 and two.speech_ms > one.speech_ms
    assert two.make_s > one.make_s > 1
    (each,) = guess(made('[[tracks]]\nscript = "talk.md"\n', talk="Rest now. [pause 60s] Thank you.\n"), own)
    assert not each.exact and 62_000 < each.length_ms < 70_000


def test_an_estimate_tells_what_cannot_be_built_without_a_word(made, own):
    script = "---\nlanguage: de\nphrases: [Frieden]\n---\n"
    script += "{% for p in phrases %}{{ p.together }} [pause 5s max 5m]\n{% endfor %}\n"
    people = f"id,phrases\na,Möge ich sicher sein\nb,{SECRET}\nc,Möge ich ruhen\n"
    plan = PEOPLE + '[[tracks]]\nscript = "talk.md"\nlength = "2m"\n'
    found = guess(made("strict = true\n" + plan, people, talk=script), own)
    assert [bool(each.problem) for each in found] == [False, True, False]
    assert "together" in found[1].problem and "people.csv:3" in found[1].problem
    assert "Zebulon" not in found[1].problem and "lighthouse" not in found[1].problem
    assert not any(each.problem for each in guess(made(plan, people, talk=script), own))


TALK = "---\nlanguage: en\nvoice: tone\n---\n"
TALK += "Let the breath come and go as it likes. [pause 4s min 2s max 6s]\n" * 20


def test_a_length_that_cannot_be_is_a_fault_and_one_that_is_close_a_doubt(made, own):
    """Nothing has been spoken: the 20 lines are about 56 s, and their pauses 40 to 120 s."""
    lengths = {"1m": "fault", "1m40s": "doubt", "2m30s": "", "3m1s": "doubt", "4m": "fault"}
    plan = f'lengths = {list(lengths)}\n[[tracks]]\nscript = "talk.md"\n'
    for each, (length, kind) in zip(guess(made(plan, talk=TALK), own), lengths.items(), strict=True):
        assert (bool(each.problem), bool(each.doubt)) == (kind == "fault", kind == "doubt")
        told = each.problem or each.doubt
        assert (f"cannot last {length}" in told) == bool(kind)
        assert ("a guess: not all of its lines have been spoken" in told) == bool(kind)


def test_what_has_been_spoken_is_sure(made, own, tmp_path):
    """A length just within, and one just beyond, what is possible: no doubt is left when the lines are there."""
    plan = '[[tracks]]\nscript = "talk.md"\n'
    (item,) = made(plan, talk=TALK)
    voices, store = VOICES, Store(tmp_path / "own cache")
    schedule = prepare(item.request, voices, store).schedule
    for length_ms, fault in ((schedule.longest_ms, ""), (schedule.longest_ms + 1000, "cannot last")):
        (each,) = estimate([replace(item, request=changed(item.request, length_ms=length_ms))], voices, store)
        assert (each.doubt, each.to_speak, bool(each.problem)) == ("", 0, bool(fault))
        assert fault in each.problem and "a guess" not in each.problem


@pytest.mark.slow
def test_what_is_to_be_spoken_is_what_is_spoken_then(made, own, tmp_path):
    """Of a group in two languages and lengths: each line once, and its seconds by voice."""
    people = "id,language,phrases\na,en,May I rest|May I be kind\nb,en,May I rest|May I be free\nc,de,Möge ich ruhen"
    plan = PEOPLE + 'voice = "tone"\nlengths = ["5m", "6m"]\nlanguages = ["en", "de"]\n' + LK
    items = made(plan, people)
    voices, store = VOICES, Store(tmp_path / "own cache")
    found = estimate(items, voices, store)
    spoken = [prepare(item.request, voices, store).spoken for item in items]
    assert [each.to_speak for each in found] == [each.made for each in spoken] and found[0].to_speak > 20
    truth = {clip.key: clip.sound_frames / 48_000 for each in spoken for clip in each.clips.values()}
    seconds = sum(each.speak.get("tone", (0, 0))[0] for each in found)
    assert seconds == pytest.approx(sum(truth.values()), rel=0.15)
    first, second = (each.make_s for each, item in zip(found, items, strict=True) if item.participant in "ab"
                     and item.request.version.length_ms == 300_000)  # fmt: skip
    assert second < first / 2  # another of the family
    again = estimate(items, voices, store)
    assert sum(each.to_speak for each in again) == 0


@pytest.mark.slow
def test_a_slow_voice_is_known_to_be_slow_and_earlier_builds_tell_more(made, own, tmp_path):
    plan = 'languages = ["es"]\nvoice = "{}"\n[[tracks]]\npractice = "loving-kindness"\nlength = "10m"\n'
    pace = PlanPace(tmp_path)
    ranges = [pace.range_s(guess(made(plan.format(voice)), own), 1) for voice in ("pico-es", "kumo-es")]
    assert ranges[1][0] > 2 * ranges[0][1] and ranges[1][0] > 100
    assert all(low * 5 > high > low > 0 for low, high in ranges)
    (item,), (each,) = (items := made(plan.format("pico-es"))), guess(items, own)
    took = each.speak["pico-es"][1] * 3, each.make_s * 2
    pace.learn({item.id: each}, [Outcome(item=item.id, status="built", speak_s=took[0], wall_s=sum(took))])
    low, high = PlanPace(tmp_path).range_s([each], 1)
    assert low < 3 + sum(took) < high < low * 2.1
    (tmp_path / "plans" / "pace.json").write_text('{"make": "x"}')
    assert PlanPace(tmp_path).range_s([each], 1) == ranges[0]


# ---------------------------------------------------------------- all tracks in one recording

JOINED = """joined = ["m4b"]
voice = "tone"
[[tracks]]
script = "morning.md"
length = "1m"
title = "First Thing"
[[tracks]]
script = "evening.md"
length = "2m30s"
voice = "tone*1.2"
[[tracks]]
script = "morning.md"
length = "90s"
"""
SPOKEN = {
    "morning": "# Inside\n[bell] Good morning. [pause 20s max 2m] "
    "{% for phrase in phrases %}{{ phrase }} [pause 5s]{% endfor %}",
    "evening": "Good evening. [pause 40s max 3m]\n\n[gentle] Look around. [pause 9s max 3m]",
}


def test_joined_tracks_are_chapters_of_their_own_lengths(made, own, tmp_path):
    items = made(PEOPLE + JOINED, f"id,phrases\np1,{SECRET}\np2,May I rest\n", **SPOKEN)
    assert [one.id for one in items if "joined" in one.id] == ["en/joined/5m/p1", "en/joined/5m/p2"]
    whole = next(one for one in items if one.id.endswith("joined/5m/p1"))
    assert place(whole).name == "00 A Kind Week" and whole.participant == "p1"
    assert whole.request.publication.formats == ("m4b",)
    prepared = prepare(whole.request, VOICES, Store(tmp_path / "store"))
    assert prepared.schedule.frames == 300 * 48_000
    assert [(each.title, each.start_frame // 48_000) for each in prepared.schedule.chapters] == [
        ("First Thing", 0), ("Evening", 60), ("Morning", 210),
    ]  # fmt: skip
    said = [
        (event.text, prepared.cast[event.speaker].speed, bool(event.own))
        for event in prepared.schedule.speech
    ]
    assert said == [
        ("Good morning.", 1.0, False), (f"{SECRET}.", 1.0, True), ("Good evening.", 1.2, False),
        ("Good morning.", 1.0, False), (f"{SECRET}.", 1.0, True),
    ]  # fmt: skip
    assert len(prepared.own_keys) > 0
    alone = next(one for one in items if one.id.startswith("en/02-evening") and one.participant == "p1")
    assert digest_of(read(alone.request, VOICES)) != digest_of(read(whole.request, VOICES))


@pytest.mark.parametrize(("changes", "ids_or_error"), [
    ("", ["en/joined/5m"]),
    ("gentle = [false, true]\n", ["en/joined/5m", "en/joined/5m/gentle"]),
    ("[[exclude]]\ntrack = 2\n", ["en/joined/2m30s"]),
    ("gentle = [false, true]\n[[exclude]]\ntrack = 1\nvariant = 'gentle'\n", ["en/joined/5m", "en/joined/4m/gentle"]),
    ("gentle = [false, true]\nlength = ['1m', '2m']\n", "cannot be joined"),
])  # fmt: skip
def test_one_joined_recording_for_each_reading(made, changes, ids_or_error):
    options, _, exclude = changes.partition("[[exclude]]")
    text = options + JOINED + (f"[[exclude]]{exclude}" if exclude else "")
    if isinstance(ids_or_error, list):
        assert [id for id in ids(made(text, **SPOKEN)) if "joined" in id] == ids_or_error
    else:
        text = text.replace('length = "90s"\n', "")
        assert ids_or_error in refused(made, text, **SPOKEN).what


@pytest.mark.parametrize(
    ("name", "least", "most"), [("retreat-half-day", 180, 240), ("retreat-half-day-gentle", 90, 150)]
)
def test_a_half_day_runs_from_clock_to_clock(own, tmp_path, name, least, most):
    plan = read_plan(COURSES / f"{name}.toml")
    items = expand(plan, output=tmp_path, settings=own, voices=VOICES)
    whole = items[-1].request
    minutes = [part.version.length_ms // 60_000 for part in whole.joined.parts]
    assert least <= sum(minutes) <= most and whole.version.length_ms == sum(minutes) * 60_000
    clock = re.findall(r"^ +(\d+):(\d\d)  ", plan.notes, re.M)
    assert [int(hour) * 60 + int(minute) - 540 for hour, minute in clock] == [
        0,
        *itertools.accumulate(minutes),
    ]
