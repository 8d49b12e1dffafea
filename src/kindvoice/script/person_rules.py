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

QUOTED = re.compile(r"[\"“”„«»‘‹›]|(?<!\w)'(?=\w)")
"""Somebody's words within a wish: their person is their own."""
SPOKEN_TO = re.compile(
    r"(?:^|,)\s*(?:(?:o|oh|my|dear|sweet|holy|beloved|mein|lieber|guter|mijn|lieve|mon|mio|mia|meu|min|kära|käre)\s+){0,2}"
    r"(?:god|lord|father|mother|jesus|christ|buddha|universe|spirit|creator|friend|love|heart|body|soul|gott|herr|vater|"
    r"mutter|universum|herz|seele|körper|freund|freundin|heer|heere|vader|moeder|universum|hart|gud|herre|fader|moder|"
    r"universum|hjärta|dios|señor|padre|madre|universo|corazón|dieu|seigneur|père|mère|univers|dio|signore|cuore|deus|"
    r"senhor|pai|mãe|coração|allah)\s*(?:[,.!?…]|$)",
    re.IGNORECASE,
)
"""Where somebody is spoken to, "you" is already somebody."""


@dataclass(frozen=True)
class _Rule:
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


def derive(rule: _Rule, text: str) -> Forms:
    """The forms that the rule is sure of."""
    none: Forms = {"other": None, "together": None}
    first = re.match(rule.first, text, re.IGNORECASE)
    third = None if first else re.match(rule.third, text, re.IGNORECASE)
    you = re.match(rule.you, text, re.IGNORECASE)
    if QUOTED.search(text) or SPOKEN_TO.search(text):
        return none
    if you and not _has(rf"{rule.left}|{rule.ours}", text) and not rule.gendered(text[you.end() :].lstrip()):
        return {"other": text, "together": None}
    # With the word that stands before what follows: the verb, or whose it is.
    words = first[0].split()[-1] + text[first.end() :] if first else text[third.start(1) :] if third else ""
    if not words or _has(rule.unsure, words):
        return none
    if third:
        if not _has(rule.left, text):
            return {"other": text, "together": text}
        if _has(r"\b(?:me|mi)\b|\bm['’]", text) and rule.gendered(words):
            return none
        return {
            "other": _turned(text, rule.swap, rule.left),
            "together": _turned(text, rule.swap_both, rule.left),
        }
    assert first
    rest = text[first.end() :]
    refined = None if rule.gendered(words) else rule.refined(rest)
    if refined is None:
        return none
    turned = _turned(refined, rule.swap, rule.left)
    head = rule.other(first) if callable(rule.other) else first.expand(rule.other)
    return {"other": None if turned is None else head + turned, "together": rule.together(rest)}


def _has(pattern: str, text: str) -> bool:
    return re.search(pattern, text, re.IGNORECASE) is not None


def _turned(text: str, swap: Mapping[str, str], left: str) -> str | None:
    """The text with these words in place of those; None where something of the first person is left."""
    if swap:
        words = "|".join(re.escape(word) for word in sorted(swap, key=len, reverse=True))

        def turn(match: re.Match[str]) -> str:
            word = swap[match[0].lower().replace("’", "'")]
            return word[0].upper() + word[1:] if match[0][0].isupper() else word

        text = re.sub(rf"(?<![\w'’]){'(?:' + words + ')'}(?!\w)", turn, text, flags=re.IGNORECASE)
    return None if _has(left, text) else text


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
_DE_OWN = r"fühlen|wohlfühlen|ausruhen|erholen|entspannen|erinnern|freuen|(?:zeit|pausen|eine pause) (?:nehmen|lassen|gönnen)"
_DE_MUTUAL = (
    r"lieben|vergeben|verzeihen|annehmen|akzeptieren|geben|halten|trösten|achten|schätzen|vertrauen|umarmen|verstehen|"
    r"wertschätzen|respektieren|schützen|lieb haben|liebhaben"
)


