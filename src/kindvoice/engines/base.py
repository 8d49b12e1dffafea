"""What a speech engine is: a small module with these names, and nothing more.

An engine turns one line of text into sound. It knows nothing of pauses, caches, mixing or networks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeAlias, runtime_checkable

from kindvoice.model import Voice

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

Samples: TypeAlias = "npt.NDArray[np.float32]"


@runtime_checkable
class Engine(Protocol):
    """The contract, proved for every engine by tests/engines/test_contract.py."""

    PHONEMES: bool
    """whether it says what stands between SOUNDS_OPEN and SOUNDS_CLOSE as IPA"""

    def problem(self, voice: Voice) -> tuple[str, str] | None:
        """None when the voice can speak here and now, else (what is missing, what cures it)."""

    def version(self, voice: Voice) -> str:
        """Changes whenever the same text and voice might give other samples, also when its files are others."""

    def can_read(self, voice: Voice) -> frozenset[str] | None:
        """Unicode script names the voice can read (`LATIN`, `CYRILLIC`...); None: no limit is known."""

    def speak(self, text: str, voice: Voice) -> tuple[Samples, int]:
        """One line to sound. May be called from many threads at once; what costs much memory waits its turn in here.

        text: not empty, with a letter or a digit in it, no line breaks, no emoji. Where PHONEMES is true it
        may hold a word's IPA in place of the word.
        Returns mono float32 samples, shape (n,), full scale 1.0 (may go a little over), not trimmed,
        and their rate in Hz. The same text and voice give the same samples, also in another process.
        Raises VoiceError when the engine fails; a partial result is never returned.
        """
