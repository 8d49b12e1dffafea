"""How Kokoro's voices read a language: a line of text to a line of Kokoro's symbols.

English is read by the reader inside the hibari-tts package, which follows the one Kokoro was trained with. All
other languages are read by espeak-ng, which is GPL and works in a process of its own, see `_kokoro_worker`.
"""

from __future__ import annotations

import importlib.util
import re

from kindvoice.engines import _process
from kindvoice.engines._kokoro_phonemes import join, own_symbols, pieces, plain, symbols
from kindvoice.engines._languages import parts
from kindvoice.engines._text import keeping_sounds
from kindvoice.engines.hibari import readable as readable_english
from kindvoice.languages import primary
from kindvoice.model import SOUNDS_CLOSE, SOUNDS_OPEN

_LIMIT_S = 30
_JOBS_PER_PROCESS = 10_000

# A BCP 47 tag, language alone or with a region, and what espeak-ng calls it.
_ESPEAK = {
    "af": "af", "bg": "bg", "bs": "bs", "ca": "ca", "cs": "cs", "cy": "cy", "da": "da", "de": "de", "el": "el",
    "eo": "eo", "es": "es", "es-419": "es-419", "et": "et", "eu": "eu", "fi": "fi", "fr": "fr", "fr-be": "fr-be",
    "fr-ch": "fr-ch", "hi": "hi", "hr": "hr", "hu": "hu", "id": "id", "is": "is", "it": "it", "la": "la",
    "lt": "lt", "lv": "lv", "mk": "mk", "ms": "ms", "nb": "nb", "nl": "nl", "pl": "pl", "pt": "pt-br",
    "pt-pt": "pt", "ro": "ro", "ru": "ru", "sk": "sk", "sl": "sl", "sq": "sq", "sr": "sr", "sv": "sv", "sw": "sw",
    "tr": "tr", "uk": "uk",
}  # fmt: skip
_LATIN_AMERICA = re.compile("ar|bo|cl|co|cr|cu|do|ec|gt|hn|mx|ni|pa|pe|pr|py|sv|us|uy|ve")
_AMERICAN = frozenset({"", "us", "ca", "ph"})
"""regions whose English Kokoro calls American; all others it reads the British way"""


def languages() -> frozenset[str]:
    """The languages that can be read here, without their regions."""
    return frozenset({primary(tag) for tag in _ESPEAK} | {"en"})


def espeak_voice(language: str) -> str | None:
    """What espeak-ng calls a language, None where it is not the one to read it.

    >>> [espeak_voice(tag) for tag in ("es-MX", "pt", "fr-CH", "de-AT", "en", "ja")]
    ['es-419', 'pt-br', 'fr-ch', 'de', None, None]
    """
    code, _, region, _ = parts(language)
    if code == "es" and _LATIN_AMERICA.fullmatch(region):
        region = "419"
    return _ESPEAK.get(f"{code}-{region}", _ESPEAK.get(code))


def packages(language: str) -> tuple[str, ...]:
    """The modules without which a language cannot be read."""
    return ("hibari",) if parts(language)[0] == "en" else ("espeakng_loader",)


def ready(language: str) -> bool:
    """Whether what reads the language is installed."""
    return all(map(importlib.util.find_spec, packages(language)))


def read(text: str, language: str) -> str:
    """A line in Kokoro's symbols; empty where there is nothing to say.

    Raises _process.Failed when espeak-ng fails, ValueError for what the English reader cannot take.
    """
    if parts(language)[0] == "en":
        return _read_english(text, british=parts(language)[2] not in _AMERICAN)
    voice = espeak_voice(language)
    assert voice is not None
    found = pieces(keeping_sounds(text, lambda words: plain(words, language), _held))
    if not found:
        return ""
    # A piece is words, IPA, words...: only the words go to espeak-ng.
    cut = [_HELD.split(words) for words, _ in found]
    words = [part for parts_ in cut for part in parts_[::2] if part.strip()]
    ipa = iter(_ask(voice, words) if words else ())
    read_out = []
    for parts_ in cut:
        said = [
            own_symbols(part, language) if i % 2 else symbols(next(ipa), language)
            for i, part in enumerate(parts_) if i % 2 or part.strip()
        ]  # fmt: skip
        read_out.append(" ".join(said))
    return join(read_out, [mark for _, mark in found])


_HELD = re.compile(f"{SOUNDS_OPEN}([^{SOUNDS_CLOSE}]*){SOUNDS_CLOSE}")


def _held(ipa: str) -> str:
    """IPA on its way past what cuts a text at its punctuation: : and . have a meaning in both."""
    return SOUNDS_OPEN + ipa.replace(".", "").replace(":", "ː").replace(",", "") + SOUNDS_CLOSE


_pool = _process.Pool(lambda _: _process.engine_command("kokoro"), most=1, jobs=_JOBS_PER_PROCESS)


def _ask(voice: str, texts: list[str]) -> list[str]:
    with _pool.worker("espeak-ng") as worker:
        answer = worker.ask({"voice": voice, "texts": texts}, limit_s=_LIMIT_S)
    return [str(sounds) for sounds in answer["phonemes"]]


def _read_english(text: str, *, british: bool) -> str:
    from hibari import Hibari

    from kindvoice.engines._english import reader

    try:
        sentences = [reader(british)(sentence) for sentence in Hibari.split_sentences(readable_english(text))]
    except LookupError as fault:
        # Its names for numbers end at 36 digits.
        raise ValueError("a number is too large") from fault
    return " ".join(sounds for sounds in sentences if any(map(str.isalpha, sounds)))