def _german_words(rest: str) -> str | None:
    return None if _has(rf"(?:{_DE_COMPLEMENT})(?<!mensch sein)(?<!mensch bleiben)", rest) else rest


def _german_both(rest: str) -> str | None:
    main, comma, clauses = rest.partition(",")
    if _german_words(rest) is None or _has(r"\b(?:als|eins|mensch|wie ein\w*|wie d(?:er|ie|as))\b", rest):
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
    if _has(_GERMAN.left, main):
        return None
    turned = _turned(clauses, _DE_BOTH, _GERMAN.left)
    return None if turned is None else f"Mögen du und ich{main}{comma}{turned}"


_DE_BOTH = {"ich bin": "wir sind", "mich": "uns", "mir": "uns"}
_GERMAN = _Rule(
    first=r"möge ich\b",
    other="Mögest du",
    you=r"(?:mögest )?du\b",
    third=r"mögen? ((?!ich\b|wir\b)\w)",
    swap={
        "ich bin": "du bist", "mich": "dich", "mir": "dir", "mein": "dein", "meine": "deine", "meinem": "deinem",
        "meinen": "deinen", "meiner": "deiner", "meines": "deines",
    },
    unsure=(
        r"\b(?:du|dich|dir|dein\w*|wir|uns|unser\w*|euch|eure\w*|euer|mein gott)\b|(?-i:\b(?:Sie|Ihnen|Ihr\w*|Euch)\b)"
        r"|\bals\b"
    ),
    left=r"\b(?:ich|mich|mir|mein\w*)\b",
    ours=r"\b(?:wir|uns|unser\w*)\b",
    refined=_german_words,
    together=_german_both,
    swap_both=_DE_BOTH,
)  # fmt: skip


# ---------------------------------------------------------------- Dutch

_NL_NO_PREPOSITION = "".join(
    rf"(?<!\b{word} )"
    for word in ("in", "aan", "op", "voor", "om", "door", "zonder", "tegen", "met", "van", "bij", "uit")
)
_NL_COMPLEMENT = rf"{_NL_NO_PREPOSITION}\b(?:een|de|het|mijn|geen)\b[^,.;]{{0,60}}\b(?:zijn|worden|blijven)\b"
_NL_OWN = r"(?:voelen|ontspannen|herinneren|verheugen)\b"


def _dutch_words(rest: str) -> str | None:
    """After a preposition "mij" is oneself, where "I" is the subject."""
    if _has(rf"(?:{_NL_COMPLEMENT})(?<!mens zijn)", rest):
        return None
    main, clauses = _dutch_parts(rest)
    main = re.sub(r"\b(voor|met|van|in|aan) (?:mij|me)\b", r"\1 mezelf", main, flags=re.IGNORECASE)
    if _has(r"\b(?:om|bij|naar|op|over|tegen|door|uit|naast|achter) (?:mij|me)\b", main):
        return None
    return re.sub(r"\bmij\b", "me", main, flags=re.IGNORECASE) + clauses


def _dutch_parts(rest: str) -> tuple[str, str]:
    """What "I" is the subject of, and what follows, where another may be."""
    cut = re.search(r",|\b(?:dat|wat|wie|die|hoe|waar|wanneer|omdat|zoals)\b", rest, re.IGNORECASE)
    at = cut.start() if cut else len(rest)
    return rest[:at], rest[at:]


def _dutch_both(rest: str) -> str | None:
    refined = _dutch_words(rest)
    if refined is None or _has(r"\b(?:een|als)\b", refined):
        return None
    main, clauses = _dutch_parts(refined)
    main = re.sub(r"\b(?:mezelf|mijzelf)\b", "onszelf", main, flags=re.IGNORECASE)
    if _has(_NL_OWN, main):
        main = re.sub(r"^( niet| nu| vandaag)? me\b", r"\1 ons", main, flags=re.IGNORECASE)
    turned = _turned(main, {"ik ben": "wij zijn"}, _DUTCH.left)
    turned_clauses = _turned(clauses, _NL_BOTH, _DUTCH.left)
    return None if turned is None or turned_clauses is None else f"Mogen jij en ik{turned}{turned_clauses}"


