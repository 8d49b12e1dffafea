"""What a new script says."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from kindvoice.languages import primary
from kindvoice.script.library import find_script
from kindvoice.script.source import read_text

_NEW = """\
---
{front}phrases: ["May I be safe.", "May I be kind to myself."]
---
# Arriving
[bell]
Find a position that feels comfortable, sitting or lying down. [pause 4s]
Your eyes may fall shut, or rest on one place. [pause 6s]
You can move, open your eyes, or stop at any time.

[gentle] If the breath is not a good place today, listen to the sounds around you. [pause 8s]

# Phrases
{{% for phrase in phrases %}}
{{{{ phrase }}}} [pause 8s]
{{% endfor %}}

# Closing
When you are ready, come back to the room around you. [pause 5s]
[bell]
"""


def begun(title: str, language: str, practice: str | None, folders: Iterable[Path]) -> str:
    """A practice of the library, or a few lines to begin with; in other languages than English, which these are in, a
    practice anyway. Raises ScriptError."""
    if not practice and primary(language) == "en":
        import yaml

        front = yaml.safe_dump({"title": title, "language": language}, allow_unicode=True, sort_keys=False)
        return _NEW.format(front=front)
    return read_text(find_script(practice or "loving-kindness", language, folders))


def with_front(text: str, key: str, value: str) -> str:
    """A script with this in its front matter, whatever stood there under that key."""
    import yaml

    line = yaml.safe_dump({key: value}, allow_unicode=True, width=10_000)
    lines = text.split("\n")
    end = next((n for n, each in enumerate(lines[1:], 1) if each.strip() == "---"), 0)
    if lines[0].strip() != "---" or not end:
        return f"---\n{line}---\n{text}"
    front: list[str] = []
    at, inside = (0 if key == "title" else None), False
    for each in lines[1:end]:
        # A value may go on in lines that are set in.
        inside = each.startswith(f"{key}:") or (inside and each[:1] in {" ", "\t"})
        if inside and at is None:
            at = len(front)
        front += [] if inside else [each]
    front.insert(len(front) if at is None else at, line.rstrip("\n"))
    return "\n".join(["---", *front, *lines[end:]])
