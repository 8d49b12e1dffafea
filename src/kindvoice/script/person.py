"""Grammatical person: from "May I ..." to "May you ..." and "May you and I ...", where a rule is sure.

A wrong form, spoken to someone in a hard moment, is worse than another wish. So a form is None whenever anything in
the wish is beyond the rule; then the phrases file gives it, or other words that are certainly right are spoken.
Every pattern takes a time that grows as the text does.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache, partial

from kindvoice.languages import primary
from kindvoice.script import person_rules
from kindvoice.script.sentences import split_sentences

Forms = dict[str, str | None]
_UNSURE: Forms = {"other": None, "together": None}
_DECORATION = re.compile(r"^[^\w\"“”„«»‘'’‹›]+")
_WRAPPED = re.compile(r"""[“”„«»"]\s*([^“”„«»"]+?)\s*[“”„«»"][\s.!]*|[‘']([^‘’']+)[’'][\s.!]*""")
"""a wish in quotes as a whole is that wish"""


_KIN = re.compile(
    r"(?:^|\b(?:may|möge|mögen|moge|må|let|and|und|en|och|that|dass|dat|att|for|für|voor|för)\s)"
    r"(?:mum|mom|mumm?y|mommy|mama|mamma|mami|dad|daddy|papa|pappa|papi|vati|mutti|grandma|grandpa|granny|gran|nan|nana|oma|opa"
    r"|mormor|morfar|farmor|farfar)\b",
    re.I,
)
"""who is called so without "my" before it"""


def derive(text: str, language: str) -> Forms:
    """The forms other and together of a wish; None where no rule is sure.

    >>> derive("May I be kind to myself.", "en")
    {'other': 'May you be kind to yourself.', 'together': 'May you and I be kind to ourselves.'}
    >>> derive("May all beings be well.", "en")["other"]
    'May all beings be well.'
    >>> derive("Ich bin genug.", "de")
    {'other': None, 'together': None}
    """
    rule = _rule_of(primary(language))
    if rule is None:
        return dict(_UNSURE)
    text = _DECORATION.sub("", " ".join(text.split()))
    if wrapped := _WRAPPED.fullmatch(text):
        text = wrapped[1] or wrapped[2]
    sentences = [rule(sentence) for sentence in split_sentences(text)]
    forms = {name: _joined([each[name] for each in sentences]) for name in _UNSURE}
    if _KIN.search(text) and set(forms.values()) - {text}:
        return dict(_UNSURE)  # another has another mum
    # Where everything is a capital, so is what was put in.
    return {name: form.upper() if form and text.isupper() else form for name, form in forms.items()}


def _joined(sentences: list[str | None]) -> str | None:
    known = [sentence for sentence in sentences if sentence is not None]
    if not known or len(known) < len(sentences):
        return None
    return ("" if known[0][-1:] in "。！" else " ").join(known)


# ---------------------------------------------------------------- English

# What "you" and "we" make of a word. Two words stand before one, so that they win.
_SWAP = {
    "i am": ("you are", "we are"), "am i": ("are you", "are we"),
    "i was": ("you were", "we were"), "i wasn't": ("you weren't", "we weren't"),
    "i'm": ("you're", "we're"), "i've": ("you've", "we've"), "i'll": ("you'll", "we'll"), "i'd": ("you'd", "we'd"),
    "i": ("you", "we"), "me": ("you", "us"), "my": ("your", "our"), "mine": ("yours", "ours"),
    "myself": ("yourself", "ourselves"),
}  # fmt: skip
_I = re.compile(
    r"(?<![\w'’-])(?:{})(?![\w'’-]|\.\w)".format("|".join(_SWAP).replace(" ", r"\s").replace("'", "['’]")),
    re.I,
)
_PERSON = re.compile(
    r"(?<!\w)(?:(?P<me>i|me|my|mine|myself)|(?P<us>we|us|ours?|ourselves)|(?P<you>you|yours?|yourself|yourselves))(?!\w)",
    re.I,
)
# "May", at the beginning or after a few words and a comma; "May is my month" is no wish.
_WISH = re.compile(
    r"(?P<before>(?:[^.!?…]*?,|and|so|then|today|now|tonight|(?:in|for|at|on|with)\s(?:this|each|every)\s\w+)\s)??"
    r"(?P<may>may)\s(?!(?:is|was|has)\b)(?P<i>i\b)?",
    re.I,
)