_NL_BOTH = {"ik ben": "wij zijn", "mij": "ons", "me": "ons"}
_DUTCH = _Rule(
    first=r"(moge|mag) ik\b",
    other=r"\1 jij",
    you=r"(?:(?:moge|mag) )?(?:jij|je)\b",
    third=r"mogen? ((?!ik\b|wij\b|we\b)\w)",
    swap={
        "ik ben": "jij bent", "mezelf": "jezelf", "mijzelf": "jezelf", "mij": "jou", "me": "je", "mijn": "jouw",
    },
    unsure=r"\b(?:jij|je|jou|jouw|jullie|u|uw|wij|we|ons|onze|als|mijn god)\b",
    left=r"\b(?:ik|me|mij|mezelf|mijzelf|mijn)\b",
    ours=r"\b(?:wij|we|ons|onze|onszelf)\b",
    refined=_dutch_words,
    together=_dutch_both,
    swap_both=_NL_BOTH,
)  # fmt: skip


# ---------------------------------------------------------------- Swedish

# The verb is the same for everybody; an adjective for two is another.
_SWEDISH = _Rule(
    first=r"må jag\b",
    other="Må du",
    you=r"(?:må )?du\b",
    third=r"må ((?!jag\b|vi\b|du\b|ni\b)\w)",
    swap={"jag": "du", "mig": "dig", "min": "din", "mitt": "ditt", "mina": "dina"},
    unsure=(
        r"\b(?:du|dig|din|ditt|dina|ni|er|era|vi|oss|vår\w*|min gud|som en)\b"
        r"|\b(?:en|som)\b[^,.;]{0,40}\b(?:mamma|pappa|mor|far|syster|bror|dotter|son|fru|man|kvinna|hustru|flickvän|pojkvän)\b"
    ),
    left=r"\b(?:jag|mig|min|mitt|mina)\b",
    ours=r"\b(?:vi|oss|vår\w*)\b",
    swap_both={"mig": "oss"},
)


# ---------------------------------------------------------------- Spanish, French, Italian, Portuguese

# In these, a clause of its own has a verb that would have to turn as well.
_CLAUSE_ES = (
    r"\b(?:que|cuando|donde|si|porque|quien|cual|mientras|aunque|tú|te|ti|contigo|tu|tus|usted|vosotr[oa]s|os|nos|"
    r"nosotr[oa]s|nuestr[oa]s?|estoy|tengo)\b|\bcomo\b(?! soy\b)"
    r"|\b(?:sea|ser|vuelva|volverme)\s+(?:un|una|el|la|mi)\b"
)
_CLAUSE_FR = (
    r"\b(?:que|quand|où|si|parce|qui|dont|tu|te|toi|ton|ta|tes|vous|votre|vos|nous|notre|nos|suis|ai)\b|\bqu['’]"
    r"|\bcomme\b|\b(?:sois|être|reste|devienne)\s+(?:un|une|le|la|mon|ma)\b"
)
_CLAUSE_IT = (
    r"\b(?:che|quando|dove|se|perché|chi|cui|mentre|tu|ti|te|tuo|tua|tuoi|tue|voi|vi|noi|ci|nostr[oaie]|ho)\b"
    r"|\bcome\b(?! sono\b)|\b(?:sia|essere|diventi|diventare)\s+(?:un|uno|una|il|la|mi[oa])\b|\bun['’]"
)
_CLAUSE_PT = (
    r"\b(?:que|quando|onde|se|porque|quem|como|enquanto|você|vocês|tu|te|ti|contigo|teus?|tuas?|seus?|suas?|nós|nos|noss[oa]s?|"
    r"me|mim|comigo|sou|estou|tenho)\b|-me\b|\b(?:seja|ser|torne|tornar)\s+(?:uma?|o|a)\b"
)

