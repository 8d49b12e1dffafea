"""The linter: what is planted is found, at its line, and what is right is left alone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from make import library as library_entries

from kindvoice import lint
from kindvoice.cli import run
from kindvoice.lint.words import FOLDER, has, words_of

GOOD = """\
---
title: Resting
practice: resting
language: en
about: A short rest. Not while driving.
length: 5m
range: 5m to 6m
register: informal
licence: Apache-2.0
credit: Our own words.
phrases: ["May I be safe.", "May I be kind to myself."]
---
# Arriving
[bell]
It is good that you are here. Your eyes may close, or rest on one place. [pause 5s]
You can move, leave out what does not suit you, or stop at any time. [pause 7s]

[gentle] If it helps, listen to the sounds around you, or look about. [pause 6s]
You might find a colour that you like, and come back to it as often as you wish. [pause 7s]

# Phrases
Sometimes an old ache wakes up. Many of us know that, and nothing is wrong with you.
Then pause this recording, open your eyes, and feel what's holding you. [pause 6s]
If it stays, you might call someone you trust. [pause 9s]
Notice what is here, and listen to it kindly. [pause 11s]
{% for phrase in phrases %}
{{ phrase }} [pause 3s min 0.2s]
{% endfor %}

[not gentle] Some quiet comes now, and then you will hear this voice again. [silence 50s max 60s]

Welcome back, from wherever you have been. It may have been a short way, or a long one. [pause 8s min 1s]
Perhaps the shoulders have come down a little, and perhaps they have not. Both are fine for today. [pause 12s min 1s]
There may be something that you would like to say to yourself now, as you would to a friend. [pause 5s]
You can say it inwardly. If nothing comes today, that is good too. [pause 4s]
A kind word can feel strange at first, as a new coat does on the first day. [pause 7s]
There is no hurry here, and no one is counting. [pause 7s min 1s]
If the words do not reach you today, that happens to most of us.
You can leave them lying beside you. [pause 4s]
Perhaps there is one place in the body that is a little softer now.
It may be a hand. [pause 3s]
And perhaps there is none, and you're still here, and still welcome.
That is enough to go on with, for this hour and for the next. [pause 6s min 4s]
Here are the words once more, and you can take those that you like, and leave the others where they are. [pause 4s]
{% for phrase in phrases %}
{{ phrase }} [pause 3s min 0.2s]
{% endfor %}

