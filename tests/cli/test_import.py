"""kindvoice scripts import: what it shows, and what it writes."""

from __future__ import annotations

import io
import json
from pathlib import Path
from types import SimpleNamespace

import pytest
from chromium import started, violations, wants_chromium

from kindvoice.cli import run

BROUGHT = """Sure! Here is your meditation script:

# Rest

(softly) Lie down, \\<script>alert(1)\\</script> and "rest". [pause 5s]
[pasue 8s] Dear [your name], all is well.
"""
TWO = "\n".join(f"# Meditation {n}\n\n{'Rest a little while longer. ' * 6}\n" for n in (1, 2))


@pytest.fixture
def here(tmp_path, monkeypatch, cache) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("a.txt").write_text(BROUGHT)
    return tmp_path


def test_two_columns_and_a_clean_script_that_replaces_nothing(here, capsys):
    assert run(["scripts", "import", "a.txt", "-o", "new.md"]) == 0
    out, err = capsys.readouterr()
    assert "Sure! Here is your meditation script:  the opening words of an answer" in out
    assert "error: unknown cue [pasue 8s]" in out
    assert "Rest: in English; 1 chapter: Rest; 2 things not spoken, 1 error, left out" in out
    assert out.rstrip().endswith("new.md\nnow: kindvoice render new.md")
    assert err == "note: to fill in: [your name]\n"
    assert Path("new.md").read_text().startswith("---\ntitle: Rest\nlanguage: en\n---\n\n# Rest\n\nLie down,")
    assert run(["scripts", "import", "a.txt", "-o", "new.md"]) == 1
    assert "new.md is there already" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("output", "names"),
    [("all.md", ["all-1.md", "all-2.md"]), ("folder", ["meditation-1.md", "meditation-2.md"])],
)
def test_several_scripts_from_standard_input(here, capsys, monkeypatch, output, names):
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(TWO.encode())))
    assert run(["scripts", "import", "-", "-o", output, "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert [Path(script["path"]).name for script in document["scripts"]] == names
    assert [script["title"] for script in document["scripts"]] == ["Meditation 1", "Meditation 2"]
    assert all(Path(script["path"]).read_text() == script["text"] for script in document["scripts"])


def test_render_says_that_a_file_holds_several_scripts(here, capsys):
    Path("two.md").write_text(TWO)
    assert run(["timeline", "two.md", "--voice", "tone"]) == 0
    assert "this file holds 2 scripts, and is read as one" in capsys.readouterr().err


@wants_chromium
@pytest.mark.slow
def test_the_page_is_accessible_and_nothing_in_it_runs(here):
    assert run(["scripts", "import", "a.txt", "--page", "seen.html"]) == 0
    with started() as browser:
        page = browser.new_page(color_scheme="light")
        page.goto((here / "seen.html").as_uri())
        assert not violations(page)
        page.emulate_media(color_scheme="dark")
        assert not violations(page, "color-contrast")
        assert page.locator("script").count() == 0
        assert "<script>alert(1)</script>" in page.locator("td.spoken").nth(2).inner_text()
