"""Captions, transcripts and chapters files, read back by parsers that are not ours."""

from __future__ import annotations

import html
import itertools
import json
import re

import av
import html5lib
import pytest
import srt
import webvtt
from hostile import HOSTILE
from hypothesis import example, given, settings
from hypothesis import strategies as st
from make import read_script

from kindvoice.errors import SettingsError
from kindvoice.model import Line, Section, Transcript, Words
from kindvoice.paths import data_folder
from kindvoice.publish.captions import CAPTIONS, find_captions
from kindvoice.publish.captions.base import LONG_PAUSE_MS, CaptionCue, caption_cues
from kindvoice.publish.captions.breaking import CAPTION_WIDTH, break_lines, break_text
from kindvoice.publish.captions.chapters import chapters_json
from kindvoice.publish.captions.plain import columns, plain

phrases = st.lists(
    st.one_of(
        st.sampled_from(HOSTILE), st.text(max_size=14), st.from_regex(r"[a-z]{1,9}[,.]?", fullmatch=True)
    ),
    min_size=1,
    max_size=40,
).map(" ".join)


def transcript(*lines: tuple[int, int, str] | tuple[int, int, str, str], **more: object) -> Transcript:
    """One chapter with one paragraph."""
    said = tuple(
        Line(start_ms=a, stop_ms=b, text=text, language=(*rest, "en")[0]) for a, b, text, *rest in lines
    )
    end = max((line.stop_ms for line in said), default=0) + 2_000
    facts = {"title": "A test", "language": "en", "duration_ms": end, **more}
    section = Section(title="Arriving", start_ms=0, stop_ms=end, paragraphs=(said,) if said else ())
    return Transcript(sections=(section,), **facts)


@st.composite
def programmes(draw) -> Transcript:
    now, lines = 0, []
    for text in draw(st.lists(phrases, min_size=1, max_size=4)):
        now += draw(st.integers(0, 200_000))
        length = draw(st.integers(1, 30_000))
        lines.append((now, now + length, text, draw(st.sampled_from(["en", "es", "pt-BR"]))))
        now += length
    return transcript(*lines, title=draw(phrases))


def squeezed(text: str) -> str:
    """Without spaces, and without hyphens, which a long word gets at a line's end."""
    return "".join(text.replace("-", "").split())


# ---------------------------------------------------------------- as a person reads them


def test_captions_as_a_person_reads_them():
    text = CAPTIONS["vtt"].write(
        transcript(
            (500, 1_800, "May I be safe."),
            (9_800, 13_800, "Find a way of sitting or lying that is kind to your body today."),
            (20_000, 21_000, "Que te vaya bien.", "es"),
            (3_600_000, 3_602_000, "a < b & c --> d"),
        )
    )
    assert text == (
        "WEBVTT A test\n\n"
        "00:00:00.500 --> 00:00:01.800\nMay I be safe.\n\n"
        "00:00:09.800 --> 00:00:13.800\nFind a way of sitting or lying\nthat is kind to your body today.\n\n"
        "00:00:20.000 --> 00:00:21.000\n<lang es>Que te vaya bien.</lang>\n\n"
        "01:00:00.000 --> 01:00:02.000\na &lt; b &amp; c --&gt; d\n"
    )


def test_subrip_as_a_person_reads_it():
    text = CAPTIONS["srt"].write(transcript((500, 1_800, "10"), (3_600_000, 3_602_000, r"a <b>{\an8} --> d")))
    assert text == (
        "1\n00:00:00,500 --> 00:00:01,800\n10\n\n2\n01:00:00,000 --> 01:00:02,000\na ‹b›(∖an8) → d\n\n"
    )


def test_lyrics_as_a_person_reads_them():
    text = CAPTIONS["lrc"].write(
        transcript(
            (500, 1_800, "May I be safe."),
            (2_800, 4_000, "[00:01.00] At ease."),
            (4_000 + LONG_PAUSE_MS, 9_994, "And kind."),
            (6_000_000, 6_001_000, "Still here."),
            title="Kind [to me]",
        )
    )
    assert text == (
        "[ti:Kind (to me)]\n[la:en]\n[re:kindvoice]\n[length:100:03]\n\n"
        "[00:00.50]May I be safe.\n[00:02.80](00:01.00) At ease.\n[00:04.00]\n"
        "[00:07.00]And kind.\n[00:09.99]\n[100:00.00]Still here.\n[100:01.00]\n"
    )


