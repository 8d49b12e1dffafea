"""The linter: what is planted is found, at its line, and what is right is left alone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from make import library as library_entries

from kindvoice import lint
from kindvoice.cli import run
from kindvoice.lint.words import FOLDER, words_of

GOOD = """\
---
title: Resting
practice: resting
language: en
about: A short rest.
length: 5m
range: 5m to 6m
register: informal
licence: Apache-2.0
credit: Our own words.
phrases: ["May I be safe.", "May I be kind to myself."]
---
# Arriving
[bell]
It is good that you are here. Your eyes may close, or rest on one place. [pause 8s]
You can move, leave out what does not suit you, or stop at any time. [pause 10s]

[gentle] If it helps, listen to the sounds around you. [pause 6s]

# Phrases
Sometimes an old ache wakes up. Then slow down, and feel your feet on the floor. [pause 20s]
{% for phrase in phrases %}
{{ phrase }} [pause 10s]
{% endfor %}
Some quiet comes now, and then you will hear this voice again. [silence 60s]

# Returning
Feel your hands and your feet, and the room around you. [pause 8s]
Open your eyes when you are ready. [pause 4s]
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


FAULTS = [
    # rule, what is there, what is planted in its place, the line that must be named (a piece of it; "" is the file)
    ("front-matter", "about: A short rest.\n", "", ""),
    ("front-matter", "licence: Apache-2.0\n", "", ""),
    ("place", "practice: resting", "practice: rest", "practice: rest"),
    ("place", "language: en\n", "language: en-GB\n", "language: en-GB"),
    ("trademark", "title: Resting", "title: Mindful Self-Compassion Rest", "title: Mindful"),
    ("credit", "credit: Our own words.", "credit: x", "credit: x"),
    ("length-in-range", "length: 5m", "length: 9m", "length: 9m"),
    ("welcome", "Your eyes may close, or rest on one place.", "Settle in.", "It is good"),
    ("way-out", "You can move, leave out what does not suit you, or stop at any time.", "Settle in.", "It is good"),
    ("backdraft", "Sometimes an old ache wakes up. Then slow down, and feel your feet on the floor.", "Rest.", ""),
    ("closing", "Open your eyes when you are ready. [pause 4s]\n[bell]", "Open your eyes.", "Open your eyes."),
    ("chapters", "# Phrases\n", "", ""),
    ("gentle", "[gentle] If", "[until 90m] If", ""),
    ("never-heard", "[gentle] If", "[gentle, from 7m] If", "[gentle, from 7m]"),
    ("never-heard", "[gentle] If", "[gentle, until 5m] If", "[gentle, until 5m]"),
    ("never-heard", "[gentle] If", "[gentle, for carers] If", "[gentle, for carers]"),
    ("pace", "[silence 60s]", "Words, words and more words, as if nobody had to breathe at all. " * 200, "It is good"),
    ("long-silence", "Some quiet comes now, and then you will hear this voice again.", "Rest.", "Rest. [silence"),
    ("bell-over-words", "It is good", "[bell no wait] It is good", "[bell no wait]"),
    ("long-sentence", "Settle", "Settle", ""),
    ("command", "It is good", "You must sit still now. It is good", "You must"),
    ("command", "Feel your hands", "Just relax. Feel your hands", "Just relax"),
    ("promise", "Feel your hands", "You will feel calm. Feel your hands", "You will feel"),
    ("body", "It is good", "Keep your back straight. It is good", "Keep your back"),
    ("careful", "It is good", "Take a deep breath. It is good", "Take a deep"),
    ("direction", "It is good", "Pause for 5 seconds. It is good", "Pause for 5"),
    ("not-spoken", "It is good", "(softly) It is good", "(softly)"),
    ("language", "language: en\n", "language: es\n", "language: es"),
    ("read-aloud", "It is good", "See www.example.org today. It is good", "See www"),
    ("read-aloud", "It is good", "TODO more. It is good", "TODO"),
    ("phrase-slots", "{% for phrase in phrases %}\n{{ phrase }} [pause 10s]\n{% endfor %}\n", "", "phrases: ["),
    ("phrase-in-text", "{{ phrase }} [pause 10s]", "May I be at home. [pause 10s]", "May I be at home."),
    ("phrase-forms", 'phrases: ["May I', 'phrases: ["My days are full.", "May I', "phrases: ["),
    ("phrase-wording", '"May I be safe."', '"Be strong."', 'phrases: ["Be'),
    ("phrase-wording", '"May I be safe."', '"I was happy."', 'phrases: ["I was'),
    ("phrase-wording", '"May I be safe."', f'"May I {"be and " * 9}rest."', "phrases: ["),
    ("readable", "[pause 8s]", "[pasue 8s]", "[pasue"),
    ("readable", "{% endfor %}", "", ""),
]  # fmt: skip


