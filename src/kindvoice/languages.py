"""Language tags (BCP 47) as far as kindvoice compares them."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from functools import cache
from pathlib import Path

_RIGHT_TO_LEFT = frozenset(
    {"ar", "arc", "ckb", "dv", "fa", "he", "iw", "ji", "ks", "nqo", "ps", "sd", "syr", "ug", "ur", "yi"}
)
"""languages that are written from right to left when their tag names no script"""
_RIGHT_TO_LEFT_SCRIPTS = frozenset(
    {"adlm", "arab", "aran", "hebr", "mand", "nkoo", "rohg", "samr", "syrc", "thaa"}
)
"""ISO 15924"""


def primary(tag: str) -> str:
    """The language without script and region.

    >>> primary("pt-BR")
    'pt'
    """
    return tag.split("-")[0].lower()


def nearest_tag(wanted: str, tags: Iterable[str]) -> str | None:
    """The tag that is wanted, whatever its case, else one of the same language; None when there is neither.

    >>> nearest_tag("pt", ["en", "pt-BR"]), nearest_tag("de-AT", ["de-CH", "de-at"]), nearest_tag("ja", ["en"])
    ('pt-BR', 'de-at', None)
    """
    known = list(tags)
    same = [tag for tag in known if tag.lower() == wanted.lower()]
    return next(iter(same + [tag for tag in known if primary(tag) == primary(wanted)]), None)


def covers(tag: str, other: str) -> bool:
    """Whether the other is the same language, or a region's or a script's of it.

    >>> covers("pt", "pt-BR"), covers("pt-br", "pt-BR"), covers("pt-BR", "pt-PT"), covers("pt-BR", "pt")
    (True, True, False, False)
    """
    return f"{other}-".lower().startswith(f"{tag}-".lower())


def direction(tag: str) -> str:
    """How a language is written: ltr or rtl.

    >>> direction("ar"), direction("az-Arab"), direction("pt-BR"), direction("ks-Deva")
    ('rtl', 'rtl', 'ltr', 'ltr')
    """
    script = next((part.lower() for part in tag.split("-")[1:] if len(part) == 4 and part.isalpha()), "")
    if script:
        return "rtl" if script in _RIGHT_TO_LEFT_SCRIPTS else "ltr"
    return "rtl" if primary(tag) in _RIGHT_TO_LEFT else "ltr"


# ---------------------------------------------------------------- which language a text is in

_FEWEST_WORDS = 16
_LEAST_SHARE = 0.15
"""of the words of a text; English that is full of names has three times as many"""
_MOST_STRANGE = 50
"""one word of so many may have letters that its language has not: a name"""
_LEAST_LEAD = 1.25
"""before the next language"""
_OTHER_LETTERS = (
    ("HIRAGANA KATAKANA", "ja", "Japanese"), ("CJK", "zh", "Chinese"), ("HANGUL", "ko", "Korean"),
    ("CYRILLIC", "ru", "Russian"), ("GREEK", "el", "Greek"), ("ARABIC", "ar", "Arabic"), ("HEBREW", "he", "Hebrew"),
    ("DEVANAGARI", "hi", "Hindi"), ("THAI", "th", "Thai"), ("BENGALI", "bn", "Bengali"), ("TAMIL", "ta", "Tamil"),
    ("GEORGIAN", "ka", "Georgian"), ("ARMENIAN", "hy", "Armenian"),
)  # fmt: skip
"""scripts by the first words of their letters' names in Unicode, and the language that is likeliest in them"""
_OWN_LETTERS = {"uk": ("Ukrainian", "іїєґ"), "fa": ("Persian", "پچژگ")}


def likely_language(text: str) -> str | None:
    """The BCP 47 tag of the language that a text is probably in; None where it is too short or nothing is clear.

    Thirty words are enough for the ten languages of the library; of others only those are known that are written
    in letters of their own.

    >>> likely_language("Möge ich freundlich zu mir sein, und möge ich so leben, wie es gut für mich ist.")
    'de'
    >>> likely_language("Sāriputta, Ānanda, Moggallāna"), likely_language("Пусть я буду в покое")
    (None, 'ru')
    """
    letters = [letter for letter in text.casefold() if letter.isalpha()]
    scripts = Counter(unicodedata.name(letter, "?").split()[0].split("-")[0] for letter in letters)
    if scripts["LATIN"] * 2 < len(letters):
        for names, tag, _ in _OTHER_LETTERS:
            if sum(scripts[name] for name in names.split()) * 10 > len(letters):
                own = (other for other, (_, of_it) in _OWN_LETTERS.items() if set(of_it) & set(letters))
                return next(own, tag) if tag in {"ru", "ar"} else tag
        return None
    words = re.findall(r"[^\W\d_]+(?:['’][^\W\d_]+)*", text.casefold())
    scores = _scores(words)
    (best, most), (_, next_most) = sorted(scores.items(), key=lambda item: -item[1])[:2]
    sure = most >= _LEAST_SHARE * len(words) and most >= _LEAST_LEAD * next_most
    return best if len(words) >= _FEWEST_WORDS and sure else None


UNKNOWN = "und"
"""BCP 47's tag for a language that nobody can tell"""


def language_name(tag: str) -> str:
    """A language's name in English where it is known here, else its tag.

    >>> language_name("pt-BR"), language_name("ja"), language_name("tlh")
    ('Portuguese', 'Japanese', 'tlh')
    """
    others = {code: name for _, code, name in _OTHER_LETTERS} | {
        code: name for code, (name, _) in _OWN_LETTERS.items()
    }
    return others.get(primary(tag)) or str(_small_words().get(primary(tag), {}).get("name", tag))


def other_language(text: str, tag: str) -> str | None:
    """The language that a text is probably in where that is another than the tag's; None where it is not sure.

    UNKNOWN where it is none of those that are known here, only near to one: Danish is not Swedish.
    """
    if primary(tag) not in _small_words():
        return None  # its neighbours could be taken for it
    likely = likely_language(text)
    if likely is None or likely == primary(tag):
        return None
    never = _small_words().get(likely, {}).get("never", "")
    words = text.casefold().split()
    strange = sum(not set(never).isdisjoint(word) for word in words)
    return UNKNOWN if strange * _MOST_STRANGE > len(words) else likely


@cache
def accented_letters() -> dict[str, str]:
    """The small letters beyond ASCII of every language that is known here, by its tag, the commonest first."""
    return {tag: of["accented"] for tag, of in _small_words().items()}


@cache
def _small_words() -> dict[str, dict[str, str]]:
    import tomllib

    return tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))


def _scores(words: list[str]) -> dict[str, float]:
    """By language, how many of the words are its own; a word of several languages counts for each in part."""
    known = {
        tag: (frozenset(of["words"].split()), frozenset(of["letters"])) for tag, of in _small_words().items()
    }
    scores = dict.fromkeys(known, 0.0)
    for word in words:
        for share in (word.replace("’", "'"), word.rpartition("'")[2]):
            holders = [tag for tag, (small, _) in known.items() if share in small]
            if holders:
                break
        else:
            holders = [tag for tag, (_, own) in known.items() if not own.isdisjoint(word)]
        for tag in holders:
            scores[tag] += 1 / len(holders)
    return scores