# Returning
Feel your hands and your feet, and the room around you. [pause 8s]
Open your eyes when you are ready, if they are closed. [pause 4s]
[bell]
"""


@pytest.fixture
def library(tmp_path) -> Path:
    (tmp_path / "en").mkdir()
    return tmp_path


def findings(
    library: Path, text: str, language: str = "en", name: str = "resting", english: str | None = None
):
    path = library / language / f"{name}.md"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    others = {}
    if english is not None:
        others = {name: library / "en" / f"{name}.md"}
        others[name].write_text(english, encoding="utf-8")
    return lint.check([path], library={path, *others.values()}, english=others)


def found(library: Path, text: str, **how) -> list[tuple[str, int]]:
    return [(f.rule, f.where.line) for f in findings(library, text, **how) if not f.accepted]


def test_a_good_script_is_left_alone(library):
    assert findings(library, GOOD) == []


def line_of(text: str, piece: str) -> int:
    return text[: text.index(piece)].count("\n") + 1


ALSO = {
    "chapters": [("# Returning\n", ""), ("# Arriving\n", "")],
    "contractions": [("you're", "you are")],
    "phrase-forms": [("{{ phrase }}", "{{ phrase.together }}")],
    "silence-met": [("50s max 60s]", "60s][hold 20s]")],
    "three-parts": [("most of us", "it")],
    "way-out": [("open your eyes, and", "and")],
    "welcome": [("open your eyes, and", "and")],
}
"""what has to go as well, so that the fault is one"""
WAY_OUT = "You can move, leave out what does not suit you, or stop at any time."
FAULTS = [
    # rule, what is there, what is planted in its place, the line that must be named (a piece of it; "" is the file)
    ("front-matter", "about: A short rest. Not while driving.\n", "", ""),
    ("front-matter", "licence: Apache-2.0\n", "", ""),
    ("place", "practice: resting", "practice: rest", "practice: rest"),
    ("place", "language: en\n", "language: en-GB\n", "language: en-GB"),
    ("trademark", "title: Resting", "title: Mindful Self-Compassion Rest", "title: Mindful"),
    ("credit", "credit: Our own words.", "credit: x", "credit: x"),
    ("length-in-range", "length: 5m", "length: 9m", "length: 9m"),
    ("welcome", "Your eyes may close, or rest on one place.", "Settle in.", "It is good"),
    ("way-out", WAY_OUT, "Settle in.", "It is good"),
    ("backdraft", "Sometimes an old ache wakes up.", "Rest.", ""),
    ("backdraft", "Sometimes an old", "Rest. [hold 20s] Sometimes an old", "Sometimes an old"),
    ("what-helps", "Then pause this recording, open", "Then open", ""),
    ("what-helps", "open your eyes, and feel", "and feel", ""),
    ("what-helps", "feel what's holding you", "rest", ""),
    ("what-helps", "If it stays, you might call someone you trust.", "It's all right.", ""),
    ("feet-on-floor", "Then pause", "Lying down, feel your feet on the floor. Then pause", "Lying down"),
    ("driving", " Not while driving.", "", "about:"),
    ("closing", "eyes when you are ready, if they are closed. [pause 4s]\n[bell]", "eyes.", "Open your eyes."),
    ("open-eyes", "ready, if they are closed.", "ready.", "Open your eyes when"),
    ("chapters", "# Phrases\n", "", ""),
    ("gentle", "[gentle] If", "[until 90m] If", ""),
    ("never-heard", "[gentle] If", "[gentle, from 7m] If", "[gentle, from 7m]"),
    ("never-heard", "[gentle] If", "[gentle, until 5m] If", "[gentle, until 5m]"),
    ("never-heard", "[gentle] If", "[gentle, for carers] If", "[gentle, for carers]"),
    ("outside-first", "It is good", "Feel the breath. It is good", "Feel the breath"),
    ("gentle-silence", "[pause 9s]", "[hold 26s]", "[hold 26s]"),
    ("gentle-silence", "[not gentle] ", "", "Some quiet"),
    ("pace", "[silence 50s max 60s]", "Words, words, as if nobody had to breathe. " * 300, "It is good"),
    ("long-silence", "Some quiet comes now, and then you will hear this voice again.", "Rest.", "Rest. [silence"),
    ("long-silence", "[pause 11s]", "[pause 5s][hold 50s]", "[pause 5s]["),
    ("silence-met", "Welcome back, from wherever you have been. It may have been a short way, or a long one.",
     "Now the shoulders, and then the hands. They can rest for a moment, each in its place.", "Some quiet"),
    ("crowded", "range: 5m to 6m", "range: 3m to 6m", "range:"),
    ("crowded", "{{ phrase }} [pause 3s min 0.2s]", "{{ phrase }} [pause 28s min 20s]", "range:"),
    ("mostly-silent", "range: 5m to 6m", "range: 5m to 9m", "range:"),
    ("equal-pauses", "# Returning\n", "Here. [pause 7s]\n" * 12 + "# Returning\n", ""),
    ("core-returns", "[pause 4s]\n{% for phrase in phrases %}\n{{ phrase }} [pause 3s min 0.2s]\n{% endfor %}", "", ""),
    ("core-returns", "licence:", "core: [lantern]\nlicence:", "core:"),
    ("three-parts", "Many of us know that, and", "And", ""),
    ("bell-over-words", "It is good", "[bell no wait] It is good", "[bell no wait]"),
    ("long-sentence", "Settle", "Settle", ""),
    ("command", "It is good", "You must sit still now. It is good", "You must"),
    ("command", "Feel your hands", "Just relax. Feel your hands", "Just relax"),
    ("promise", "Feel your hands", "You will feel calm. Feel your hands", "You will feel"),
    ("body", "It is good", "Keep your back straight. It is good", "Keep your back"),
    ("frightens", "It is good", "There are footsteps, or a knock. It is good", "There are"),
    ("frightens", "It is good", "Somebody comes closer. It is good", "Somebody comes"),
    ("frightens", "you will hear this voice again", "I will come and find you", "Some quiet"),
    ("frightens", "It is good", "Old stories may be stored here. It is good", "Old stories"),
    ("flippant", "Both are fine", "It could be worse. Both are fine", "Perhaps the shoulders"),
    ("written", "Both are fine", "It need not be more. Both are fine", "Perhaps the shoulders"),
    ("written", "Both are fine", "Wait as one does. Both are fine", "Perhaps the shoulders"),
    ("promise", "Both are fine", "This kindness heals trauma. Both are fine", "Perhaps the shoulders"),
    ("touch", "It is good", "Come to the knees. Imagine a warm palm there. It is good", "Come to the knees"),
    ("excused", "It is good", "The critic is frightened for you. It is good", "The critic"),
    ("contractions", "what's", "what is", "It is good"),
    ("narrator", "Welcome back", "I will be quiet again. Welcome back", "Some quiet"),
    ("spelling", "Both are fine", "The neighbor is fine", "Perhaps the shoulders"),
    ("careful", "It is good", "Take a deep breath. It is good", "Take a deep"),
    ("direction", "It is good", "Pause for 5 seconds. It is good", "Pause for 5"),
    ("not-spoken", "It is good", "(softly) It is good", "(softly)"),
    ("language", "language: en\n", "language: es\n", "language: es"),
    ("read-aloud", "It is good", "See www.example.org today. It is good", "See www"),
    ("read-aloud", "It is good", "TODO more. It is good", "TODO"),
    ("phrase-slots", "{% for phrase in phrases %}\n{{ phrase }} [pause 3s min 0.2s]\n{% endfor %}\n", "", "phrases: ["),
    ("phrase-in-text", "{{ phrase }} [pause 3s min 0.2s]", "May I be at home. [pause 3s]", "May I be at home."),
    ("phrase-forms", 'phrases: ["May I', 'phrases: ["My days are full.", "May I', "phrases: ["),
    ("phrase-wording", '"May I be safe."', '"Be strong."', 'phrases: ["Be'),
    ("phrase-wording", '"May I be safe."', '"I was happy."', 'phrases: ["I was'),
    ("phrase-wording", '"May I be safe."', f'"May I {"be and " * 9}rest."', "phrases: ["),
    ("readable", "[pause 8s]", "[pasue 8s]", "[pasue"),
    ("readable", "{% endfor %}", "", ""),
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(
    ("rule", "there", "planted", "where"),
    [f for f in FAULTS if f[0] != "long-sentence"],
    ids=lambda v: str(v)[:20],
)
def test_a_planted_fault_is_found_at_its_line(library, rule, there, planted, where):
    assert there in GOOD
    text = GOOD.replace(there, planted, -1 if rule == "phrase-slots" else 1)
    for also_there, also_planted in ALSO.get(rule, ()):
        text = text.replace(also_there, also_planted)
    seen = found(library, text)
    if rule == "readable" and not where:
        assert seen and seen[0][0] == "readable"
        return
    assert (rule, line_of(text, where) if where else 0) in seen, seen


def test_a_long_sentence(library):
    text = GOOD.replace("It is good", " and ".join(["this is long"] * 12) + ". It is good")
    assert ("long-sentence", line_of(text, "this is long")) in found(library, text)


def test_a_fault_at_one_length_only_is_found(library):
    text = GOOD.replace("# Returning\n", "{% if minutes == 6 %}\n[pasue 3s]\n{% endif %}\n# Returning\n")
    assert found(library, text) == [("readable", line_of(text, "[pasue"))]


def test_what_many_practices_share_is_found_in_one_of_them(library):
    for name in ("one", "two", "three"):
        (library / "en" / f"{name}.md").write_text(
            "The lamp is lit, and somebody is reading. And so it goes."
        )
    paths = [library / "en" / f"{name}.md" for name in ("one", "two", "three", "resting")]
    shared = GOOD.replace("Both are fine", "The lamp is lit, and somebody is reading. Both are fine")
    for text, lines in ((GOOD, []), (shared, [line_of(shared, "The lamp")])):
        paths[-1].write_text(text)
        seen = [f.where.line for f in lint.check(paths[-1:], library=paths) if f.rule == "stock"]
        assert seen == lines


EXEMPT = [
    # what is right though it looks like a fault: the rule, what is there, what stands in its place
    ("mostly-silent", "range: 5m to 6m", "range: 5m to 9m\nsilence: sitting"),
    (
        "excused",
        "It is good",
        "If somebody hurt you, turn away. Else the critic is afraid for you. It is good",
    ),
    (
        "feet-on-floor",
        "It is good",
        "Lie down. Feel your feet on the floor, or what is holding you. It is good",
    ),
    ("touch", "It is good", "Imagine a warm hand on the shoulder. It is good"),
    ("core-returns", "licence:", "core: [take those that you like]\nlicence:"),
    ("frightens", "It is good", "Hear your footsteps. You may find yourself far away. It is good"),
    ("spelling", "Both are fine", "The neighbour is fine"),
]


@pytest.mark.parametrize(("rule", "there", "planted"), EXEMPT, ids=[entry[0] for entry in EXEMPT])
def test_what_is_right_is_left_alone(library, rule, there, planted):
    assert rule not in {name for name, _ in found(library, GOOD.replace(there, planted, 1))}


def test_a_silence_that_only_one_length_has_is_found_there(library):
    text = GOOD.replace("[pause 6s min 4s]", "{% if minutes == 6 %}[hold 55s]{% else %}[pause 8s]{% endif %}")
    (finding,) = (f for f in findings(library, text) if f.rule == "long-silence")
    assert finding.what == "55s of silence that nobody announced at 6m; gentle at 6m"


def test_paragraphs_that_hang_together_are_read_as_they_stand(library):
    """A list over empty lines is one, at every length."""
    listed = "1. First of {{ minutes }}.\n\n   Still the first.\n\nPerhaps the shoulders"
    text = GOOD.replace("Perhaps the shoulders", listed)
    assert {name for name, _ in found(library, text)} <= {"mostly-silent", "crowded"}


def test_what_only_one_length_hears_is_looked_at_there(library):
    """A paragraph, and a chapter with all of its paragraphs."""
    for there, planted in (
        ("Perhaps the shoulders", "\n[from 6m] You must be still.\n\nPerhaps the shoulders"),
        ("# Returning", "# More\n[from 6m]\nIt's here.\n\nYou must be still.\n\n# Returning"),
    ):
        text = GOOD.replace(there, planted)
        assert ("command", line_of(text, "You must")) in found(library, text)
        shorter = text.replace("range: 5m to 6m", "range: 5m to 5m")
        assert "command" not in {name for name, _ in found(library, shorter)}


@pytest.mark.parametrize(
    "planted", ["[for carers] Look about. [pasue 3s]", "[for carers] Look about,\n- or not. [pasue 3s]"]
)
def test_what_is_wrong_where_nobody_listens_is_found(library, planted):
    text = GOOD.replace("Perhaps the shoulders", f"\n{planted}\n\nPerhaps the shoulders")
    assert found(library, text) == [("readable", line_of(text, "pasue"))]


def test_a_script_of_ones_own_is_held_to_less(tmp_path):
    path = tmp_path / "mine.md"
    path.write_text(GOOD[GOOD.index("# Arriving") :].replace("[gentle] ", "").replace(
        "{% for phrase in phrases %}\n{{ phrase }} [pause 3s min 0.2s]\n{% endfor %}\n", ""))  # fmt: skip
    assert lint.check([path]) == []


def test_what_another_voice_says_is_not_held_to_this_language(library):
    text = GOOD.replace(
        "It is good that you are here.", "It is good. [voice de] Du musst still sein. You must. [voice off]"
    )
    assert found(library, text) == []


# ---------------------------------------------------------------- accepted on purpose


def test_a_finding_is_accepted_in_the_front_matter_or_on_the_line(library):
    text = GOOD.replace("Feel your hands", "Just relax. Feel your hands")
    above = text.replace("licence:", 'accept: {command: "it is a joke here"}\nlicence:')
    (finding,) = findings(library, above)
    assert (finding.rule, finding.accepted) == ("command", "it is a joke here")
    beside = text.replace("Just relax.", "{# accept command: said with a smile #}Just relax.")
    (finding,) = findings(library, beside)
    assert finding.accepted == "said with a smile"


def test_an_acceptance_that_meets_nothing_is_told(library):
    text = GOOD.replace("licence:", 'accept: {command: "it is a joke here", nosuch: "x y"}\nlicence:')
    told = [f.what for f in findings(library, text)]
    assert told == ["`accept command` meets nothing here", "there is no rule 'nosuch'"]
    (finding,) = findings(library, GOOD.replace("It is good", "{# accept promise: no #}It is good"))
    assert finding.rule == "accept"


# ---------------------------------------------------------------- other languages

UNKIND = {
    "de": ("Du musst jetzt ganz still sein.", "Du wirst tiefe Ruhe spüren.", "Halte den Rücken gerade."),
    "es": ("Debes estar quieto.", "Sentirás una gran paz.", "Mantén la espalda recta."),
    "fr": ("Tu dois rester immobile.", "Tu vas te sentir mieux.", "Garde le dos bien droit."),
    "it": ("Devi stare fermo.", "Ti sentirai meglio.", "Tieni la schiena dritta."),
    "pt": ("Você deve ficar parado.", "Você vai se sentir melhor.", "Mantenha a coluna reta."),
    "nl": ("Je moet nu stil zitten.", "Je zult rust voelen.", "Houd je rug recht."),
    "pl": ("Musisz teraz siedzieć nieruchomo.", "Na pewno poczujesz spokój.", "Trzymaj plecy prosto."),
    "sv": ("Du måste sitta stilla.", "Du kommer att känna lugn.", "Håll ryggen rak."),
    "tr": ("Şimdi kıpırdamaman gerekiyor.", "Büyük bir huzur hissedeceksin.", "Sırtını düz tut."),
    "ja": ("じっとしていなければなりません。", "からだが楽になります。", "背筋をまっすぐにして。"),
    "zh": ("你必须坐着不动。", "你会感到平静。", "把背挺直。"),
}  # fmt: skip


def translated(language: str, plus: str = "") -> str:
    """The good script with its spoken lines left out, for rules that look at single lines."""
    return GOOD.replace("language: en", f"language: {language}").replace(
        "It is good that you are here.", plus or "..."
    )


@pytest.mark.slow
@pytest.mark.parametrize("language", UNKIND)
def test_unkind_words_are_found_in_every_language(library, language):
    for rule, line in zip(("command", "promise", "body"), UNKIND[language], strict=True):
        text = translated(language, line)
        assert (rule, line_of(text, line)) in found(library, text, language=language), (rule, line)


HELP = {
    "en": "Pause this recording, open your eyes, feel what is holding you, or call someone you trust.",
    "de": "Du kannst die Aufnahme anhalten, die Augen öffnen, spüren, was dich trägt, oder jemanden anrufen.",
    "es": "Puedes parar la grabación, abrir los ojos, sentir lo que te sostiene, o llamar a alguien.",
    "fr": "Vous pouvez arrêter cet enregistrement, ouvrir les yeux, sentir ce qui vous porte, appeler quelqu'un.",
    "it": "Puoi fermare questa registrazione, aprire gli occhi, sentire quello che ti regge, o chiamare qualcuno.",
    "pt": "Você pode parar a gravação, abrir os olhos, sentir o que sustenta você, ou ligar para alguém.",
    "nl": "Je kunt de opname stopzetten, je ogen openen, voelen wat je draagt, of iemand bellen.",
    "pl": "Możesz zatrzymać nagranie, otworzyć oczy, poczuć, co cię trzyma, albo zadzwonić do kogoś.",
    "sv": "Du kan stoppa inspelningen, öppna ögonen, känna vad som bär dig, eller ringa någon.",
    "tr": "Kaydı durdurabilir, gözlerini açabilir, seni tutan şeyi hissedebilir ya da birini arayabilirsin.",
    "ja": "録音を止めて、目を開けて、支えているものを感じて、信頼できる人に電話をしてもかまいません。",
    "zh": "你可以暂停录音，睁开眼睛，感觉一下是什么托着你，或者给信任的人打电话。",
}  # fmt: skip


@pytest.mark.parametrize("language", HELP)
def test_what_helps_is_known_in_every_language(language):
    words = words_of(language)
    assert words is not None
    for name in ("pausing", "opens", "held", "person"):
        assert has(getattr(words, name), HELP[language]), name
        assert not has(getattr(words, name), "..."), name


FORMAL = [
    ("de", "Halten Sie die Aufnahme an.", "stop pausing"),
    ("de", "Schalten Sie aus, schauen Sie sich um.", "stop looks"),
    ("de", "Spüren Sie, was Sie trägt.", "held"),
    ("de", "Gehen Sie zu jemandem.", "person"),
    ("de", "Schön, dass Sie da sind.", "meets"),
    ("de", "Schauen Sie auf und gehen Sie weiter.", "back"),
    ("nl", "Voel wat u draagt.", "held"),
    ("nl", "Kijk om u heen.", "looks back"),
    ("nl", "Fijn dat u er bent.", "meets"),
    ("it", "Metta in pausa la registrazione, si guardi intorno.", "stop pausing looks"),
    ("it", "Senta quello che La sostiene.", "held"),
    ("it", "Chiami qualcuno con cui sta bene.", "person"),
    ("es", "Ponga la grabación en pausa, mire a su alrededor.", "stop pausing looks"),
    ("es", "Abra los ojos, y sienta lo que le sostiene.", "opens held"),
    ("es", "Busque a alguien de confianza.", "person"),
    ("es", "Qué bueno que esté aquí.", "meets"),
    ("es", "No le pasa solo a usted.", "humanity"),
    ("it", "Se è troppo, spenga.", "stop"),
    ("it", "EccoLa di nuovo qui, da dove arriva.", "meets"),
    ("pl", "Proszę zatrzymać nagranie i się rozejrzeć.", "stop pausing looks"),
    ("pl", "Proszę poczuć oparcie pod sobą.", "held mindful"),
    ("pl", "Można zadzwonić do kogoś zaufanego.", "person"),
    ("tr", "Kaydı durdurun, çevrenize bakın.", "pausing looks"),
    ("tr", "Sizi taşıyanı hissedin.", "held mindful"),
    ("tr", "Güvendiğiniz birini arayın.", "person"),
    ("tr", "Bunu yalnız siz yaşamıyorsunuz.", "humanity"),
]
FORMAL_UNKIND = [
    ("de", "Sie müssen jetzt still sein."),
    ("de", "Entspannen Sie sich."),
    ("de", "Schließen Sie die Augen."),
    ("nl", "U moet nu stil zijn."),
    ("nl", "Sluit uw ogen."),
    ("it", "Si rilassi."),
    ("it", "Chiuda gli occhi."),
    ("es", "Debe guardar silencio."),
    ("es", "Relájese."),
    ("es", "Cierre los ojos."),
    ("pl", "Proszę zamknąć oczy."),
    ("pl", "Proszę się rozluźnić."),
    ("pl", "Należy teraz milczeć."),
    ("tr", "Gözlerinizi kapatın."),
    ("tr", "Susmanız gerekiyor."),
]


@pytest.mark.parametrize(("language", "line", "names"), FORMAL)
def test_what_helps_is_heard_in_the_formal_register_too(language, line, names):
    words = words_of(f"{language}-formal")
    assert words is not None
    assert {name for name in names.split() if not has(getattr(words, name), line)} == set()


@pytest.mark.parametrize(("language", "line"), FORMAL_UNKIND)
def test_a_formal_command_is_a_command(language, line):
    words = words_of(f"{language}-formal")
    assert words is not None
    assert [each.rule for each in words.unkind if has(each.said, line)] == ["command"]


def test_a_formal_reading_may_leave_out_what_is_for_teenagers(library):
    english = GOOD.replace(
        "# Phrases",
        "[for teenagers] A line. [pause 4s, 6s from 6m]\n\n[gentle, not for teenagers] Another.\n\n# Phrases",
    )
    text = GOOD.replace("# Phrases", "[gentle] Another.\n\n# Phrases")
    for language, differs in (("de", True), ("de-formal", False)):
        seen = found(
            library, text.replace("language: en", f"language: {language}"), language=language, english=english
        )
        assert ("parity-lengths" in {rule for rule, _ in seen}) == differs


def test_every_shipped_language_has_its_words():
    assert {path.stem for path in FOLDER.glob("*.toml")} == {"en", *UNKIND}
    assert words_of("pt-BR") == words_of("pt")
    assert words_of("tlh") is None


def test_a_language_without_words_is_held_to_what_needs_none(library):
    text = translated("tlh").replace("[bell]\n", "", 1)
    rules = {rule for rule, _ in found(library, text, language="tlh")}
    assert "welcome" not in rules


PARITY = [
    ("parity-front", "range: 5m to 6m", "range: 5m to 7m"),
    ("parity-front", "length: 5m", "length: 6m"),
    ("parity-chapters", "# Phrases\n", ""),
    ("parity-bells", "[pause 4s]\n[bell]", "[pause 4s]\n[bell low]"),
    (
        "parity-phrases",
        "{% for phrase in phrases %}\n{{ phrase }} [pause 3s min 0.2s]\n{% endfor %}",
        "{{ phrases[0] }}",
    ),
    ("parity-lengths", "[gentle]", "[gentle, from 4m]"),
    (
        "parity-spoken",
        "[silence 50s max 60s]",
        "Noch viele Worte mehr, als man braucht, um still zu sein. " * 36,
    ),
    ("english-left", "Some quiet comes now", "Some quiet comes now"),
    ("behind", "register: informal", "register: informal"),
]


@pytest.mark.parametrize(("rule", "there", "planted"), PARITY)
def test_what_differs_from_the_english_is_found(library, rule, there, planted):
    text = GOOD.replace("language: en", "language: de").replace(there, planted, 1)
    seen = found(library, text, language="de", english=GOOD)
    assert rule in {name for name, _ in seen}
    if rule == "english-left":
        assert (rule, line_of(text, "Some quiet comes now")) in seen


BEHIND = [
    ("nothing", [lambda text: text], []),
    (
        "other words, and a pause alone",
        [
            lambda text: text.replace("Some quiet comes now", "Some rest comes now"),
            lambda text: text.replace("[silence 50s max 60s]", "[silence 40s max 60s]"),
        ],
        ["Some rest comes now"],
    ),
    (
        "a paragraph more",
        [lambda text: text.replace("# Phrases", "A new line for everybody.\n\n# Phrases")],
        ["A new line"],
    ),
    ("a paragraph less", [lambda text: text.replace("# Phrases\n", "\n")], ["no longer has"]),
]


@pytest.mark.parametrize(("what", "edits", "findings"), BEHIND, ids=[case[0] for case in BEHIND])
def test_a_translation_that_is_behind_the_english_says_where(
    tmp_path, capsys, monkeypatch, what, edits, findings
):
    monkeypatch.chdir(tmp_path)
    original, translation = Path("en/rest.md"), Path("de/rest.md")
    for path in (original, translation):
        path.parent.mkdir()
        path.write_text(
            GOOD.replace("language: en", f"language: {path.parent}").replace(
                "practice: resting", "practice: rest"
            )
        )
    assert run(["scripts", "follow", str(translation), "--original", str(original)]) == 0
    assert run(["scripts", "follow", str(original), "--original", str(original)]) == 1
    for edit in edits:
        original.write_text(edit(original.read_text()))
    seen = [each for each in lint.check([translation], english={"rest": original}) if each.rule == "behind"]
    assert len(seen) == len(findings)
    for finding, words in zip(seen, findings, strict=True):
        assert words in finding.what
        line = translation.read_text().split("\n")[finding.where.line - 1]
        assert line.strip() and not line.startswith("follows")


def test_every_rule_has_a_planted_fault():
    planted = {fault[0] for fault in FAULTS} | {fault[0] for fault in PARITY} | {"stock"}
    assert planted == set(lint.known_rules())


def test_every_rule_is_told_to_authors():
    page = (Path(__file__).parents[2] / "docs" / "writing.md").read_text(encoding="utf-8")
    for name, (level, why) in lint.known_rules().items():
        assert f"| `{name}` | {level} | {why} |" in page


# ---------------------------------------------------------------- the command


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_command_tells_file_line_why_and_better(here, capsys):
    Path("mine.md").write_text("You must relax. [pause 5s]\n\n[bell]\n")
    assert run(["check", "mine.md"]) == 1
    out = capsys.readouterr().out
    assert "mine.md:1: warning: 'You must' [command]" in out
    assert "an invitation leaves the listener free; better: you might, you can, if you like" in out
    assert out.splitlines()[-1].startswith("1 script: ")


def test_the_figures(here, capsys):
    Path("resting.md").write_text(GOOD)
    assert run(["check", "resting.md", "--figures"]) == 0
    head, *rows = capsys.readouterr().out.splitlines()
    assert head.split()[:3] == ["practice", "length", "silent"] and len(rows) == 4
    assert rows[0].split()[:2] == ["resting", "5m"] and rows[-1].startswith("resting, gentle")
    assert run(["check", "resting.md", "--figures", "--json"]) == 0
    first = json.loads(capsys.readouterr().out)[0]
    # Estimated: a bell, 9 s of pauses and 30 words come before the caution.
    assert 20_000 < first["caution_ms"] < first["alone_ms"] and 0.4 < first["silent"] < 0.6


def test_one_json_document(here, capsys):
    Path("mine.md").write_text("You must relax. [pause 5s]\n\n[bell]\n")
    assert run(["check", "mine.md", "--json"]) == 1
    document = json.loads(capsys.readouterr().out)
    assert set(document) == {"scripts", "findings", "accepted"}
    (command,) = (f for f in document["findings"] if f["rule"] == "command")
    assert command["line"] == 1 and command["level"] == "warning" and command["path"] == "mine.md"


def test_what_is_not_there_and_nothing_at_all(here, capsys):
    assert run(["check"]) == 1
    assert "--all" in capsys.readouterr().err
    assert run(["check", "no.md"]) == 1
    assert run(["check", "--rules"]) == 0
    assert "long-silence" in capsys.readouterr().out


# ---------------------------------------------------------------- the library itself


@pytest.mark.slow
def test_the_library_is_clean():
    """A fifth of the practices in English, some in another language: `kindvoice check --all` is the whole."""
    english = {entry.practice: entry.path for entry in library_entries() if entry.language == "en"}
    some = [*english][::5]
    others = [e.path for e in library_entries() if e.language != "en" and e.practice in some]
    paths = [*(english[practice] for practice in some), *others[::9]]
    found = lint.check(paths, library=[*english.values(), *others], english=english)
    assert not [f"{f.where}: {f.level}: {f.what} [{f.rule}]" for f in found if not f.accepted]


@pytest.mark.slow
def test_several_processes_find_the_same(library):
    (library / "en" / "resting.md").write_text(GOOD.replace("It is good", "You must know"))
    (library / "en" / "other.md").write_text("You should relax. [pasue 5s]")
    paths = sorted((library / "en").iterdir())
    findings = lint.check(paths, library=paths)
    assert {finding.rule for finding in findings} >= {"readable", "command"}
    assert lint.check(paths, library=paths, processes=2) == findings
