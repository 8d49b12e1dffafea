"""Generated hostility: what people and programs might write, as hypothesis strategies, and what has to become of it.

`scripts/fuzz` runs them for a minute or an hour; the tests run some.
"""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable
from pathlib import Path

from hostile import HOSTILE
from hostilelong import _AROUND, _BITS
from hypothesis import strategies as st

from kindvoice.care import find_care
from kindvoice.cli import run
from kindvoice.errors import KindvoiceError
from kindvoice.plan.expand import expand
from kindvoice.plan.people import read_people
from kindvoice.plan.read import read_plan
from kindvoice.script import Version, make_phrase, read_script
from kindvoice.settings import Settings, load_settings
from kindvoice.timing.resolve import make_timeline

LANGUAGES = ("en", "de", "es", "fr", "it", "pt-BR", "nl", "sv", "pl", "tr")
_WORDS = st.sampled_from(
    ("Breathe.", "May I be safe", "Rest here", "Möge ich ruhig sein", "你好", "3. Mai", "10:30", "e.g.")
)
_TIMES = st.sampled_from(
    ("0s", "1s", "2m", "1h", "99h", "-1s", "1.5m", "½ m", "1e9s", "3 breaths", "", "NaN s", "٣s")
)
_NAMES = st.sampled_from(
    ("pause", "bell", "bed", "hold", "breathe", "voice", "from", "until", "gentle", "for", "silence")
)
_SIGNS = st.sampled_from((*_BITS, *_AROUND, *HOSTILE))
_CUES = st.builds(
    lambda left, name, rest, time, right: f"{left}{name} {rest}{time}{right}",
    st.sampled_from(("[", "(", "*[", "<", "")), _NAMES,
    st.sampled_from(("", "low x3 ", "in ", "rain ", "min ", "de ", "off ", "no wait ", '"x.wav" ')),
    _TIMES, st.sampled_from(("]", ")", "]*", "/>", "")),
)  # fmt: skip
_JINJA = st.sampled_from((
    "{% for phrase in phrases %}", "{% endfor %}", "{{ phrase }}", "{{ phrase.other }}", "{{ name }}", "{{ 9**9**9 }}",
    "{% if minutes > 3 %}", "{% else %}", "{% endif %}", "{{ ''.__class__ }}", "{% include 'x' %}", "{% set a = 1 %}",
    "{{ range(10**9) | list }}", "{% macro m() %}", "{{ phrases * 10**6 }}", "{{ 'a' * 10**9 }}",
))  # fmt: skip
_PIECES = st.one_of(_WORDS, _CUES, _JINJA, _SIGNS, st.text(max_size=20))
_TEXTS = st.lists(st.tuples(_PIECES, st.sampled_from((" ", "\n", "\n\n", "\n# "))), max_size=30).map(
    lambda pairs: "".join(piece + end for piece, end in pairs)
)
_VALUES = st.one_of(
    _WORDS,
    _TIMES,
    _SIGNS,
    st.integers().map(str),
    st.sampled_from(("[]", "{}", "true", "null", "[a, b]", '"')),
)
_KEYS = st.sampled_from(
    ("title", "language", "length", "range", "phrases", "voice", "bed", "audiences", "style", "x")
)
_FRONTS = st.dictionaries(_KEYS, _VALUES, max_size=5).map(
    lambda facts: "---\n" + "".join(f"{key}: {value}\n" for key, value in facts.items()) + "---\n"
)
scripts = st.builds(lambda front, text: front + text, st.one_of(st.just(""), _FRONTS), _TEXTS)
wishes = st.one_of(st.text(max_size=300), _TEXTS, st.lists(_WORDS, max_size=4).map(" ".join))
_TABLE_CELLS = st.one_of(_WORDS, _VALUES, st.sampled_from(("p1", "p2", "Ana", "yes", "de", "5m")))
tables = st.builds(
    lambda head, rows, mark, end: end.join(mark.join(row) for row in [head, *rows]),
    st.lists(st.sampled_from(("id", "name", "phrases", "Satz 1", "language", "length", "gentle", "?")), max_size=6),
    st.lists(st.lists(_TABLE_CELLS, max_size=6), max_size=6), st.sampled_from((",", ";", "\t", "|")),
    st.sampled_from(("\n", "\r\n")),
)  # fmt: skip
_TOML_KEYS = st.sampled_from((
    "title", "length", "participants", "formats", "output", "languages", "voice", "preset", "cache", "format", "x",
))  # fmt: skip
_TOML_VALUES = st.one_of(
    st.sampled_from(
        ('"5m"', '"mp3"', '["mp3"]', '"{participant}/{track}"', "1", "[]", "{}", '[{id = "a"}]', '"20G"')
    ),
    _VALUES.map(lambda value: '"' + value.replace("\\", "").replace('"', "") + '"'),
)
_TOML = st.lists(st.tuples(_TOML_KEYS, _TOML_VALUES), max_size=6, unique_by=lambda pair: pair[0]).map(
    lambda pairs: "".join(f"{key} = {value}\n" for key, value in pairs)
)
plans = st.builds(
    lambda head, tracks: head + "".join(f"[[tracks]]\n{track}" for track in tracks), _TOML,
    st.lists(st.one_of(st.just('script = "s.md"\n'), _TOML, st.just('practice = "loving-kindness"\n')), max_size=3),
)  # fmt: skip
settings_files = st.one_of(_TOML, _TEXTS)
_OPTIONS = (
    "--length", "--phrase", "--bed", "--bell", "--format", "--preset", "--captions", "--set", "--for", "--voice",
    "--language", "--title", "--without", "--cover", "--name",
)  # fmt: skip
_ASKED = st.one_of(_VALUES, st.sampled_from(("mp3", "rain", "tone", "5m", "a=b", "podcast", "off", "en")))
requests = st.lists(st.tuples(st.sampled_from(_OPTIONS), _ASKED), max_size=4)


