"""hibari's reader of English, for hibari's voices and Kokoro's, kept from changing plain words.

Left alone it reads "say no." as "say number", "the Sun." as "the Sunday", "for my part I rest" as "for my part one
rest", "ALL BODIES" letter by letter, and takes "content" for a noun in "be content". What really is short ("no. 5",
"St. Francis") has been written out by `spell` before, or is read by hibari as before.
"""

from __future__ import annotations

import re
from functools import cache

from hibari.g2p import G2P, PUNCT_TAGS, PUNCTS
from hibari.g2p.normalize import ROMAN_CARDINAL, ROMAN_ORDINAL, normalize
from hibari.g2p.token import Tok

from kindvoice.engines._text import short_words

_HELD = "\ue00f"
"""stands where hibari is to expand nothing, until it has expanded the rest"""
_STOPPED = re.compile(
    r"(?<![\w.])(no|nos|ed|[Ff]ig|Sun|Mon|Sat|Wed|Mar|Jan|Jun|Apt|Gen|Sen|Rep|Hon|Col|\d\d?/\d\d?)(?=\.[\"'’)\].]*$)"
)
"""words that hibari expands at a sentence's end, where more follows short for something; and 1/2, which it does not"""
_NAMED = re.compile(r"(?<!\w)(Gen|Sen|Rep|Hon|Col)(?= [A-Z])")
"""words that hibari takes for titles without a dot, as in Gen Z"""
_NUMERAL = r"(?:[IVX]+|[IVXLC]{2,})(?![\w'’]|\.\w)"
_NO_NUMERAL = re.compile(rf"(?<!\w)({'|'.join((*ROMAN_CARDINAL, *ROMAN_ORDINAL))}) (?=[IVXLC])(?!{_NUMERAL})")
"""Peter Levine was "Peter the zeroth Levine", Section C "Section one hundred", a book I've read "book zero" """
_PRONOUN = re.compile(
    rf"(?<!\w)({'|'.join(word for word in ROMAN_CARDINAL if word.lower() in ROMAN_CARDINAL)}) "
    r"(?=I (?!(?:of|and|to|or|is|in|through|for|with)\b)[a-z])"
)
"""a part I love: a Roman numeral stands before a mark, a capital, or one of these few words"""
_ENDS = frozenset(".!?")


class Reader(G2P):  # type: ignore[misc]
    """hibari's reader with what it needs loaded, so that threads can share it."""

    def __init__(self, *, british: bool) -> None:
        super().__init__(british=british)
        _ = self.oov

    def __call__(self, text: str, normalize_text: bool = True) -> str:
        """A sentence's sounds in the symbols that hibari and Kokoro share.

        normalize_text: whether figures and what is written short are read as words.
        """
        words = str(normalize(held(text))).replace(_HELD, "") if normalize_text else text
        said = str(super().__call__(words, normalize_text=False))
        # Of "Jan." and "U.S." it makes one word, and the sentence loses its end.
        end = text.rstrip("\"'’)]")[-1:]
        return said + end if end in _ENDS and said[-1:].isalpha() else said

    def _is_emphasis(self, word: str, shouted: bool) -> bool:
        """Whether a word is in capitals for emphasis, and no one's initials. shouted: as all its sentence is."""
        if not word.isupper() or len(word) < 2 or word in self.lexicon.golds.d:
            return False
        return (shouted or len(word) > 3 or word.lower() in short_words("en")) and self._is_word(word.lower())

    def _is_word(self, word: str) -> bool:
        """Whether hibari has a word, or one that it is formed of, in its dictionaries, in small letters."""
        entry = self.lexicon.golds.d.get(word) or self.lexicon.silvers.d.get(word)
        stems = (self.lexicon.stem_s, self.lexicon.stem_ed, self.lexicon.stem_ing)
        return bool(entry) or any(stem(word, "NN", None, None)[0] for stem in stems)

    def _tokens(self, text: str) -> list[Tok]:
        tokens: list[Tok] = super()._tokens(text)
        shouted = text.isupper() and len(tokens) > 2
        for i, token in enumerate(tokens):
            if token.tag == "NNP" and self._is_emphasis(token.text, shouted):
                token.tag = "NN"  # a name in capitals is spelled
                continue
            before = [other.text.lower() for other in tokens[max(i - 3, 0) : i]]
            tags = [other.tag for other in tokens[max(i - 3, 0) : i]]
            token.tag = _tag(token, before, tags, tokens[i + 1 : i + 3])
        return tokens


@cache
def reader(british: bool) -> Reader:
    """The one reader of British or American English."""
    return Reader(british=british)


def held(text: str) -> str:
    """The text with a mark wherever hibari would expand a word that is meant.

    >>> held("I said no.").replace(_HELD, "|"), held("See fig. 3 of the part I like.").replace(_HELD, "|")
    ('I said no|.', 'See fig. 3 of the part |I like.')
    """
    text = _STOPPED.sub(rf"\1{_HELD}", text)
    text = _NAMED.sub(rf"\1{_HELD}", text)
    return _NO_NUMERAL.sub(rf"\1 {_HELD}", _PRONOUN.sub(rf"\1 {_HELD}", text))


# ---------------------------------------------------------------- parts of speech

_FEELING = re.compile(
    "be|am|is|are|was|were|been|being|'[ms]|'re|feels?|felt|feeling|stays?|rests?|sits?|lie|remain|becomes?|seems?|lives?|"
    "keep|so|not|very|too|quite|more|most|deeply|simply|just|fully|perfectly|completely|already|truly|almost"
)
"""what stands before somebody who is content"""
_OWNED = frozenset(["DT", "PRP$", "POS", "JJ", "NN", "NNS", "NNP", "CD", "IN", "VBG", ""])
"""before a noun"""


def _tag(token: Tok, before: list[str], tags: list[str], following: list[Tok]) -> str:
    """The part of speech of a word that is read in two ways, where the words around it are plainer than the tagger.

    before, tags: the three words before it in small letters, and their parts of speech; following: two after it.
    """
    tag, last, last_tag = str(token.tag), (before or [""])[-1], (tags or [""])[-1]
    after = following[0].text.lower() if following else ""
    match token.text.lower():
        case "am" if tag[:2] == "NN" and not last[-1:].isdigit():
            return "VBP"  # or it is spelled
        case "content" if tag == "NN":
            # What joins says nothing: "calm, content", "restless, or content".
            joined = [t for t in tags if t not in (",", "CC")] if last_tag in (",", "CC") else []
            feeling = _FEELING.fullmatch(last) or joined[-1:] == ["JJ"] or tags[-2:] == [",", "CC"]
            return "JJ" if feeling or after in ("to", "with") else tag
        case "close" if tag == "JJ" and after in ("one", "both", "your", "the", "my", "their", "his", "her"):
            return "VB"
        case "close" if tag == "VB" and after == "to" and last_tag in ("CC", ",", "RB"):
            return "JJ"
        case "lives" if (
            tag == "NNS" and last_tag not in _OWNED and following and following[0].tag in ("IN", "RB")
        ):
            return "VBZ"
        case "used" if tag == "VBN" and after == "to" and following[1:] and following[1].tag != "VB":
            return "VBD"
        case text if tag not in PUNCT_TAGS and all(sign in PUNCTS for sign in text):
            return ":"  # or it would be part of the word before
    return tag
