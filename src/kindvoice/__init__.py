"""kindvoice turns a written meditation into a finished recording, offline.

>>> import kindvoice                                                       # doctest: +SKIP
>>> made = kindvoice.render("loving-kindness", phrases=["May I be kind to myself."], length="10m")  # doctest: +SKIP
>>> made.path, made.duration_ms                                            # doctest: +SKIP
(PosixPath('output/loving-kindness.mp3'), 600000)
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

# From 1.29 on onnxruntime reports its use to its maker unless this is set before it is loaded. People's
# phrases are private and kindvoice is offline: nothing leaves the computer.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"

if TYPE_CHECKING:
    from kindvoice.build.api import Rendered, render

__version__ = "0.1.0"
__all__ = ["Rendered", "__version__", "render"]


def __getattr__(name: str) -> object:
    """`kindvoice.render` is loaded when it is asked for, so that `kindvoice --help` pays for nothing."""
    if name in {"render", "Rendered"}:
        from kindvoice.build import api

        return getattr(api, name)
    raise AttributeError(f"module 'kindvoice' has no attribute {name!r}")
