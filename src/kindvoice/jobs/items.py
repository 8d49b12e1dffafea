"""What a plan comes to: one item per recording."""

from __future__ import annotations

from dataclasses import dataclass

from kindvoice.build.request import Request


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One recording of a plan."""

    id: str
    """unique in its plan and the same in every run; safe to print and to log: never a phrase"""
    request: Request
    """absolute paths; its folder and name are the finished files'"""
    participant: str | None = None
    """whose words it speaks, by id"""
    family: str = ""
    """items of one family differ by their participant's words alone"""
    title: str = ""
    """for people; never a phrase"""