_STEADY = {
    "es": (
        r"ahora|nunca|nada|todavía|poco a poco|paso a paso|día a día|dentro|adentro|como soy|tal como soy|hasta|hacia|"
        r"conmigo|como yo"
    ),
    "it": r"ora|ancora|sempre|abbastanza|adesso|poco|piano piano|passo dopo passo|così come sono|come sono|una volta",
    "pt": r"agora|ainda|nunca|nada|pouco a pouco|passo a passo|dentro|fora|até",
}
"""words that end like an adjective and are none"""
_BEFORE = {
    "es": (
        r"el|la|los|las|lo|un|una|mi|mis|este|esta|esto|estos|estas|ese|esa|cada|toda|todo|todas|todos|mucha|mucho|tanta|"
        r"más|a|al|ante|con|de|del|desde|en|entre|hacia|hasta|para|por|según|sin|sobre|tras|propia|propio|otra|otro|alguna"
    ),
    "it": (
        r"il|lo|la|i|gli|le|un|uno|una|questo|questa|quel|quella|ogni|tutta|tutto|tutti|tutte|molta|molto|più|mio|mia|miei|"
        r"mie|a|al|allo|alla|ai|alle|con|da|dal|dalla|di|del|dello|della|dei|delle|in|nel|nello|nella|nei|nelle|per|senza|su|"
        r"sul|sulla|tra|fra|verso|oltre|propria|altra"
    ),
    "pt": (
        r"o|a|os|as|um|uma|este|esta|esse|essa|cada|toda|todo|todas|todos|muita|muito|mais|meu|minha|meus|minhas|ao|à|aos|às|"
        r"com|da|das|de|do|dos|em|entre|na|nas|no|nos|num|numa|para|pela|pelo|por|sem|sob|sobre|própria|próprio|outra|outro"
    ),
}
"""what a noun stands after; elsewhere a word in -o or -a may tell whether a man or a woman speaks"""
_HAVING = {
    "es": r"(?:tenga|tener|encuentre|encontrar|halle|hallar|reciba|recibir|haga|hacer|dé|dar|pida|cultive|irradie)",
    "it": r"(?:abbia|avere|trovi|trovare|riceva|ricevere|provi|provare|dia|dare|coltivi|coltivare)",
    "pt": r"(?:tenha|ter|encontre|encontrar|receba|receber|dê|dar|cultive|cultivar)",
}
"""after these a noun may stand alone"""
_AND = {"es": "y", "it": "e", "pt": "e"}


def _gendered(language: str) -> Callable[[str], bool]:
    """Whether a word in -o or -a may agree with the speaker. Rather yes."""
    before, steady = _BEFORE[language], _STEADY[language]
    passes = [
        re.compile(rf"(?<!\w)(?:{words})(?!\w)", re.IGNORECASE)
        for words in (
            steady,
            rf"(?:{before})\s(?:(?:{before})\s){{0,2}}\w+",
            "mi\\s\\w+"
            if language == "it"
            else "me\\s\\w+",  # with the verb of life, or of whoever is wished for
            rf"{_HAVING[language]}\s\w+(?:\s{_AND[language]}\s\w+)?",
        )
    ]

    def found(words: str) -> bool:
        words = re.sub(r"^(?:io|eu)\s+(?:(?:non|não)\s+)?(?:mi\s+)?", "", words, flags=re.IGNORECASE)
        first, _, rest = words.partition(" ")
        if re.fullmatch(rf"{_HAVING[language]}|{before}", first, re.IGNORECASE):
            rest = words
        for pattern in passes:
            rest = pattern.sub(".", rest)
        return re.search(r"\w[oa]s?(?!\w)", rest, re.IGNORECASE) is not None

    return found


