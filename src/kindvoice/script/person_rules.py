"""Wishes in other languages than English: the forms that follow from the wording alone.

A rule here is narrow on purpose. It knows how a wish begins, which small words turn with the person, and what makes it
give up; whatever is left over that belongs to "I" or "we" makes it give up too, and so does a word that tells whether
a man or a woman wrote it. Forms for both are given only where neither verb nor adjective would have to change.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

Forms = dict[str, str | None]

_QUOTED = re.compile(r"[\"“”„«»‘‹›]|(?<!\w)'(?=\w)")
"""Somebody's words within a wish: their person is their own."""
_FAREWELL = re.compile(
    r"\b(?:rest|ruh\w*|rust\w*|vila|descans\w*|repos\w*|ripos\w*|spoczyw\w*)\s(?:in|i|en|em|w)\s"
    r"(?:peace|frieden|vrede|frid|paz|paix|pace|pokoju)\b|\bin\s(?:frieden\sruh|vrede\srust)\w*"
    r"|\bw\spokoju\sspocz\w*|\bhuzur\siçinde\s(?:yat|uyu)\w*"
    r"|\b(?:dying|sterben|sterven|dö|muera|morir|meure|mourir|muoia|morire|morra|morrer|umrz\w+|umrę|umiera\w+|öleyim|ölsün)\b",
    re.IGNORECASE,
)
"""What is said to the dead and the dying."""
_SPOKEN_TO = re.compile(
    r"(?:^|,)\s*(?:(?:o|oh|my|dear|sweet|holy|beloved|mein|meine|lieber|liebe|guter|mijn|lieve|mon|ma|mi|mio|mia|meu|minha|"
    r"min|mitt|kära|käre|little|"
    r"kleine|kleiner|kleines|lilla|lille)\s+){0,2}"
    r"(?:god|lord|father|mother|jesus|christ|buddha|universe|spirit|creator|friend|love|heart|body|soul|gott|herr|vater|"
    r"mutter|universum|herz|seele|körper|freund|freundin|schatz|heer|heere|vader|moeder|mam|pap|hart|schat|lieverd|gud|"
    r"herre|fader|moder|hjärta|vän|älskling|mamma|pappa|mama|papa|dios|señor|padre|madre|mamá|papá|universo|corazón|"
    r"alma|cuerpo|vida|dieu|seigneur|père|mère|maman|univers|cœur|coeur|corps|âme|amour|dio|signore|cuore|anima|corpo|papà|"
    r"amore|deus|senhor|pai|mãe|mamãe|papai|amor|coração|allah)\s*(?:[,.!?…]|$)"
    # A name at the end, and after "I".
    r"|,\s*(?-i:[A-ZÄÖÜÅÁÉÍÓÚÇ][a-zà-öø-ÿ]+)\s*[.!…]*$|\b(?:ich|ik|jag|yo|je|io|eu)\s*,\s*(?-i:[A-ZÄÖÜÅÁÉÍÓÚÇ])",
    re.IGNORECASE,
)
"""Where somebody is spoken to, "you" is already somebody."""


_WOUND = re.compile(
    r"\b(?:cancer|chemo\w*|tumou?r\w*|diagnos\w+|disorder|bipolar|suicid\w*|kill\w*|cutting|sober|drink\w*|addict\w*|"
    r"abuse\w*|raped?|krebs|suizid\w*|selbstmord\w*|umbring\w*|antun|ritzen|nüchtern|trocken bleiben|trinken|"
    r"missbrauch\w*|kanker|zelfmoord|aandoen|nuchter|misbruik\w*|verslav\w*|självmord|nykter|dricka|missbruk\w*|"
    r"inte göra mig illa|cáncer|matarme|sobri[oa]|beber|beba|alcohol|abus\w+|adicci\w+|tuer|boire|boive|alcool|cancro|"
    r"tumore|uccider\w*|bere|beva|alcol|câncer|matar|suicíd\w*|sóbri[oa]|álcool|rakiem|raka|alkohol\w*|zabi\w+|kanser\w*|"
    r"öldür\w*|içki\w*|alkol\w*|(?:want to|ganas de|vontade de|voglia di|envie de) (?:live|viv\w+)|leben wollen|"
    r"willen leven|vilja leva|pregnan\w+|conceive|breastfe\w+|menopause|schwanger\w*|zwanger\w*|gravid\w*|embaraz\w*|"
    r"enceinte|grossesse|incinta|grávida|engravid\w+|ciąż\w*|hamile\w*|gebe|give birth|dé a luz|partori\w+|"
    r"(?:porte|donne\w*) la vie)\b",
    re.IGNORECASE,
)
"""What is one's own alone: an illness, a craving, a pregnancy, not wanting to live."""


