"""SSML 1.1 as its specification states it: what may stand in what, and what an attribute may hold.

Written down from the element descriptions of https://www.w3.org/TR/speech-synthesis11/ (core profile), as an
oracle that shares nothing with the program.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

SSML = "{http://www.w3.org/2001/10/synthesis}"
XML = "{http://www.w3.org/XML/1998/namespace}"
_WITHIN = {
    "audio",
    "break",
    "emphasis",
    "lang",
    "mark",
    "phoneme",
    "prosody",
    "say-as",
    "sub",
    "token",
    "voice",
    "w",
}
CONTENT = {
    "speak": _WITHIN | {"p", "s", "meta", "metadata", "lexicon", "lookup"},
    "p": _WITHIN | {"s", "lookup"},
    "s": _WITHIN | {"lookup"},
    "voice": _WITHIN | {"p", "s", "lookup"},
    "prosody": _WITHIN | {"p", "s", "lookup"},
    "lang": _WITHIN | {"p", "s", "lookup"},
    "audio": _WITHIN | {"p", "s", "lookup", "desc"},
    "emphasis": _WITHIN | {"lookup"},
    "break": set(), "mark": set(), "meta": set(), "metadata": set(), "desc": set(), "sub": set(), "say-as": set(),
}  # fmt: skip
MIXED = {"speak", "p", "s", "voice", "prosody", "lang", "audio", "emphasis", "desc", "sub", "say-as"}
_TIME = r"\+?(\d*\.)?\d+(ms|s)"
_TAG = r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*"
_NAMES = r"[^\s]+( [^\s]+)*"
ATTRIBUTES = {
    "speak": {"version": r"1\.1", XML + "lang": _TAG},
    "meta": {"name": r"[\w.:-]+", "content": r"(?s).*"},
    "metadata": {},
    "p": {XML + "lang": _TAG}, "s": {XML + "lang": _TAG}, "lang": {XML + "lang": _TAG},
    "voice": {"name": _NAMES, "languages": _NAMES},
    "prosody": {"rate": r"\d+(\.\d+)?%|x-slow|slow|medium|fast|x-fast|default"},
    "break": {"time": _TIME, "strength": "none|x-weak|weak|medium|strong|x-strong"},
    "mark": {"name": _NAMES},
    "audio": {"src": r"(?:[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=]|%[0-9A-Fa-f]{2})+"},
    "desc": {},
}  # fmt: skip
NEEDED = {
    "speak": {"version", XML + "lang"},
    "lang": {XML + "lang"},
    "mark": {"name"},
    "meta": {"content"},
    "audio": {"src"},
}


def broken_rules(text: str) -> list[str]:
    """Everything in which a document is not SSML 1.1."""
    root = ET.fromstring(text.encode())
    found = [] if root.tag == f"{SSML}speak" else [f"the root is {root.tag}"]
    for element in root.iter():
        if element.tag.startswith(SSML):
            found += _of_element(element)
    head = [child.tag in {f"{SSML}meta", f"{SSML}metadata"} for child in root]
    return found + ([] if head == sorted(head, reverse=True) else ["meta or metadata after the words"])


def _of_element(element: ET.Element) -> list[str]:
    name = element.tag.removeprefix(SSML)
    if name not in ATTRIBUTES:
        return [f"<{name}> is not known"]
    found = []
    for child in element:
        ours = child.tag.startswith(SSML)
        if ours and child.tag.removeprefix(SSML) not in CONTENT[name]:
            found.append(f"{child.tag} in <{name}>")
    if name not in MIXED and ((element.text or "") + "".join(c.tail or "" for c in element)).strip():
        found.append(f"text in <{name}>")
    for key, value in element.attrib.items():
        if key.startswith("{") and not key.startswith(XML):
            continue  # another namespace's attributes are welcome everywhere
        if key not in ATTRIBUTES[name]:
            found.append(f"<{name} {key}> is not known")
        elif not re.fullmatch(ATTRIBUTES[name][key], value):
            found.append(f"<{name} {key}={value!r}>")
    return found + [f"<{name}> lacks {key}" for key in NEEDED.get(name, set()) - set(element.attrib)]
