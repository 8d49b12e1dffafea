"""What a teacher brings, read in a process of its own. Nothing heavy is imported here: the process starts with it."""

from __future__ import annotations

from dataclasses import dataclass

from kindvoice.jobs.workers import OnStage
from kindvoice.script.imported import Imported, import_scripts


@dataclass(frozen=True, slots=True, repr=False)
class Brought:
    """Its repr, which may be logged, tells nothing of it."""

    data: bytes | str
    name: str
    language: str | None


def read_brought(brought: Brought, on_stage: OnStage) -> tuple[Imported, ...]:
    return import_scripts(brought.data, brought.name, brought.language)
