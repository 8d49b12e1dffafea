"""Where things stand in a TOML file."""

from __future__ import annotations

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kindvoice.errors import SettingsError
from kindvoice.plan.tomltext import read_toml

TEXT = '''# a comment = [no]
title = "a # = [b]"
notes = """
[[tracks]]
practice = "not this one" """""
"odd key" = 'x'
a.b = 1
list = [
  "one", # ]
  "two",
]

[voices]
de = "pico-de"

[[tracks]]
practice = "p"
title = {en = "A", de = "B"}

  [[ tracks ]]  # the second
practice = "q"
[tracks.values]
place = "garden"
[[tracks.deep]]
x = 1
'''


def read(tmp_path, text: str):
    path = tmp_path / "plan.toml"
    path.write_text(text, encoding="utf-8")
    return read_toml(path, "a plan")


@pytest.mark.parametrize(("place", "line"), [
    (("title",), 2), (("notes",), 3), (("odd key",), 6), (("a", "b"), 7), (("list",), 8), (("voices",), 13),
    (("voices", "de"), 14), (("tracks", 0), 16), (("tracks", 0, "practice"), 17), (("tracks", 0, "title", "de"), 18),
    (("tracks", 1), 20), (("tracks", 1, "practice"), 21), (("tracks", 1, "values", "place"), 23),
    (("tracks", 1, "deep", 0, "x"), 25), (("nothing",), 0),
])  # fmt: skip
def test_every_name_has_its_line(tmp_path, place, line):
    toml = read(tmp_path, TEXT)
    assert toml.data == tomllib.loads(TEXT)
    assert toml.where(*place).line == line


@given(st.lists(st.sampled_from([
    'k{n} = "[[x]]"', "k{n} = '''\n[y]\nk = 1'''", 'k{n} = """\\"""\n= """', "k{n} = [1, [2,\n 3]]", "[t{n}]", "[[u]]",
    "k{n} = {{a = 1, b = '}}'}}", "# [c] = ", "", "k{n}.a = 2", '"k {n}" = "]"',
]), max_size=12))  # fmt: skip
def test_lines_are_of_the_very_statement(tmp_path_factory, pieces):
    lines, wanted = 1, {}
    text = ""
    for n, piece in enumerate(pieces):
        piece = piece.format(n=n)
        if piece[:1] in {"k", '"'}:
            wanted[piece.split(" =")[0].strip('"').split(".")[0]] = lines
        text += piece + "\n"
        lines += piece.count("\n") + 1
    toml = read(tmp_path_factory.mktemp("t"), text)
    found = {place[-1]: line for place, line in toml.lines.items() if str(place[-1]).startswith("k")}
    assert found == {name: line for name, line in wanted.items() if name in found}
    assert {name for name in wanted if f"{name}.a" not in text} <= set(found)


def test_what_is_no_toml_is_told_with_its_line(tmp_path):
    with pytest.raises(SettingsError, match=r"plan\.toml:2: the file is not TOML"):
        read(tmp_path, "a = 1\nb = = 2\n")
    with pytest.raises(SettingsError, match="no such file"):
        read_toml(tmp_path / "gone.toml", "a plan")
    with pytest.raises(SettingsError):
        read(tmp_path, "a = " + "[" * 100_000)
