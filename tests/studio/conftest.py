"""What the tests of the studio share."""

from __future__ import annotations

import pytest
from ordering import studio_at

from kindvoice.studio.host import keys
from kindvoice.studio.host.choices import Choices, read_choices

keys._N, keys._P = 1 << 14, 1  # a guess costs a quarter of a second; not here


@pytest.fixture(scope="session")
def choices(tmp_path_factory) -> Choices:
    """The library, three practices of the tests' own, and the voice that hums; read once."""
    return read_choices(studio_at(tmp_path_factory.mktemp("choices")))
