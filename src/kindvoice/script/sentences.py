"""Where one sentence ends and the next begins."""

from __future__ import annotations

import itertools
import re
from functools import lru_cache

# What ends with a full stop and goes on, in the languages of the library; compared in lower case. A word that
# also ends sentences ("no", "ok", French "est") is none of them: a lost pause is worse than one too many.
_ABBREVIATIONS = frozenset(
    word
    for line in (
        "mr mrs ms dr prof st mt rev sr jr vs etc e.g i.e cf approx dept a.m p.m",
        "z z.b d.h u u.a bzw ca usw vgl nr bspw evtl ggf insb inkl sog tel kap hl mio mrd",
        "p.ej sra srta uds ej aprox pág núm dña avda",
        "mme mlle mgr chap tél",
        "dott ecc pag p.es",
        "dhr mevr bijv bv enz o.a d.w.z m.a.w evt mw drs blz hfst",
        "itd tzn tzw m.in np ul godz św tj",
        "t.ex bl.a dvs d.v.s osv kl s.k fr.o.m t.o.m",
        "örn bkz doç yakl",
    )
    for word in line.split()
)
# These are short only with a capital first, before a name: "Sta. Ana", but nobody's "ven".
_TITLES = re.compile(
    "Ven|Bro|Fr|Msgr|Gen|Capt|Lt|Col|Sgt|Gov|Sen|Hon|Hl|Hr|Pfr|Sta|Sto|Dra|Sig|Avv|Ing|Ks|Exmo|Sn|EE|Hz|Avda"
)
_CAPITALS = re.compile(r"(?:[A-Z]\.)+[A-Z]")
_BEGINNERS = re.compile(
    r"(?:a|after|all|and|as|at|before|begin|breathe|but|come|feel|for|he|here|how|i|if|in|it|just|let|may|maybe|nobody|"
    r"notice|now|on|once|or|perhaps|rest|she|so|take|th\w+|to|we|what|when|where|who|with|your?)(?!\w)",
    re.IGNORECASE,
)
"""words that begin a sentence after "in the U.S."; any other is part of a name"""
# These are words as well, and short only before a figure: "step no. 5", but "Say no. 5 breaths are enough."
_NUMBERED = frozenset(["fig", "figs", "no", "nos", "vol", "ch", "pp"])
_NO_COUNT = re.compile(r"\d[\d–-]*(?![\w–-]| (?!(?:and|or|of|to|is|was|has|says|asks|in|ve)\b)[^\W\d])")
# Before a figure, or a Roman one, these are short.
_BEFORE_FIGURE = re.compile("abs|bd|cap|env|godz|hfst|hrs|kap|max|mind|págs?|pagg|sa|sf|sid|std|str|tim")
_BEFORE_ROMAN = re.compile("bd|cap|hfst|kap|sec|séc")
_ABOUT = re.compile(r"\d+(?:[.,]\d+)? ?(?:%|cm|godz|kg|km|lat|m|min|osób|razy|sek|zł)(?!\w)")
"""after Polish "ok.", which is a word of its own elsewhere"""
_CLOSING = "\"'”’»)]」』）"
_CLOSERS = re.escape(_CLOSING)
# A stop, what closes with it, and white space or the end. Far Eastern stops want no white space.
_END = re.compile(
    rf"(?:\.(?:\s\.)+|[.!?…؟۔।]+|[。！？]+)(?:\s?»|[{_CLOSERS}])*(?=\s|$)|[。！？]+[{_CLOSERS}]*"
)
_VOWELS = "aeiouyàáâèéêëìíîòóôùúûæøåäöü"
_GERMAN_ORDINAL = re.compile(
    r"(?:januar|februar|märz|april|mai|juni|juli|august|september|oktober|november|dezember|mal|"
    r"jahrhundert|lebensjahr|weltkrieg|kapitel|atemzug|schritt|tag|woche|minute|runde|stufe|übung|phase)\b",
    re.IGNORECASE,
)
_BEFORE_ORDINAL = re.compile("am|im|vom|zum|zur|beim|de[mnrs]|die|jede[mnrs]?", re.IGNORECASE)
_GERMAN_BEGINNERS = re.compile(
    r"(?:aber|atme|bleib|dann|danach|das|der|die|du|ein|eine|er|es|ich|jetzt|komm|lass|nun|nimm|sie|so|spür\w*|und|wenn|"
    r"wir|zähl\w*)(?!\w)",
    re.IGNORECASE,
)
_ROMAN = re.compile(r"(?=[IVX]{2})X{0,3}(?:IX|IV|V?I{0,3})")
_CLAUSE = re.compile(r"(?<=[,;:–—]\s)|(?<=\s)(?=[–—]\s)|(?<=[，、；：])")
_WORD = re.compile(r"\S+\s*")
_CHARACTER = re.compile(r"\w\W*|\W+")
_VISIBLE = re.compile(r"\S")
_LETTER = re.compile(r"[^\W\d_]")