def kinds(folder: Path) -> dict[str, tuple[st.SearchStrategy[object], Callable[..., object]]]:
    """By name: what is generated, and what reads it. A KindvoiceError is the one clear error that it may end in."""
    script = folder / "s.md"

    def write(name: str, text: str) -> Path:
        path = folder / name
        path.write_text(text, encoding="utf-8", errors="replace", newline="")
        return path

    def read_one(text: str, **more: object) -> None:
        version = Version(script=write("s.md", text), length_ms=300_000, **more)  # type: ignore[arg-type]
        with contextlib.suppress(KindvoiceError):
            make_timeline(read_script(version))

    def wish(text: str) -> None:
        for language in LANGUAGES[:3]:
            find_care([text], language)
            with contextlib.suppress(KindvoiceError):
                phrase = make_phrase(text, language)
                read_one("{% for p in phrases %}{{ p }} {{ p.together }}{% endfor %}", phrases=(phrase,))

    def plan(text: str) -> None:
        script.write_text("Rest. [pause 1s]\n")
        with contextlib.suppress(KindvoiceError):
            made = read_plan(write("p.toml", text))
            expand(made, output=folder / "out", settings=Settings(cache=folder / "c", takes=folder / "t"))

    def table(text: str) -> None:
        with contextlib.suppress(KindvoiceError):
            read_people(write("t.csv", text))

    def settings(text: str) -> None:
        with contextlib.suppress(KindvoiceError):
            load_settings({}, write("own.toml", text))

    def request(options: list[tuple[str, str]]) -> None:
        script.write_text(
            "---\nvoice: tone\n---\nRest. [pause 1s max 9m]\n{% for p in phrases %}{{ p }}{% endfor %}\n"
        )
        words = [f"{name}={value}" for name, value in options]
        said = io.StringIO()
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(said):
            code = run(["render", str(script), "--dry-run", "-o", str(folder / "out"), *words])
        assert code in {0, 1, 4, 5}, said.getvalue()

    return {
        "script": (scripts, read_one), "wish": (wishes, wish), "plan": (plans, plan), "table": (tables, table),
        "settings": (settings_files, settings), "request": (requests, request),
    }  # fmt: skip