@pytest.mark.parametrize(
    ("rule", "there", "planted", "where"),
    [f for f in FAULTS if f[0] != "long-sentence"],
    ids=lambda v: str(v)[:20],
)
def test_a_planted_fault_is_found_at_its_line(library, rule, there, planted, where):
    assert there in GOOD
    text = GOOD.replace(there, planted, 1)
    if rule == "phrase-forms":
        text = text.replace("{{ phrase }}", "{{ phrase.together }}")
    if rule == "chapters":
        text = text.replace("# Returning\n", "").replace("# Arriving\n", "")
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


def test_a_script_of_ones_own_is_held_to_less(tmp_path):
    path = tmp_path / "mine.md"
    path.write_text(GOOD[GOOD.index("# Arriving") :].replace("[gentle] ", "").replace(
        "{% for phrase in phrases %}\n{{ phrase }} [pause 10s]\n{% endfor %}\n", ""))  # fmt: skip
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
}  # fmt: skip


def translated(language: str, plus: str = "") -> str:
    """The good script with its spoken lines left out, for rules that look at single lines."""
    return GOOD.replace("language: en", f"language: {language}").replace(
        "It is good that you are here.", plus or "..."
    )


@pytest.mark.parametrize("language", UNKIND)
def test_unkind_words_are_found_in_every_language(library, language):
    for rule, line in zip(("command", "promise", "body"), UNKIND[language], strict=True):
        text = translated(language, line)
        assert (rule, line_of(text, line)) in found(library, text, language=language), (rule, line)


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
        "{% for phrase in phrases %}\n{{ phrase }} [pause 10s]\n{% endfor %}",
        "{{ phrases[0] }}",
    ),
    ("parity-lengths", "[gentle]", "[gentle, from 4m]"),
    ("parity-spoken", "[silence 60s]", "Noch viele Worte mehr, als man braucht, um still zu sein. " * 8),
    ("english-left", "Some quiet comes now", "Some quiet comes now"),
]


@pytest.mark.parametrize(("rule", "there", "planted"), PARITY)
def test_what_differs_from_the_english_is_found(library, rule, there, planted):
    text = GOOD.replace("language: en", "language: de").replace(there, planted, 1)
    seen = found(library, text, language="de", english=GOOD)
    assert rule in {name for name, _ in seen}
    if rule == "english-left":
        assert (rule, line_of(text, "Some quiet comes now")) in seen


def test_every_rule_has_a_planted_fault():
    planted = {fault[0] for fault in FAULTS} | {fault[0] for fault in PARITY}
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


LIBRARY = library_entries()


@pytest.mark.slow
@pytest.mark.parametrize("practice", sorted({entry.practice for entry in LIBRARY}))
def test_the_library_is_clean(practice):
    paths = [entry.path for entry in LIBRARY if entry.practice == practice]
    english = {entry.practice: entry.path for entry in LIBRARY if entry.language == "en"}
    told = [
        f"{f.where}: {f.level}: {f.what} [{f.rule}]"
        for f in lint.check(paths, library=paths, english=english) if not f.accepted
    ]  # fmt: skip
    assert not told, "\n".join(told)


def test_several_processes_find_the_same(library):
    (library / "en" / "resting.md").write_text(GOOD.replace("It is good", "You must know"))
    (library / "en" / "other.md").write_text("You should relax. [pasue 5s]")
    paths = sorted((library / "en").iterdir())
    findings = lint.check(paths, library=paths)
    assert {finding.rule for finding in findings} >= {"readable", "command"}
    assert lint.check(paths, library=paths, processes=2) == findings
