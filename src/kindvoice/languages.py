"""Language tags (BCP 47) as far as kindvoice compares them."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from functools import cache, lru_cache
from pathlib import Path

_RIGHT_TO_LEFT = frozenset(
    {"ar", "arc", "ckb", "dv", "fa", "he", "iw", "ji", "ks", "nqo", "ps", "sd", "syr", "ug", "ur", "yi"}
)
"""languages that are written from right to left when their tag names no script"""
_RIGHT_TO_LEFT_SCRIPTS = frozenset(
    {"adlm", "arab", "aran", "hebr", "mand", "nkoo", "rohg", "samr", "syrc", "thaa"}
)
"""ISO 15924"""


UNSPACED = frozenset(
    map(chr, (*range(0x3041, 0x3100), *range(0x3400, 0x4DC0), *range(0x4E00, 0xA000), 0x3005))
)
"""letters of languages that are written without spaces: kana and Han"""


def primary(tag: str) -> str:
    """The language without script and region.

    >>> primary("pt-BR")
    'pt'
    """
    return tag.split("-")[0].lower()


def is_formal(tag: str) -> bool:
    """Whether a reading in this language addresses its listener formally: Sie, u, Lei, usted.

    >>> is_formal("de-formal"), is_formal("pt-BR-formal"), is_formal("de")
    (True, True, False)
    """
    return "formal" in tag.lower().split("-")[1:]


def count_words(text: str) -> int:
    """How many words a text has; in a language that is written without spaces, about as many as a translation has.

    >>> count_words("May I be kind to myself."), count_words("わたしに、やさしくできますように。")
    (6, 7)
    """
    if max(text, default="") < _FIRST_UNSPACED:  # nearly all texts, and quick to see
        return len(text.split())
    unspaced = sum(letter in UNSPACED for letter in text)
    return len(text.split()) if not unspaced else max(1, round(unspaced / _LETTERS_OF_A_WORD))


_LETTERS_OF_A_WORD = 2.2
_FIRST_UNSPACED = min(UNSPACED)


def nearest_tag(wanted: str, tags: Iterable[str]) -> str | None:
    """The tag that is wanted, whatever its case, else one of the same language, rather one that addresses people the
    same way; None when there is neither.

    >>> nearest_tag("pt", ["en", "pt-BR"]), nearest_tag("de-AT", ["de-CH", "de-at"]), nearest_tag("ja", ["en"])
    ('pt-BR', 'de-at', None)
    >>> nearest_tag("de-AT", ["de-formal", "de"]), nearest_tag("de-AT-formal", ["de", "de-formal"])
    ('de', 'de-formal')
    """
    known = list(tags)
    same = [tag for tag in known if tag.lower() == wanted.lower()]
    alike = [tag for tag in known if primary(tag) == primary(wanted)]
    return next(iter(same + sorted(alike, key=lambda tag: is_formal(tag) != is_formal(wanted))), None)


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

    Thirty words are enough for the ten languages of the library and their nearest neighbours, Danish and Norwegian;
    of others only those are known that are written in letters of their own.

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
    words = _words(text)
    scores = _scores(words)
    (best, most), (second, next_most) = sorted(scores.items(), key=lambda item: -item[1])[:2]
    if len(words) < _FEWEST_WORDS or most < _LEAST_SHARE * len(words):
        return None
    return best if most >= _LEAST_LEAD * next_most or _told_apart(words, best, second) else None


def _told_apart(words: list[str], best: str, second: str) -> bool:
    """Whether neighbours, which share most of their small words, differ clearly in the others."""
    holders = [_holders(word) for word in words]
    for_best = sum(best in each and second not in each for each in holders)
    for_second = sum(second in each and best not in each for each in holders)
    return for_best >= max(2, 2 * for_second)


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W\d_]+(?:['’][^\W\d_]+)*", text.casefold())


_MOST_OF_TAG, _LEAST_OF_OTHER, _LEAST_HITS = 0.04, 0.12, 6
"""of the words: lists of parts of the body have few small ones; a text of any length in the tag's own has more"""
_MANY_TIMES = 5
_LINE_WORDS, _LINE_SHARE = 3, 0.34
"""of a line, different words that are its language's, and its part of all; measured: one line of 6700 that is in the
language that it should be in is doubted, and three of four that are in another one are met"""


def line_in_other_language(text: str, tag: str) -> str | None:
    """The language of a single line of a text, if that is another than the tag's; None where it is not sure.

    >>> line_in_other_language("Nun darf der Atem kommen, und du kannst ruhen.", "en")
    'de'
    >>> line_in_other_language("Fühle dich wohl.", "en"), line_in_other_language("A pipe, a fan, a far road.", "es")
    (None, None)
    """
    if primary(tag) not in _small_words():
        return None
    words = list(dict.fromkeys(_words(text)))
    if sum(primary(tag) in holders for holders in map(_holders, words)) * 4 > len(words):
        return None  # no other can have four times as many
    shares, hits = _scores(words), _hits(words)
    best = max(shares, key=lambda other: (shares[other], hits[other]))
    sure = hits[best] >= max(_LINE_WORDS, _LINE_SHARE * len(words)) and hits[primary(tag)] * 4 <= hits[best]
    return best if sure and best != primary(tag) and not _strange(words, best) else None


_PHRASE_LEAD = 1.5


