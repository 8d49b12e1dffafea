"""What a finished file must measure, by the name of where it goes."""

from __future__ import annotations

from kindvoice.errors import SettingsError, nearest
from kindvoice.model import Preset

PRESETS = {
    preset.name: preset
    for preset in (
        Preset(
            name="podcast", lufs=-16.0, peak_dbtp=-1.0, bitrate=128_000,
            what_for="podcast apps, phones, learning platforms",
        ),
        Preset(
            name="broadcast", lufs=-23.0, peak_dbtp=-1.0, bitrate=192_000,
            what_for="radio and television (EBU R 128)",
        ),
        Preset(
            name="sleep", lufs=-20.0, peak_dbtp=-2.0, bitrate=128_000, tail_ms=5_000,
            what_for="listening in bed: quieter, with a longer silence at the end",
        ),
    )
}  # fmt: skip


def find_preset(name: str) -> Preset:
    """Raises SettingsError, naming the nearest, when there is none of that name."""
    if name not in PRESETS:
        hint = nearest(name, PRESETS)
        raise SettingsError(
            f"there is no preset named {name!r}",
            cure=f"did you mean {hint!r}?" if hint else f"known: {', '.join(PRESETS)}",
        )
    return PRESETS[name]
