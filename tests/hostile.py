"""What a participant might type, or paste, that a file's reader could obey or trip over."""

from __future__ import annotations

HOSTILE = (
    "<script>alert(1)</script>", "a --> b", "00:00:01.000 --> 00:00:09.000", "NOTE", "WEBVTT", "STYLE", "&amp; &",
    "1", "[00:01.00]", "[ti:no]", "<00:01.00>", "{\\an8}", "<i>", "</lang>", "\n\n2\n\n", "\r\n", "\x00", "\x0b",
    "\x1b[31m", "\u2028", "\u202e", "\ud800", "\ufffe", "\ufeff", "\U0001ffff", '"', "'", "« ", " »", "?", "–",
    "x" * 200, "e" + "\u0301" * 90, "🧘🏽\u200d♀️", "السلام عليكم", "自分にやさしく、ゆっくりと息をします。", "\u00a0",
    "]]>", "<!--", "${x}", "{{ 7*7 }}", "%s",
)  # fmt: skip
