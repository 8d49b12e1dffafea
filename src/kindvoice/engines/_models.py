"""Where the files of installed voices are: one folder for all engines that need any."""

from __future__ import annotations

import os
from pathlib import Path

VARIABLE = "KINDVOICE_MODELS"


def models_folder() -> Path:
    """The folder in the variable KINDVOICE_MODELS, or `kindvoice/models` in the user's data folder."""
    stated = os.environ.get(VARIABLE)
    if stated:
        return Path(stated).expanduser()
    import platformdirs

    return Path(platformdirs.user_data_dir("kindvoice", appauthor=False)) / "models"
