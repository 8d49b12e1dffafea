"""What docs/studio.md tells a host about studio.toml is so."""

from __future__ import annotations

import re
import tomllib
from dataclasses import fields
from pathlib import Path

from kindvoice.settings import Settings
from kindvoice.studio.host.config import Config, Limits, make_config

DOCS = Path(__file__).parents[2] / "docs" / "studio.md"


def test_the_example_can_be_used_and_names_the_limits_as_they_are(tmp_path):
    text = re.search(r"```toml\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)[1]
    (tmp_path / "studio.toml").write_text(text, encoding="utf-8")
    config = make_config(Settings(cache=tmp_path, takes=tmp_path, output=tmp_path), data=tmp_path)
    assert (config.languages, config.country, config.jobs) == (("en", "de"), "DE", 1)
    assert config.crisis_line() == "Telefonseelsorge: 0800 111 0 111"
    usual = {each.name: each.default for each in fields(Config)}
    assert config.limits == Limits() and (config.keep_s, config.jobs) == (usual["keep_s"], usual["jobs"])
    assert len(tomllib.loads(text)["limits"]) >= 10