def beyond(text: str) -> bool:
    """Whether this is no wish to be turned: words of somebody else, a question, an address, a farewell, a wound."""
    return "?" in text or any(pattern.search(text) for pattern in (_QUOTED, _SPOKEN_TO, _FAREWELL, _WOUND))


_ROLE = re.compile(
    r"\b(?:mutter|vater|mama|papa|oma|opa|tochter|sohn|schwester|bruder|frau|mann|freundin?|königin|heldin|moeder|vader|"
    r"dochter|zoon|zus|broer|vrouw|man|vriend|vriendin|mamma|pappa|mor|far|syster|bror|dotter|son|kvinna|tjej|kille|madre|padre|"
    r"hij[oa]|herman[oa]|mujer|hombre|amig[oa]|mère|père|fille|fils|sœur|frère|femme|homme|amie?|figli[oa]|sorella|"
    r"fratello|donna|uomo|amic[oa]|mãe|pai|filh[oa]|irmã|irmão|mulher|homem|"
    r"mädchen|junge|meisje|jongen|flicka|pojke|niñ[oa]|chic[oa]|ragazz[oa]|bambin[oa]|menin[oa]|"
    r"(?:sei|eres|es|sia|seas|sois) un[aoe]?|(?:é|seja) uma?|(?-i:[A-ZÄÖÜ][a-zäöüß]{3,}in))\b",
    re.IGNORECASE,
)
"""what not everybody is"""


@dataclass(frozen=True)
class PersonRule:
    first: str
    """how a wish of "I" begins; its groups may be used in what replaces it"""
    other: str | Callable[[re.Match[str]], str]
    you: str
    """how a wish begins that is for another already"""
    third: str
    """how a wish about somebody or something else begins: its verb stays as it is"""
    swap: Mapping[str, str]
    """small words for "you", whole words only"""
    unsure: str
    """what makes the rule give up"""
    left: str
    """words of the first person: none of them may be left"""
    ours: str
    """words of "we\""""
    gendered: Callable[[str], bool] = lambda words: False
    """whether these words, from the wish's verb on, may tell the speaker's gender"""
    refined: Callable[[str], str | None] = lambda rest: rest
    """what follows the beginning, with words turned that depend on others; None: not sure"""
    together: Callable[[str], str | None] = lambda rest: None
    """the form for both, from what follows the beginning, where it is sure"""
    swap_both: Mapping[str, str] = field(default_factory=dict)
    """small words for "us" in a wish of the third kind"""
    clauses: Callable[[str, int], str] = lambda text, form: text
    """the text with its clauses of "I" turned into those of "you" (0) or "we" (1), where the verb's form is known"""


def derive(rule: PersonRule, text: str) -> Forms:
    """The forms that the rule is sure of."""
    none: Forms = {"other": None, "together": None}
    first = re.match(rule.first, text, re.IGNORECASE)
    third = None if first else re.match(rule.third, text, re.IGNORECASE)
    you = re.match(rule.you, text, re.IGNORECASE)
    if beyond(text) or (you and _ROLE.search(text)):
        return none
    if you and not has(rf"{rule.left}|{rule.ours}", text) and not rule.gendered(text[you.end() :].lstrip()):
        return {"other": text, "together": None}
    # With the word that stands before what follows: the verb, or whose it is.
    words = first[0].split()[-1] + text[first.end() :] if first else text[third.start(1) :] if third else ""
    if not words or has(rule.unsure, words):
        return none
    if third:
        if not has(rule.left, text):
            return {"other": text, "together": text}
        if has(r"\b(?:me|mi)\b|\bm['’]", text) and rule.gendered(words):
            return none
        return {
            "other": turn_words(rule.clauses(text, 0), rule.swap, rule.left),
            "together": turn_words(rule.clauses(text, 1), rule.swap_both, rule.left),
        }
    assert first
    rest = text[first.end() :]
    refined = None if rule.gendered(words) else rule.refined(rest)
    if refined is None:
        return none
    turned = turn_words(rule.clauses(refined, 0), rule.swap, rule.left)
    head = rule.other(first) if callable(rule.other) else first.expand(rule.other)
    return {"other": None if turned is None else head + turned, "together": rule.together(rest)}


def has(pattern: str, text: str) -> bool:
    return re.search(pattern, text, re.IGNORECASE) is not None


def turn_words(text: str, swap: Mapping[str, str], left: str) -> str | None:
    """The text with these words in place of those; None where something of the first person is left."""
    if swap:
        words = "|".join(re.escape(word) for word in sorted(swap, key=len, reverse=True))

        def turn(match: re.Match[str]) -> str:
            word = swap[match[0].lower().replace("’", "'")]
            return word[0].upper() + word[1:] if match[0][0].isupper() else word

        text = re.sub(rf"(?<![\w'’]){'(?:' + words + ')'}(?!\w)", turn, text, flags=re.IGNORECASE)
    return None if has(left, text) else text