def test_a_text_to_read():
    lines = [
        Line(start_ms=a, stop_ms=b, text=text, language="en")
        for a, b, text in (
            (0, 1_000, "Find a way of sitting or lying that is kind to your body today."),
            (1_900, 3_000, "Let your back be at ease."),
            (12_000, 13_000, "May I be safe."),
            (20_000, 21_000, "May I be kind."),
        )
    ]
    sections = (
        Section(title="A test", start_ms=0, stop_ms=11_000, paragraphs=(tuple(lines[:2]),)),
        Section(title="Words", start_ms=11_000, stop_ms=25_000, paragraphs=(tuple(lines[2:]),)),
    )
    text = CAPTIONS["txt"].write(
        Transcript(title="A test", language="en", duration_ms=25_000, sections=sections)
    )
    assert text == (
        "A test\n======\n\n"
        "Find a way of sitting or lying that is kind to your body today. Let your\nback be at ease.\n\n\n"
        "Words\n-----\n\nMay I be safe.\nMay I be kind.\n"
    )


@pytest.mark.parametrize(
    "language, text, shown",
    [
        ("en", "Listen once more.", "Listen once more."),
        # at a comma, not in the middle
        ("en", "If you are sitting, let your back be upright and at ease.",
         "If you are sitting, / let your back be upright and at ease."),
        # never after an article or a preposition
        ("en", "The chair, the cushion or the bed is doing its quiet work.",
         "The chair, the cushion or the bed / is doing its quiet work."),
        ("de", "Mit einem freundlichen Gedanken für jeden Teil des ganzen Körpers.",
         "Mit einem freundlichen Gedanken / für jeden Teil des ganzen Körpers."),
        # nor after a short word of a language that is not known
        ("", "Het is een heel oude zin in de taal van mijn moeder, en hij is mooi.",
         "Het is een heel oude zin in de taal / van mijn moeder, en hij is mooi."),
        # in parts, where a clause ends
        ("en", "You can move, open your eyes, leave out whatever does not suit you, or stop altogether if you like.",
         "You can move, open your eyes, / leave out whatever does not suit you, || or stop altogether if you like."),
        # at the end of a sentence, and an abbreviation is none
        ("en", "You are here, and that is good. You have come a long way, and dear old Dr. Kim is glad of it too.",
         "You are here, and that is good. || You have come a long way, / and dear old Dr. Kim is glad of it too."),
        # a French question mark and a lone dash never begin a line
        ("fr", "Sentez-vous le tout petit coeur qui bat là ? – Laissez-le battre.",
         "Sentez-vous le tout petit coeur / qui bat là ? – Laissez-le battre."),
        ("fr", "Voulez-vous vous asseoir tranquillement ? Alors, asseyez-vous.",
         "Voulez-vous vous asseoir tranquillement ? / Alors, asseyez-vous."),
        # no spaces: where Japanese may break, and two columns a character
        ("ja", "自分にやさしく、ゆっくりと息をします。そして、からだの重さを感じてみましょう。",
         "自分にやさしく、ゆっくりと息をします。 / そして、からだの重さを感じてみましょう。"),
    ],
)  # fmt: skip
def test_breaks_are_where_a_reader_would_breathe(language, text, shown):
    parts = break_text(text, 65 * len(text), language)
    assert " || ".join(" / ".join(part.lines) for part in parts) == shown


def test_library_lines_rarely_break_after_a_short_word():
    ends = []
    for path in sorted((data_folder("scripts_library") / "en").glob("*.md"))[:8]:
        for cue in read_script(path).cues:
            if isinstance(cue, Words):
                lines = [
                    line for part in break_text(cue.text, 65 * len(cue.text), "en") for line in part.lines
                ]
                ends += [line.split()[-1] for line in lines[:-1]]
    function_words = {"a", "an", "the", "of", "to", "in", "on", "for", "and", "or", "with", "your", "my"}
    assert len(ends) > 200
    assert sum(word in function_words for word in ends) < 0.005 * len(ends)


# ---------------------------------------------------------------- whatever is said


@pytest.mark.slow
@settings(max_examples=40, deadline=None)
@given(phrases, st.integers(1, 30_000))
@example("x " * 60, 10)
def test_cues_keep_every_word_and_the_reading_habits(text, ms):
    found = list(caption_cues(transcript((1_000, 1_000 + ms, text))))
    assert bool(found) == bool(plain(text))
    if not found:
        return
    assert (found[0].start_ms, found[-1].stop_ms) == (1_000, 1_000 + ms)
    assert all(a.stop_ms == b.start_ms for a, b in itertools.pairwise(found))
    assert all(cue.start_ms < cue.stop_ms for cue in found)
    for cue in found if len(found) <= ms else ():
        lines = cue.text.split("\n")
        assert len(lines) <= 2
        assert all(line.strip() and columns(line) <= CAPTION_WIDTH for line in lines)
    if len(found) < ms:
        assert squeezed("".join(cue.text for cue in found)) == squeezed(plain(text))


