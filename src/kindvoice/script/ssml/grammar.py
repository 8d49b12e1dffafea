"""What SSML 1.1 knows, and what of it a meditation can use."""

from __future__ import annotations

from collections.abc import Mapping

from kindvoice.errors import nearest

ATTRIBUTES: Mapping[str, frozenset[str]] = {
    name: frozenset(known.split())
    for name, known in {
        "speak": "version xml:lang xml:base onlangfailure",
        "meta": "name content http-equiv",
        "metadata": "",
        "p": "xml:lang onlangfailure",
        "s": "xml:lang onlangfailure",
        "token": "xml:lang onlangfailure role",
        "w": "xml:lang onlangfailure role",
        "lang": "xml:lang onlangfailure kv:told",
        "voice": "kv:told name languages gender age variant required ordering onvoicefailure xml:lang",
        "prosody": "kv:told rate pitch contour range volume duration",
        "emphasis": "level",
        "break": "kv:cue time strength",
        "mark": "kv:tight name",
        "audio": "kv:cue src fetchtimeout fetchhint maxage maxstale repeatCount soundLevel",
        "sub": "alias",
        "say-as": "interpret-as format detail",
    }.items()
}
"""Every element that is read, and its attributes. What is not followed of them leaves the sound as it is: where
to look for a file again, what to do when a voice is missing (here it is an error), how strongly to stress."""
ALWAYS = frozenset({"xml:id", "xml:space", "kv:skip"})

ALIASES = {"paragraph": "p", "sentence": "s"}
"""names of SSML 1.0"""

NO_CHILDREN = frozenset({"break", "mark", "meta", "sub", "say-as", "phoneme"})
NO_WORDS = frozenset({"break", "mark", "meta"})

_ATTRIBUTE_CURES = {
    "startmark": "take out what is not to be heard",
    "endmark": "take out what is not to be heard",
    "clipBegin": "cut the sound file itself",
    "clipEnd": "cut the sound file itself",
    "repeatDur": 'say how often, as in repeatCount="3"',
    "speed": "change the sound file itself",
}
_BED = 'a background is <mark name="bed rain"/>, or a sound file: <mark name="bed &quot;stream.flac&quot;"/>'
_CURES = {
    "lexicon": "write the words into the voice's lexicon, lexicons/LANGUAGE.toml",
    "lookup": "write the words into the voice's lexicon, lexicons/LANGUAGE.toml",
    "bookmark": 'write <mark name="..."/>',
    "mstts:silence": 'write <break time="..."/> where the silence is to be',
    "mstts:backgroundaudio": _BED,
    "mstts:express-as": "a voice here has one way to speak, a calm one",
    "amazon:effect": "no effects are laid on a voice here",
    "amazon:domain": "a voice here has one way to speak, a calm one",
    "amazon:emotion": "a voice here has one way to speak, a calm one",
    "google:style": "a voice here has one way to speak, a calm one",
    "media": '<audio src="..."/> rings a sound; ' + _BED,
    "par": '<audio src="..."/> rings a sound; ' + _BED,
    "seq": "what stands one after the other is heard so",
    "desc": "it stands inside of <audio>",
    "speak": "one <speak> holds everything",
}


def element_cure(name: str) -> str:
    """Of an element that is not followed: what to write in its place."""
    if name in _CURES:
        return _CURES[name]
    return "an element that is not known here"


def slip_of(name: str) -> str | None:
    """The element that was probably meant."""
    return None if ":" in name or name in _CURES else nearest(name, ATTRIBUTES)


def attribute_cure(element: str, attribute: str) -> str:
    """What to do about an attribute that is not read."""
    if attribute in _ATTRIBUTE_CURES:
        return _ATTRIBUTE_CURES[attribute]
    known = sorted(name for name in ATTRIBUTES[element] if not name.startswith("kv:"))
    hint = nearest(attribute, known)
    return f"did you mean {hint}?" if hint else f"known: {', '.join(known)}" if known else "take it out"