# Where swapping words is not enough: words of somebody's own, God, and a heart that may be anyone's.
_BEYOND = re.compile(
    r"\bmy\s(?:god|lord|goodness)\b|\bthis\s(?:\w+\s){0,2}(?:heart|body|mind|breath|life|self|soul|skin)\b"
    r"|\bi\s?,\s(?-i:(?!I\b)[A-Z])"
    # "Myslef", "mayi": a slip in the very word that would turn.
    r"|\bm[eiy]s?\w{0,3}(?:lf|fl|ef|el)(?<!\bmyself)\b|\b(?:mayi|imay|iam|im|ive)\b"
    r"|\b(?:miscarr\w+|die|thou|thee|thy|thine|"
    r"gay|lesbian|bisexual|trans|queer|autistic|adhd|stay\sclean)\b"
    r"|\bthe\s(?:\w+\s)?(?:woman|man|mother|father|girl|boy|daughter|son|wife|husband)\s(?:in\sme|(?:(?:that|whom?)\s)?i)\b"
    r"|^(?!(?:may|today|now|here|breathe)\b)[^,]{1,25},\s(?:may\s)?you\b"
    # "Bella my dog", "my dog Bella": another has another.
    r"|(?<=\s)(?-i:(?!I\b)[A-Z][a-z]+),?\s(?-i:my)\s|\bmy\s(?-i:[a-z]+),?\s(?-i:(?!I\b|God\b)[A-Z][a-z]+)\b"
    # "Just breathe, Anna": somebody is spoken to.
    r"|,\s(?:(?:\w+\s)?(?:girl|boy|child|lady)|little\sone|my\s(?:dear|love|darling)|mom|mum|mommy|mummy|mama|dad|daddy|papa|darling|honey|sweetheart|sweetie|"
    r"(?-i:[A-Z][a-z]+))\W*$",
    re.I,
)
# "May I love me": it is yourself that you love; but "what harms me" has another subject.
_SUBJECTS = re.compile(
    r"\b(?:(?P<wish>may\si)|(?P<me>me)|(?P<another>what|who|which|that|those|whatever|whoever|everything|everyone|others|let|he|she|they))\b"
    r"|[.;]",
    re.I,
)
# What another may not be: a mother, a wife.
_ROLE = re.compile(
    r"(?:\b(?:be|being|become|becoming|remain|as|like|am|are|i['’]m|you['’]re)\s(?:[\w-]+\s){0,3}?(?:an?|the|my|his|her|their)|,\san?)\s"
    r"(?:[\w-]+\s){0,3}?"
    r"(?:mother|father|mom|mum|dad|mama|papa|parent|grandmother|grandfather|grandma|grandpa|sister|brother|daughter|son|"
    r"wife|husband|girlfriend|boyfriend|woman|man|girl|boy|lady|queen|king|nurse|doctor|teacher|aunt|uncle|widow|widower)\b",
    re.I,
)
# How a wish may begin before its "may"; anything else may be somebody who is spoken to.
_BEGINNING = re.compile(
    r"(?:just|only|and|so|for|in|on|at|with|through|during|even|today|tonight|now|here|every|each|day|little|step|breath|"
    r"when|if|as|because|while|until|from|tomorrow|right|this|slowly|gently|always|again|then|once|whatever|wherever|whenever|after|before|despite)\b",
    re.I,
)
# An affirmation that is as good for anybody: "I am enough."
_GOOD = (
    r"enough|safe|loved|lovable|worthy|whole|held|free|well|strong|brave|healthy|happy|peaceful|calm|at peace|at ease|"
    r"at home|protected|welcome|cherished|supported|blessed|content|grounded|resilient|capable|good enough|kind|gentle|"
    r"patient|worthy of (?:love|kindness|rest|care)"
)
_AFFIRMED = re.compile(
    rf"(?:i am|i['’]m)((?: (?:already|always|now|here))? (?:{_GOOD})(?:(?:,| and|, and) (?:{_GOOD})){{0,3}}"
    r"(?: (?:now|today|here|always|right now|just as i am|as i am|exactly as i am))?)(\W*)",
    re.I,
)
# A verb that stands away from its "I".
_AWAY = re.compile(r"(?<!\w)(?:am|was|wasn['’]t)(?!\w)", re.I)
# "I" that nobody wrote: "Am enough." And in another language there is no telling.
_AM = re.compile(r"(?<!\w)am(?!\w)", re.I)
_ENGLISH = re.compile(
    r"\b(?:may|the|this|it|it['’]s|be|are|and|with|from|let|you|your|yours|we|us|our|more|less|all|every\w+|trust|rest|"
    r"breathe|peace|love|joy|calm|hope|light|kindness|happiness|health|freedom|strength|courage|patience|harmony)\b",
    re.I,
)
# Two people are not "a friend".
_ONE = re.compile(
    r"\b(?:be|become|becoming|being|remain|feel|like|as|am|i['’]m)\s"
    r"(?:(?!(?:in|at|with|of|on|for|by|to|from|through|into|within|without)\b)\w+\s){0,3}(?:an?|the|my|one)\b"
    r"|,\s?an?\b|\bmine\b|\bmay\si\sand\b|\b(?:someone|somebody|partner)\b"
    r"|\bthe\s(?:\w+\s){0,2}(?:child|girl|boy|person|one|self|version)\b|\bbe\s(?:i\b|\w+['’]s\b)"
    r"|\ban?\s(?:\w+\s){0,2}(?:heart|mind|body|soul|spirit|life|job|home|house|child|baby|brain|face|voice)\b",
    re.I,
)
# "My mother and I" is "you and your mother".
_AND_I = re.compile(r"\b(my(?:\s\w+){1,2})\sand\sI\b", re.I)
# Two people have two hearts, two mothers and two homes. "Our" is sure where something is shared or already many.
_MY = re.compile(r"\bmy\b", re.I)
_OUR = re.compile(
    r"\bmy\s(?:own\s)?(?:pain|suffering|struggles|sorrows?|grief|joys?|needs|feelings|emotions|fears|worries|tears|"
    r"hopes|mistakes|limits|limitations|flaws|imperfections|weaknesses|strengths|thoughts|days|wounds|difficulties|"
    r"hardships|burdens|worth|goodness|kindness|compassion)\b(?!-)",
    re.I,
)