@pytest.mark.parametrize("length_ms", [1_000, 1_900, 5_000])
def test_no_part_is_shown_for_less_than_a_second_where_the_words_fit(length_ms):
    text = "Here. Now, here. And here, and there, and here once more."
    cues = list(caption_cues(transcript((0, length_ms, text))))
    assert len(cues) == 1 or all(cue.stop_ms - cue.start_ms >= 1_000 for cue in cues)


def check_vtt(text: str, programme: Transcript, cues: list[CaptionCue]) -> None:
    found = webvtt.from_string(text).captions
    assert [(to_ms(c.start), to_ms(c.end)) for c in found] == [(c.start_ms, c.stop_ms) for c in cues]
    shown = [html.unescape(re.sub(r"</?lang[^>]*>", "", caption.raw_text)) for caption in found]
    assert shown == [html.unescape(html.escape(cue.text)) for cue in cues]
    # What the standard forbids in a file: an arrow that is no cue's time, and a line's end that is not one.
    assert text.count("-->") == len(cues)
    assert text.isprintable() or not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029]", text)


def check_srt(text: str, programme: Transcript, cues: list[CaptionCue]) -> None:
    found = list(srt.parse(text, ignore_errors=False))
    assert [c.index for c in found] == list(range(1, len(cues) + 1))
    assert [(ms(c.start), ms(c.end)) for c in found] == [(c.start_ms, c.stop_ms) for c in cues]
    assert [c.content.count("\n") for c in found] == [c.text.count("\n") for c in cues]
    assert not re.search(r"[<>{}\\]", "".join(c.content for c in found))


def check_lrc(text: str, programme: Transcript, cues: list[CaptionCue]) -> None:
    """One time a line, and it goes on."""
    head, _, body = text.partition("\n\n")
    assert all(re.fullmatch(r"\[(ti|la|re|length):[^\[\]\n]+\]", line) for line in head.split("\n"))
    times = []
    for line in body.splitlines():
        found = re.fullmatch(r"\[(\d\d+):([0-5]\d)\.(\d\d)\]([^\[\]<>]*)", line)
        assert found or not body.strip(), line
        times.append(int(found[1]) * 60_000 + int(found[2]) * 1_000 + int(found[3]) * 10)
    assert times == sorted(times)
    assert all(min(abs(time - cue.start_ms) for time in times) <= 5 for cue in cues)


def check_html(text: str, programme: Transcript, cues: list[CaptionCue]) -> None:
    """Valid, and it obeys nothing that was said."""
    tree = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(text)
    known = "html head meta title style body header h1 h2 nav ol li a main section div p time span"
    assert {element.tag for element in tree.iter()} <= set(known.split(" "))
    said = squeezed("".join("".join(p.itertext()) for p in tree.iterfind(".//main//p")))
    assert said == squeezed("".join(plain(line.text) for line in programme.lines))
    assert plain("".join(tree.find(".//h1").itertext())) in {plain(programme.title), "Transcript"}
    ids = [element.get("id") for element in tree.iter() if element.get("id")]
    assert len(ids) == len(set(ids))
    assert all(a.get("href")[1:] in ids for a in tree.iter("a"))


def check_txt(text: str, programme: Transcript, cues: list[CaptionCue]) -> None:
    assert text.endswith("\n")
    body = text.split("Arriving\n--------\n", 1)[1]
    assert squeezed(body) == squeezed("".join(plain(line.text) for line in programme.lines))
    assert all(columns(line) <= 72 for line in text.split("\n"))


@pytest.mark.slow
@settings(max_examples=40, deadline=None)
@given(programmes())
def test_every_format_is_read_by_others_whatever_is_said(programme):
    cues = list(caption_cues(programme))
    for check in (check_vtt, check_srt, check_lrc, check_html, check_txt):
        text = CAPTIONS[check.__name__.removeprefix("check_")].write(programme)
        text.encode()
        check(text, programme, cues)


@pytest.mark.parametrize("kind", ["vtt", "srt", "lrc"])
def test_players_that_use_ffmpeg_show_the_same(kind, tmp_path):
    programme = transcript(
        (500, 1_800, "10"),
        (9_800, 13_800, "Find a way of sitting or lying that is kind to your body today."),
        (50_000, 51_000, "00:00:01.000 --> 00:00:09.000 <b>[00:01.00] {\\an8}\n\nNOTE 2"),
        (2_700_123, 2_701_456, "Welcome back."),
    )
    path = tmp_path / f"x.{kind}"
    path.write_text(CAPTIONS[kind].write(programme), encoding="utf-8", newline="\n")
    with av.open(str(path)) as container:
        stream = container.streams.subtitles[0]
        packets = [
            (float(p.pts * p.time_base), bytes(p)) for p in container.demux(stream) if p.pts is not None
        ]
    # LRC's lines that clear the view are no words.
    found = [(at, words) for at, words in packets if words.strip()]
    wanted = list(caption_cues(programme))
    assert len(found) == len(wanted)
    for (at, words), cue in zip(found, wanted, strict=True):
        assert at * 1000 == pytest.approx(cue.start_ms, abs=6)
        assert words.decode().split()[0][:2] in {cue.text.split()[0][:2], "10"}


