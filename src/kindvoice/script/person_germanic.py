"""Wishes in German, Dutch and Swedish: the rules of each, for `person_rules.derive`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from kindvoice.script.person_rules import PersonRule, has, turn_words


def _clauses(pronouns: tuple[str, str, str], verbs: Mapping[str, str]) -> Callable[[str, int], str]:
    """dass ich genug bin, was ich nicht ändern kann: the verb stands last, in its form for "I": for "you" and "we".

    The first verb is "to be", after which a noun may be what not everybody is.
    """
    being, *others = verbs
    clause = re.compile(
        rf"\b{pronouns[0]} (?-i:((?:[^\W\d_]+ ){{0,6}})({'|'.join(others)})((?: [a-zü]+en)?)"
        rf"|((?:(?!k?ein|een|geen|mijn|d[aei][enrst]?\b|het\b|wie\b)[a-zäöüßé]+ ){{0,4}})({being}))"
        r"(?=\s*(?:[.,;!…]|$))",
        re.IGNORECASE,
    )

    def put(match: re.Match[str], form: int) -> str:
        between, verb, verbal = match[1] or match[4] or "", match[2] or match[5], match[3] or ""
        if form and verb not in {"wünsche", "fühle", "voel"} and has(r"\b(?:mich|mir|mij|me)\b", between):
            return match[0]  # each other, or oneself
        return f"{pronouns[form + 1]} {between}{verbs[verb].split()[form]}{verbal}"

    return lambda text, form: clause.sub(lambda match: put(match, form), text)


# ---------------------------------------------------------------- German

_DE_NO_PREPOSITION = "".join(
    rf"(?<!\b{word} )"
    for word in ("in", "an", "auf", "für", "um", "durch", "ohne", "gegen", "über", "unter", "vor")
)
# "ein guter Freund sein": two people are not one, and another may be a "Freundin".
_DE_COMPLEMENT = (
    r"\b(?:mutter|vater|mama|papa|oma|opa|tochter|sohn|schwester|bruder|frau|mann|freund|freundin) "
    r"(?:sein|werden|bleiben)\b|"
    rf"{_DE_NO_PREPOSITION}\b(?:ein|eine|der|die|das|mein|meine|kein|keine)\b[^,.;]{{0,60}}\b(?:sein|werden|bleiben)\b"
)
# Verbs whose "sich" is only their own, and those where "uns" alone would mean each other.
_DE_OWN = (
    r"fühlen|wohlfühlen|ausruhen|erholen|entspannen|erinnern|freuen|(?:zeit|pausen) (?:nehmen|lassen|gönnen)"
)
_DE_MUTUAL = (
    r"lieben|vergeben|verzeihen|annehmen|akzeptieren|geben|halten|trösten|achten|schätzen|vertrauen|umarmen|verstehen|"
    r"wertschätzen|respektieren|schützen|lieb haben|liebhaben"
)


# "Künstler sein", and what only one of two is.
_DE_PERSON = (
    r"(?-i:\b(?!Körper|Wasser|Feuer|Kinder|Lieder|Bilder|Fehler|Sommer|Winter|Anker|Zimmer|Wunder)"
    r"(?:[A-ZÄÖÜ][a-zäöüß]+(?:in|er|ling|ist)|Herr|Chef|König|Held|Christ)\b[^,.;]{0,60}?\b(?:sein|werden|bleiben)\b)"
    r"|\beiner von\b|\b(?:der|die)jenige\b|(?<!\bmensch )\bsein, d(?:ie|er) ich\b"
    r"|\bwie (?:eine?|die|der|meine?) (?:\w+ )?(?:mutter|vater|mama|papa|oma|opa|frau|mann|königin|könig|"
    r"schwester|bruder)\b"
)
_DE_SINGLE = (
    r"\bkind\b[^,.;]{0,20}\bsein\b|\b(?:jemand\w*|partner\w*|als|eins|mensch|wie ein\w*|wie d(?:er|ie|as))\b"
    r"|\bein(?:e|en|em|er)? (?:\w+ )?(?:mann|frau|freund|freundin|kind|baby|job|arbeit|beruf|stelle|wohnung|zuhause|"
    r"herz|kopf|geist|körper|seele|leben)\b"
)


def _german_words(rest: str) -> str | None:
    complement = rf"(?:{_DE_COMPLEMENT})(?<!mensch sein)(?<!mensch bleiben)"
    return None if has(rf"{complement}|{_DE_PERSON}", rest) else rest


def _german_both(rest: str) -> str | None:
    main, comma, clauses = rest.partition(",")
    if _german_words(rest) is None or has(_DE_SINGLE, rest):
        return None
    # "mich zu lieben": oneself, not each other.
    clauses = re.sub(r"\b(?:mich|mir) selbst\b", "uns selbst", clauses, flags=re.IGNORECASE)
    if has(r"\bzu \w+n\b|\w+zu\w+en\b", clauses) and has(r"\b(?:mich|mir)\b", clauses):
        return None
    main = re.sub(r"\b(?:mich|mir) selbst\b", "uns selbst", main, flags=re.IGNORECASE)
    main = re.sub(r"\b(zu|mit) mir\b", r"\1 uns selbst", main, flags=re.IGNORECASE)
    main = re.sub(r"\bin mir\b", "in uns", main, flags=re.IGNORECASE)
    if re.search(rf"\b(?:{_DE_OWN})\W*$", main, re.IGNORECASE):
        main = re.sub(r"^( nicht| immer| jetzt| heute)? (?:mich|mir)\b", r"\1 uns", main, flags=re.IGNORECASE)
    elif re.search(rf"\b(?:{_DE_MUTUAL})\W*$", main, re.IGNORECASE):
        main = re.sub(
            r"^( nicht| immer| jetzt| heute)? (?:mich|mir)\b", r"\1 uns selbst", main, flags=re.IGNORECASE
        )
    if has(_GERMAN.left, main):
        return None
    turned = turn_words(_german_clauses(clauses, 1), _DE_BOTH, _GERMAN.left)
    return None if turned is None else f"Mögen du und ich{main}{comma}{turned}"


_german_clauses = _clauses(
    ("ich", "du", "wir"),
    {
        "bin": "bist sind", "habe": "hast haben", "kann": "kannst können", "darf": "darfst dürfen",
        "will": "willst wollen", "brauche": "brauchst brauchen", "tue": "tust tun",
        "liebe": "liebst lieben", "weine": "weinst weinen",
        "fühle": "fühlst fühlen", "wünsche": "wünschst wünschen", "muss": "musst müssen", "werde": "wirst werden",
    },
)  # fmt: skip
_DE_BOTH = {"ich bin": "wir sind", "mich": "uns", "mir": "uns"}
_GERMAN = PersonRule(
    first=r"möge ich\b",
    other="Mögest du",
    you=r"(?:mögest )?du\b(?! (?-i:[A-ZÄÖÜ]))",
    third=r"mögen? ((?!ich\b|wir\b)\w)",
    swap={
        "ich bin": "du bist", "mich": "dich", "mir": "dir", "mein": "dein", "meine": "deine", "meinem": "deinem",
        "meinen": "deinen", "meiner": "deiner", "meines": "deines",
    },
    unsure=(
        r"\b(?:du|dich|dir|dein\w*|wir|uns|unser\w*|euch|eure\w*|euer|mein gott)\b|(?-i:\b(?:Sie|Ihnen|Ihr\w*|Euch)\b)"
        r"|\bals\b|\b(?:mädchen|jungen?|mutter|vater|frau|mann),? (?:in mir|d(?:ie|er) ich)\b"
    ),
    left=r"\b(?:ich|mich|mir|mein\w*)\b",
    ours=r"\b(?:wir|uns|unser\w*)\b",
    refined=_german_words,
    together=_german_both,
    clauses=_german_clauses,
    swap_both=_DE_BOTH,
)  # fmt: skip


# ---------------------------------------------------------------- Dutch

_NL_NO_PREPOSITION = "".join(
    rf"(?<!\b{word} )"
    for word in ("in", "aan", "op", "voor", "om", "door", "zonder", "tegen", "met", "van", "bij", "uit")
)
_NL_COMPLEMENT = rf"{_NL_NO_PREPOSITION}\b(?:een|de|het|mijn|geen)\b[^,.;]{{0,60}}\b(?:zijn|worden|blijven)\b"
_NL_PERSON = (
    r"\b(?:\w+(?:res|ster|euse)|moeder|vader|mama|papa|oma|opa|vrouw|man|vriend|vriendin|schepper|kunstenaar|leraar|heler|leider|"
    r"strijder|krijger|koningin|heldin|koning|held|meester|baas)\b[^,.;]{0,60}?\b(?:zijn|worden|blijven)\b"
)
_NL_MUTUAL = (
    r"\b(?:vergeven|zien|liefhebben|lief hebben|accepteren|aanvaarden|vertrouwen|waarderen|respecteren|troosten|"
    r"omarmen|begrijpen|koesteren|haten|veroordelen)"
)
_NL_OWN = r"(?:voelen|ontspannen|herinneren|verheugen)\b"


def _dutch_words(rest: str) -> str | None:
    """After a preposition "mij" is oneself, where "I" is the subject."""
    if has(rf"(?:{_NL_COMPLEMENT})(?<!mens zijn)|{_NL_PERSON}", rest):
        return None
    main, clauses = _dutch_parts(rest)
    main = re.sub(r"\b(voor|met|van|in|aan) (?:mij|me)\b", r"\1 mezelf", main, flags=re.IGNORECASE)
    # Others than those whose "me" is only their own: "mij vergeven" is oneself.
    if has(rf"{_NL_MUTUAL}\W*$", main):
        main = re.sub(r"^( niet| nu| vandaag)? (?:mij|me)\b", r"\1 mezelf", main, flags=re.IGNORECASE)
    if has(r"\b(?:om|bij|naar|op|over|tegen|door|uit|naast|achter) (?:mij|me)\b", main):
        return None
    return (
        re.sub(r"\b(?:mijn|m['’]n)\b", "je", re.sub(r"\bmij\b", "me", main, flags=re.I), flags=re.I) + clauses
    )


def _dutch_parts(rest: str) -> tuple[str, str]:
    """What "I" is the subject of, and what follows, where another may be."""
    cut = re.search(r",|\b(?:dat|wat|wie|die|hoe|waar|wanneer|omdat|zoals)\b", rest, re.IGNORECASE)
    at = cut.start() if cut else len(rest)
    return rest[:at], rest[at:]


def _dutch_both(rest: str) -> str | None:
    refined = _dutch_words(rest)
    if refined is None or has(r"\b(?:een|als|mens|kind|iemand|mijn|m['’]n)\b", rest):
        return None
    main, clauses = _dutch_parts(refined)
    main = re.sub(r"\b(?:mezelf|mijzelf)\b", "onszelf", main, flags=re.IGNORECASE)
    if has(_NL_OWN, main):
        main = re.sub(r"^( niet| nu| vandaag)? me\b", r"\1 ons", main, flags=re.IGNORECASE)
    turned = turn_words(main, {"ik ben": "wij zijn"}, _DUTCH.left)
    turned_clauses = turn_words(_dutch_clauses(clauses, 1), _NL_BOTH, _DUTCH.left)
    return None if turned is None or turned_clauses is None else f"Mogen jij en ik{turned}{turned_clauses}"


_dutch_clauses = _clauses(
    ("ik", "jij", "wij"),
    {
        "ben": "bent zijn", "heb": "hebt hebben", "kan": "kunt kunnen", "mag": "mag mogen", "wil": "wilt willen",
        "voel": "voelt voelen", "doe": "doet doen", "hou": "houdt houden", "moet": "moet moeten",
        "word": "wordt worden",
    },
)  # fmt: skip
_NL_BOTH = {"ik ben": "wij zijn", "mij": "ons", "me": "ons"}
_DUTCH = PersonRule(
    first=r"(moge|mag) ik\b",
    other=r"\1 jij",
    you=r"(?:(?:moge|mag) )?(?:jij|je)\b",
    third=r"mogen? ((?!ik\b|wij\b|we\b)\w)",
    swap={
        "ik ben": "jij bent", "mezelf": "jezelf", "mijzelf": "jezelf", "mij": "jou", "me": "je", "mijn": "jouw",
    },
    unsure=r"\b(?:jij|je|jou|jouw|jullie|u|uw|wij|we|ons|onze|als|mijn god)\b"
    r"|\b(?:meisje|jongen|moeder|vader|vrouw|man) (?:in (?:mij|me|mezelf)|die ik)\b",
    left=r"\b(?:ik|me|mij|mezelf|mijzelf|mijn|m['’]n)\b",
    ours=r"\b(?:wij|we|ons|onze|onszelf)\b",
    refined=_dutch_words,
    together=_dutch_both,
    clauses=_dutch_clauses,
    swap_both=_NL_BOTH,
)  # fmt: skip


# ---------------------------------------------------------------- Swedish

# The verb is the same for everybody; an adjective for two is another.
_SWEDISH = PersonRule(
    first=r"må jag\b",
    other="Må du",
    you=r"(?:må )?du\b",
    third=r"må ((?!jag\b|ja\b|vi\b|du\b|ni\b)\w)",
    swap={
        "jag": "du", "mig": "dig", "mej": "dig", "min": "din", "mitt": "ditt", "mina": "dina",
    },
    unsure=(
        r"\b(?:du|dig|dej|din|ditt|dina|ni|er|ert|era|vi|oss|vår\w*|min gud|mitt jag|som en)\b"
        r"|\b(?:flickan|pojken|kvinnan|mannen|mamman|pappan) (?:i mig|jag)\b"
        r"|\b(?:vara|bli|förbli|är|som|en)\b(?:(?!\b(?:min|mot|till|för|hos|från|åt|med|om|av|på|och)\b)[^,.;]){0,40}"
        r"\b(?:mamma|pappa|mor|far|mormor|farmor|morfar|farfar|syster|bror|dotter|son|fru|man|kvinna|hustru|flickvän|"
        r"pojkvän|\w+inna|\w+ska|\w*drottning)\b|\begen \w+(?:inna|ska|drottning)\b"
    ),
    left=r"\b(?:jag|mig|mej|min|mitt|mina)\b",
    ours=r"\b(?:vi|oss|vår\w*)\b",
    swap_both={
        "mig själv": "oss själva", "mig": "oss", "mej": "oss", "jag behöver": "vi behöver", "jag älskar": "vi älskar",
        "jag kan": "vi kan", "jag gör": "vi gör",
    },
)  # fmt: skip


RULES = {"de": _GERMAN, "nl": _DUTCH, "sv": _SWEDISH}
