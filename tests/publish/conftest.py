"""What the feed's tests share."""

from __future__ import annotations

import pytest
from feeds import record

from kindvoice.model import Release
from kindvoice.publish.manifest import read_release


@pytest.fixture(scope="session")
def release(tmp_path_factory) -> Release:
    """One recording that no test changes."""
    return read_release(record(tmp_path_factory.mktemp("standing"), "a"))