# ---------------------------------------------------------------- the rest


def test_times_do_not_drift_in_three_quarters_of_an_hour():
    lines = [(at, at + 2_345, f"Line {at}.") for at in range(1_001, 2_700_000, 9_973)]
    found = webvtt.from_string(CAPTIONS["vtt"].write(transcript(*lines))).captions
    assert [(to_ms(c.start), to_ms(c.end)) for c in found] == [(a, b) for a, b, _ in lines]


def test_nothing_said_is_a_valid_file_of_every_kind():
    silent = Transcript(title="", language="en", duration_ms=1_000, sections=())
    assert webvtt.from_string(CAPTIONS["vtt"].write(silent)).captions == []
    assert CAPTIONS["srt"].write(silent) == ""
    assert CAPTIONS["txt"].write(silent) == "\n"
    html5lib.HTMLParser(strict=True).parse(CAPTIONS["html"].write(silent))
    assert "[00:" not in CAPTIONS["lrc"].write(silent)


def test_the_page_says_its_languages():
    page = CAPTIONS["html"].write(
        transcript((0, 900, "Guten Tag.", "de"), (1_000, 2_000, "Hola.", "es"), language="de")
    )
    tree = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(page)
    assert tree.get("lang") == "de"
    assert [(span.get("lang"), span.text) for span in tree.iter("span")] == [("es", "Hola.")]
    assert tree.find(".//nav").get("aria-label") == "Kapitel"
    right = CAPTIONS["html"].write(transcript((0, 900, "שלום", "he"), language="he"))
    tree = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(right)
    assert (tree.get("dir"), tree.find(".//nav").get("lang")) == ("rtl", "en")
    assert '<html lang="az-Arab" dir="rtl">' in CAPTIONS["html"].write(transcript(language="az-Arab"))
    linked = CAPTIONS["html"].write(transcript((0, 900, "https://example.com/x.js")))
    assert not re.search(r"""(?:src|href)=["'](?!#)|url\(|@import|<script|<link""", linked), (
        "reaches for nothing"
    )


@pytest.mark.parametrize(
    ("word", "lines"),
    [
        ("Rindfleischetikettierungsüberwachungsaufgabenübertragungsgesetz.",
         ["Rindfleischetikettierungsüberwachungsauf-", "gabenübertragungsgesetz."]),
        ("https://example.org/" + "a/" * 15, ["https://example.org/a/a/a/a/a/a/a/a/a/a/a/", "a/a/a/a/"]),
    ],
)  # fmt: skip
def test_a_word_that_is_longer_than_a_line_parts_between_syllables(word, lines):
    assert break_lines(word, 42) == lines


@given(
    st.lists(st.sampled_from([*HOSTILE, "kind", "words,"]), max_size=30).map(" ".join), st.integers(10, 80)
)
def test_lines_of_a_text_are_full_and_never_wider(text, width):
    lines = break_lines(text, width)
    assert squeezed("".join(lines)) == squeezed(plain(text))
    assert all(columns(line) <= width for line in lines)


def test_a_format_is_found_by_its_name_or_ending():
    assert find_captions(".SRT").name == "srt"
    with pytest.raises(SettingsError, match="did you mean 'vtt'"):
        find_captions("vvt")


def test_chapters_follow_podcasting_2_and_leave_no_hole():
    sections = (
        Section(title="One", start_ms=0, stop_ms=30_500, paragraphs=()),
        Section(title="Two", start_ms=30_500, stop_ms=60_000, paragraphs=()),
    )
    programme = Transcript(title="x", language="en", duration_ms=60_000, sections=sections)
    assert json.loads(chapters_json(programme)) == {
        "version": "1.2.0",
        "chapters": [
            {"startTime": 0.0, "endTime": 30.5, "title": "One"},
            {"startTime": 30.5, "endTime": 60.0, "title": "Two"},
        ],
    }


def to_ms(stamp: str) -> int:
    hours, minutes, seconds = stamp.split(":")
    return round((int(hours) * 3600 + int(minutes) * 60) * 1000 + float(seconds) * 1000)


def ms(delta) -> int:
    return round(delta.total_seconds() * 1000)
