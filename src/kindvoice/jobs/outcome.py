"""What a plan's run tells: events while it goes on, one outcome per item, and the summary at the end.

Everything here is safe to print, to log and to send: ids, numbers, paths, and causes from which a participant's
words have been taken out.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

BUILT, SKIPPED, FAILED, LEFT = "built", "skipped", "failed", "left"


@dataclass(frozen=True, slots=True)
class Checked:
    """What a file's bytes were when they were last read, and by what it is seen that they are still the same."""

    path: Path
    bytes: int
    mtime_ns: int
    ctime_ns: int
    inode: int
    read_ns: int
    """when it was read, by this computer's clock"""
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one item."""

    item: str
    status: str
    """built; skipped (it was right already); failed; left (not tried)"""
    cause: str = ""
    """why it failed or was left: what, where and the cure, without anybody's words"""
    kind: str = ""
    """why it failed: length, voice, words (of the script), sound, space (a full disk), lost (the process, again and
    again), fault"""
    range_ms: tuple[int, int] | None = None
    """what lengths would do, where kind is length"""
    why: str = ""
    """why it had to be built"""
    manifest: Path | None = None
    duration_ms: int = 0
    bytes: int = 0
    """of all its files"""
    asked: int = 0
    """different lines"""
    spoken: int = 0
    """lines that an engine spoke now"""
    wall_s: float = 0.0
    speak_s: float = 0.0
    """of these, until everything was spoken"""
    worker: str = ""
    warnings: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    checked: tuple[Checked, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class JobEvent:
    """One thing that happened. What a kind has nothing to say of is empty."""

    kind: str
    """planned, skipped, started, progress, built, failed, left, lost, stopped, finished"""
    item: str = ""
    worker: str = ""
    stage: str = ""
    """wait (another run builds it), speak, measure, encode, check"""
    done: int = 0
    """of the stage; of the plan in planned and finished"""
    total: int = 0
    detail: str = ""
    outcome: Outcome | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """The whole run, in the order of the plan."""

    outcomes: tuple[Outcome, ...]
    wall_s: float
    stopped: str = ""
    """why it stopped before the end, such as a full disk and how much is needed"""

    def count(self, status: str) -> int:
        return sum(outcome.status == status for outcome in self.outcomes)

    @property
    def asked(self) -> int:
        """Lines in what was built now."""
        return sum(outcome.asked for outcome in self.outcomes)

    @property
    def spoken(self) -> int:
        return sum(outcome.spoken for outcome in self.outcomes)

    @property
    def reused(self) -> int:
        """Lines that were there already."""
        return self.asked - self.spoken

    @property
    def built_ms(self) -> int:
        """The length of what was built now."""
        return sum(outcome.duration_ms for outcome in self.outcomes if outcome.status == BUILT)

    @property
    def audio_ms(self) -> int:
        """The length of all that is there."""
        return sum(outcome.duration_ms for outcome in self.outcomes)

    @property
    def exit_code(self) -> int:
        """As in errors.EXIT_CODES."""
        if any(outcome.kind == "space" for outcome in self.outcomes):
            return 7
        return 1 if self.stopped or self.count(FAILED) or self.count(LEFT) else 0
