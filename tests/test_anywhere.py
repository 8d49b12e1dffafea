"""The tests say the same on anybody's machine, whatever a shell, an office or a CI has set."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ODD = {
    "COLUMNS": "40", "FORCE_COLOR": "1", "LC_ALL": "C", "TZ": "Pacific/Kiritimati", "http_proxy": "http://127.0.0.1:9",
    "XDG_CACHE_HOME": "/nowhere/cache", "XDG_CONFIG_HOME": "/nowhere/config", "XDG_DATA_HOME": "/nowhere/data",
    "KINDVOICE_VOICE": "nobody", "KINDVOICE_FORMAT": "nothing", "KINDVOICE_OUTPUT": "/nowhere", "KINDVOICE_DEBUG": "1",
}  # fmt: skip
SOME = (
    "cli/test_cli.py::test_render_says_what_it_made",
    "engines/test_failing.py::test_a_process_is_told_what_was_asked_for[piper]",
    "jobs/test_run.py::test_an_interrupt_ends_cleanly[1]",
)
"""of each kind that has failed somewhere, one"""


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.skipif(sys.platform == "win32", reason="signals and shells are a Unix thing")
def test_in_a_scripts_background_with_everything_set_and_no_home(tmp_path):
    folder = tmp_path / "a folder – ü"
    folder.mkdir()
    tests = [str(Path(__file__).parent / name) for name in SOME]
    done = subprocess.run(
        ["sh", "-c", 'trap "" INT HUP; umask 077; exec "$@"', "sh", sys.executable, "-m", "pytest", "-n", "0",
         "-p", "no:cacheprovider", "--basetemp", str(folder / "t"), "--color", "no", *tests],
        env={n: t for n, t in os.environ.items() if n != "HOME"} | ODD | {"TMPDIR": str(folder)},
        cwd=Path(__file__).parents[1], stdin=subprocess.DEVNULL, capture_output=True, encoding="utf-8",
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-1000:]
    assert " passed" in done.stdout and "skipped" not in done.stdout
