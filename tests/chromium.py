"""The system's Chromium, where there is one."""

from __future__ import annotations

import shutil

import pytest

CHROMIUM = next(
    (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))),
    None,
)
wants_chromium = pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium; apt-get install chromium")
SWITCHES = [
    "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--mute-audio",
]  # fmt: skip