def _loves_me(text: str) -> bool:
    subject = False
    for match in _SUBJECTS.finditer(text):
        if subject and match["me"]:
            return True
        subject = bool(match["wish"])
    return False


def _english(text: str) -> Forms:
    if affirmed := _AFFIRMED.fullmatch(text):
        return _english(f"May I be{affirmed[1]}{affirmed[2]}")
    kinds = {match.lastgroup for match in _PERSON.finditer(text)}
    without = _I.sub("", text)
    if (
        _BEYOND.search(text)
        or _ROLE.search(text)
        or ("me" in kinds and "?" in text)
        or person_rules.beyond(text)
    ):
        return dict(_UNSURE)
    if _loves_me(text):
        return dict(_UNSURE)
    if "me" not in kinds and (_AM.search(text) or not _ENGLISH.search(text)):
        return dict(_UNSURE)
    if "me" not in kinds:
        # Nobody in particular, or only "we", or only "you": that form is the wish as it is.
        return {"other": None if "us" in kinds else text, "together": None if "you" in kinds else text}
    wish = _WISH.match(text)
    if kinds != {"me"} or wish is None or _PERSON.search(wish["before"] or ""):
        return dict(_UNSURE)
    if wish["before"] and not _BEGINNING.match(wish["before"]):
        return dict(_UNSURE)
    if _PERSON.search(without) or _AWAY.search(without):
        return dict(_UNSURE)
    other = _swapped(_AND_I.sub(r"I and \1", text), 0)
    if _ONE.search(text) or len(_MY.findall(text)) > len(_OUR.findall(text)):
        return {"other": other, "together": None}
    head, rest = (f"{text[: wish.end('may')]} you and I", text[wish.end() :]) if wish["i"] else ("", text)
    return {"other": other, "together": head + _swapped(rest, 1)}


def _swapped(text: str, form: int) -> str:
    def swap(match: re.Match[str]) -> str:
        written = match.group()
        words = _SWAP[" ".join(written.casefold().replace("’", "'").split())][form]
        # "I" is a capital wherever it stands; any other capital means something.
        return words[0].upper() + words[1:] if written[0].isupper() and written[0] != "I" else words

    return _I.sub(swap, text)


@cache
def _rule_of(language: str) -> Callable[[str], Forms] | None:
    """None: it takes every form from the phrases file, or from our book of phrases. What a language does not need is
    not loaded: its patterns take long to make."""
    match language:
        case "en":
            return _english
        case "tr":
            from kindvoice.script.person_turkish import turkish

            return turkish
        case "de" | "nl" | "sv":
            from kindvoice.script.person_germanic import RULES
        case "es" | "fr" | "it" | "pt":
            from kindvoice.script.person_romance import RULES
        case "pl":
            from kindvoice.script.person_polish import RULES
        case "ja" | "zh":
            from kindvoice.script import person_asian

            return person_asian.RULES[language]
        case _:
            return None
    return partial(person_rules.derive, RULES[language])