def language_of_phrases(text: str) -> str | None:
    """The language of somebody's few wishes; None where it is not sure.

    Measured on our books of phrases in ten languages: of 400 single ones 84 % are known and one is taken for its
    neighbour's, of 390 pairs 92 % and none.

    >>> language_of_phrases("Que yo descanse. Que viva con calma."), language_of_phrases("Ruhe")
    ('es', None)
    """
    likely = likely_language(text)
    words = list(dict.fromkeys(_words(text)))
    if likely is None and words:
        shares, hits = _scores(words), _hits(words)
        best, second = sorted(shares, key=lambda tag: (-shares[tag], -hits[tag]))[:2]
        enough = hits[best] >= max(_LINE_WORDS, _LINE_SHARE * len(words))
        likely = best if enough and shares[best] >= _PHRASE_LEAD * shares[second] else None
    return None if likely is None or _strange(words, likely) else likely


def _strange(words: Iterable[str], tag: str) -> bool:
    """Whether letters stand in them that the language has not."""
    never = set(_small_words().get(tag, {}).get("never", ""))
    return not all(map(never.isdisjoint, words))


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
    likely = likely_language(text) or _without_words_of(text, primary(tag))
    if likely is None or likely == primary(tag):
        return None
    never = _small_words().get(likely, {}).get("never", "")
    words = text.casefold().split()
    strange = sum(not set(never).isdisjoint(word) for word in words)
    return UNKNOWN if strange * _MOST_STRANGE > len(words) else likely


_LEAST_LETTERED, _LETTERED_SHARE = 2, 0.1
"""words with letters that no other language has: how many, and their part of all; a name alone is not enough"""
_OWN_SHARE = 0.15
"""of the words of a text in a language, how many at least are its small ones"""
_LEAST_TOLD = 5
"""words that a text has at least whose language may be asked"""


def language_of_few_words(text: str, tag: str) -> str | None:
    """The language of a text of a few words where that is another than the tag's: its letters tell, or its small words;
    UNKNOWN where it has hardly a word of the tag's and nothing else is sure; None where it may be the tag's.

    >>> language_of_few_words("Dobry wieczór. Usiądź wygodnie. Poczuj, jak opada dzień. Dobrej nocy.", "en")
    'pl'
    >>> language_of_few_words("Istu mukavasti. Hengitä rauhassa sisään. Anna hartioiden laskeutua.", "en")
    'und'
    >>> language_of_few_words("Łukasz, breathe in. Rest here for a while, and let go.", "en")
    """
    words = _words(text)
    lettered = {word: own for word in words if len(own := _of_letters(word)) == 1}
    by_letters = {language for own in lettered.values() for language in own}
    share = _hits(words)[primary(tag)] / max(len(words), 1)
    if len(by_letters) == 1 and len(lettered) >= max(_LEAST_LETTERED, _LETTERED_SHARE * len(words)):
        return next(iter(by_letters - {primary(tag)}), None)
    if len(words) < _LEAST_TOLD or share >= _OWN_SHARE:
        return None
    likely = language_of_phrases(text)
    return None if likely == primary(tag) else likely or UNKNOWN


@lru_cache(maxsize=4096)
def _of_letters(word: str) -> frozenset[str]:
    """The languages that have all the letters of a word which are not in ASCII; none for a word in ASCII alone."""
    letters = {letter for letter in word if letter > "\x7f" and letter.isalpha()}
    return frozenset(tag for tag, of in accented_letters().items() if letters and letters <= set(of))


def _without_words_of(text: str, tag: str) -> str | None:
    """The language of a text that has hardly one of the tag's small words, though no language has many in it."""
    words = _words(text)
    shares, hits = _scores(words), _hits(words)
    best, second = sorted(shares, key=lambda other: -shares[other])[:2]
    few = hits[tag] <= _MOST_OF_TAG * len(words) or hits[tag] * _MANY_TIMES <= hits[best]
    strange = len(words) >= _FEWEST_WORDS and few
    sure = strange and hits[best] >= max(_LEAST_HITS, _LEAST_OF_OTHER * len(words))
    return best if sure and shares[best] >= 2 * shares[second] else None


@cache
def _tags_by_name() -> dict[str, str]:
    names = {name: tag for _, tag, name in _OTHER_LETTERS} | {"日本語": "ja", "中文": "zh"}
    names |= {
        name: tag for tag, of in _small_words().items() for name in (of["name"], of.get("own", of["name"]))
    }
    return {name.casefold(): tag for name, tag in names.items()}


def tag_of_language(name: str) -> str | None:
    """The tag of a language that is called so in English or by those who speak it; None for any other.

    >>> tag_of_language("German"), tag_of_language("français"), tag_of_language("Klingon")
    ('de', 'fr', None)
    """
    return _tags_by_name().get(" ".join(name.split()).casefold())


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
    scores = dict.fromkeys(_small_words(), 0.0)
    for holders in map(_holders, words):
        for tag in holders:
            scores[tag] += 1 / len(holders)
    return scores


def _hits(words: list[str]) -> dict[str, int]:
    """By language, how many of the words may be its own."""
    holders = [tag for word in words for tag in _holders(word)]
    return {tag: holders.count(tag) for tag in _small_words()}


@lru_cache(maxsize=4096)
def _holders(word: str) -> tuple[str, ...]:
    """The languages that have the word, else its last part, among their small words, else that have such letters."""
    sets = _word_sets()
    for share in (word.replace("’", "'"), word.rpartition("'")[2]):
        if holders := tuple(tag for tag, (small, _) in sets.items() if share in small):
            return holders
    return tuple(tag for tag, (_, letters) in sets.items() if not letters.isdisjoint(word))


@cache
def _word_sets() -> dict[str, tuple[frozenset[str], frozenset[str]]]:
    return {
        tag: (frozenset(of["words"].split()), frozenset(of["letters"])) for tag, of in _small_words().items()
    }