_ES_VERBS = (
    "esté sea tenga sienta viva encuentre pueda haga dé acepte ame quiera perdone cuide descanse confíe respire trate "
    "hable escuche deje suelte aprenda sepa recuerde abrace acoja duerma reciba camine crezca sane permita sonría mire "
    "vea ofrezca abra vuelva siga empiece comience avance florezca disfrute agradezca comparta honre respete valore "
    "crea elija logre pida sostenga comprenda entienda libere halle mantenga permanezca"
).replace(" ", "|")
# Without "yo", these may just as well be about somebody who forgives me.
_ES_OPEN = r"(?!me (?:ame|quiera|perdone|cuide|abrace|sostenga|escuche|reciba|acoja|libere|honre|respete|comprenda|entienda)\b)"
# "Que descanse mi corazón": what follows the verb may be who rests.
_ES_INVERTED = (
    "(?!.*"
    + "".join(rf"(?<!\b{word} )" for word in "a con de en para por sin hacia desde sobre".split())
    + r"\b(?:mi|mis|el|la|los|las|un|una|todo|toda|todos|todas|este|esta|mamá|papá|dios|(?-i:[A-ZÁÉÍÓÚ][a-zñáéíóú]+))\b)"
)


def _infinitives(pattern: str, turned: str, never: str) -> Callable[[str], str]:
    """perdonarme to perdonarte"""
    found = re.compile(rf"(?<!\w)(?!(?:{never})\b)(\w{{2,20}}[aeiíò]r){pattern}\b", re.IGNORECASE)
    return lambda rest: found.sub(rf"\1{turned}", rest)


_SPANISH = _Rule(
    first=rf"que (?:(yo )|{_ES_OPEN}{_ES_INVERTED})(no )?(me )?({_ES_VERBS})\b",
    other=lambda m: (
        f"Que {'tú ' if m[1] else ''}{m[2] or ''}{'te ' if m[3] else ''}"
        f"{'des' if m[4].lower() == 'dé' else m[4] + 's'}"
    ),
    you=r"(?:que )?tú\b",
    third=r"que ((?:la|el|las|los|mi|mis|este|esta|todos|todas|todo|algo|alguien|nada|nadie|dios|mamá|papá)\b)",
    swap={
        "tal como soy": "tal como eres", "como soy": "como eres", "conmigo": "contigo", "a mí": "a ti", "mí": "ti",
        "me": "te", "mi": "tu", "mis": "tus",
    },
    unsure=_CLAUSE_ES,
    left=r"\b(?:yo|me|mí|mi|mis|conmigo|soy)\b|\w[aeií]rme\b",
    ours=r"\b(?:nos|nosotr[oa]s|nuestr[oa]s?)\b|\w[aeií]rnos\b",
    gendered=_gendered("es"),
    refined=_infinitives("me", "te", "firme|conforme|informe|enorme|dormirme"),
)  # fmt: skip

_FR_VERBS = (
    "sois aie aime accepte accueille trouve pardonne repose respire écoute marche reste donne porte apporte garde "
    "laisse continue avance cultive honore respecte rencontre sache puisse vive fasse prenne tienne reçoive dorme sente "
    "voie guérisse choisisse apprenne comprenne ouvre offre habite traite parle soigne chérisse savoure goûte traverse "
    "relâche lâche pose dépose ose rappelle autorise permette console berce soulage protège embrasse retrouve découvre demeure"
).replace(" ", "|")
# Nearly every adjective tells the gender, or may: these do not, nor does a noun with what stands before it.
_FR_CALM = re.compile(
    r"(?<!\w)(?:(?:pas|plus|jamais|toujours|aussi|encore|ici|maintenant|aujourd['’]hui|bien|mieux|et|ou|ne|chaque jour|"
    r"moi-même|moi|calme|libre|tranquille|digne|capable|honnête|stable|à l['’]aise|pas à pas|peu à peu|en sécurité)"
    r"(?!\w)|m(?:e\s+|['’])\w+|(?:(?:à|au|aux|avec|en|dans|par|pour|sans|sur|sous|vers|chez|entre|malgré|de|du|des|le|la|"
    r"les|un|une|mon|ma|mes|ce|cette|ces|chaque|tout|toute|tous|toutes)\s+|[dl]['’]){1,3}\w+)",
    re.IGNORECASE,
)
_FR_THIRD = r"(?:mon|ma|mes|la|le|les|cette|ces|chaque|tous|toutes)\b|l['’]"
_FR_INFINITIVE = re.compile(
    r"(?<!\w)(?!fier|entier|premier|dernier|léger|cher|amer|familier)\w{2,20}(?:er|ir|re)(?!\w)",
    re.IGNORECASE,
)