def split_sentences(text: str) -> list[str]:
    """One paragraph's text as its sentences, in order; joined by spaces they give the text again.

    (Chinese and Japanese, which put no space between sentences, are joined by nothing.)

    >>> split_sentences("Dr. Kim sits. You might, too... if you like. Rest!")
    ['Dr. Kim sits.', 'You might, too... if you like.', 'Rest!']
    """
    return list(_sentences(text))


@lru_cache(maxsize=2_000)
def _sentences(text: str) -> tuple[str, ...]:
    cuts = [0]
    for end in _END.finditer(text):
        if not _goes_on(text, cuts[-1], end):
            cuts.append(end.end())
    cuts.append(len(text))
    pieces = [text[start:stop].strip() for start, stop in itertools.pairwise(cuts)]
    return tuple(piece for piece in pieces if piece)


def _goes_on(text: str, start: int, end: re.Match[str]) -> bool:
    """Whether the sentence that begins at `start` does not end with this stop."""
    follows = _VISIBLE.search(text, end.end())
    if follows is None:
        return False
    stop = end.group().rstrip(_CLOSING + " ")
    closed = stop != end.group()
    after = follows.group()
    if stop[0] in "。！？":
        # 「だいじょうぶ？」と聞く: what follows a closing quote directly goes on, but for another quote.
        return closed and follows.start() == end.end() and after not in "「『“‘（("
    words = text[max(start, end.start() - 40) : end.start()].split()
    word = words[-1].lstrip("(\"'“‘«¿¡[„") if words else ""
    if after.islower():
        if closed or "…" in stop or stop.count(".") > 1:
            return True
        # Somebody who writes everything small ends sentences all the same.
        first = _LETTER.search(text, start)
        numbered = word.isdecimal() and not _BEGINNERS.match(text, follows.start())  # "2. gün"
        if stop == "." and (numbered or not (first and first.group().islower())):
            return True
    if stop != "." or closed:
        return False
    if word.isdecimal() or _ROMAN.fullmatch(word):
        # "1." before the first word numbers a list; "3. Mai" is a German date, and so is "im 3. Monat" no end.
        ordinal = (
            word.isdecimal() and len(words) > 1 and _BEFORE_ORDINAL.fullmatch(words[-2]) and after.isalpha()
            and not _GERMAN_BEGINNERS.match(text, follows.start())
        )  # fmt: skip
        return len(words) == 1 or bool(ordinal) or bool(_GERMAN_ORDINAL.match(text, follows.start()))
    low = word.casefold()
    initial = len(word) == 1 and word.isalpha() and word != "I" and (word.isupper() or low not in _VOWELS)
    if low in _NUMBERED and after.isdecimal():
        sure = low[0] in "fp" or (word[0].isupper() and len(words) > 1)
        return sure or _NO_COUNT.match(text, follows.start()) is not None
    if (_BEFORE_FIGURE.fullmatch(low) and after.isdecimal()) or (
        _BEFORE_ROMAN.fullmatch(low)
        and re.match(r"[IVX]{2,}(?!\w)", text[follows.start() : follows.start() + 9])
    ):
        return True
    christ = re.match(r"J\.-C|C\.", text[follows.start() : follows.start() + 4])
    if (low == "ok" and _ABOUT.match(text, follows.start())) or (christ and low in {"a", "d", "av", "apr"}):
        return True
    if _CAPITALS.fullmatch(word):  # the U.S. Navy
        return after.isupper() and not _BEGINNERS.match(text, follows.start())
    return initial or low in _ABBREVIATIONS or (_TITLES.fullmatch(word) is not None and after.isupper())


def split_long(sentence: str, limit: int) -> list[str]:
    """A sentence as parts of at most `limit` characters, cut at clauses, else between words.

    >>> split_long("one two, three four, five", 12)
    ['one two,', 'three four,', 'five']
    """
    if len(sentence.strip()) <= limit:
        return [sentence.strip()] if sentence.strip() else []
    atoms = [sentence]
    for pieces in (_CLAUSE.split, _WORD.findall, _CHARACTER.findall, list):
        # Only what is too long is cut finer: clauses, then words, then letters with their marks.
        atoms = [
            finer
            for atom in atoms
            for finer in ([atom] if len(atom.strip()) <= limit else pieces(atom.strip() + " "))
        ]
    parts = [""]
    for atom in atoms:
        if len((parts[-1] + atom).strip()) <= limit:
            parts[-1] += atom
        else:
            parts.append(atom)
    return [part.strip() for part in parts if part.strip()]