def _french_gendered(words: str) -> bool:
    rest = words if re.match(rf"(?:{_FR_THIRD})", words, re.IGNORECASE) else words.partition(" ")[2]
    if words.lower().startswith("puiss"):
        rest = _FR_INFINITIVE.sub(" ", rest, count=1)
    return re.search(r"\w", _FR_CALM.sub(" ", rest)) is not None


_FRENCH = _Rule(
    first=rf"(?:que (?:je (ne )?|(j['’]))(me |m['’])?({_FR_VERBS})|(puissé)-je)\b",
    other=lambda m: (
        "Puisses-tu" if m[5] else
        f"Que tu {m[1] or ''}{(m[3] or '').lower().replace('m', 't')}{m[4]}{'' if m[4].lower() == 'sois' else 's'}"
    ),
    you=r"(?:que )?tu\b|puisses-tu\b",
    third=rf"que ({_FR_THIRD}|dieu\b)",
    swap={
        "moi-même": "toi-même", "moi": "toi", "me": "te", "m'": "t'", "mon": "ton", "ma": "ta", "mes": "tes",
    },
    unsure=_CLAUSE_FR,
    left=r"\b(?:je|me|moi|mon|ma|mes)\b|\b[jm]['’]",
    ours=r"\b(?:nous|notre|nos)\b",
    gendered=_french_gendered,
)  # fmt: skip

_ITALIAN = _Rule(
    first=r"(che|possa) io\b",
    other=r"\1 tu",
    you=r"(?:(?:che|possa) )?tu\b",
    third=(
        r"(?:che|possa|possano) ((?:la|il|lo|i|gli|le|mia|mio|miei|mie|questo|questa|ogni|tutti|tutte|tutto|qualcosa|"
        r"qualcuno|nulla|niente|nessuno|dio)\b|l['’])"
    ),
    swap={
        "così come sono": "così come sei", "come sono": "come sei", "me": "te", "mi": "ti", "mio": "tuo", "mia": "tua",
        "miei": "tuoi", "mie": "tue",
    },
    unsure=_CLAUSE_IT,
    left=r"\b(?:io|me|mi|mio|mia|miei|mie|sono)\b|\w[aei]rmi\b",
    ours=r"\b(?:noi|ci|nostr[oaie])\b|\w[aei]rci\b",
    gendered=_gendered("it"),
    refined=_infinitives("mi", "ti", "conformi|uniformi"),
)  # fmt: skip

_PORTUGUESE = _Rule(
    first=r"que eu\b",
    other="Que você",
    you=r"(?:que )?você\b",
    third=(
        r"que ((?:a|o|as|os|meu|minha|meus|minhas|este|esta|todos|todas|tudo|algo|alguém|nada|ninguém|deus)\b)"
    ),
    swap={"meu": "seu", "minha": "sua", "meus": "seus", "minhas": "suas"},
    unsure=_CLAUSE_PT,
    left=r"\b(?:eu|me|mim|comigo|meu|minha|meus|minhas)\b",
    ours=r"\b(?:nós|nos|conosco|noss[oa]s?)\b",
    gendered=_gendered("pt"),
)

RULES = {
    "de": _GERMAN, "es": _SPANISH, "fr": _FRENCH, "it": _ITALIAN, "nl": _DUTCH, "pt": _PORTUGUESE, "sv": _SWEDISH,
}  # fmt: skip
"""In Polish and Turkish the verb turns in too many ways: there the forms are written, or others are spoken."""
