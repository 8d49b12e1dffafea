"""Wishes in Spanish, French, Italian and Portuguese: the rules of each, for `person_rules.derive`.

Here an adjective tells whether a man or a woman speaks, and most clauses have a verb that would have to turn: a rule
is sure of little, and what it gives is right for anybody.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from kindvoice.script.person_rules import PersonRule

# A clause of its own has a verb that would have to turn as well.
_CLAUSE_ES = (
    r"\b(?:que|cuando|donde|si|porque|quien|cual|mientras|aunque|tú|te|ti|contigo|tu|tus|usted|vosotr[oa]s|os|nos|"
    r"nosotr[oa]s|nuestr[oa]s?|estoy|tengo|amamant\w+)\b|\bcomo\b(?! soy\b)"
    r"|\b(?:sea|ser|vuelva|volverme)\s+(?:un|una|el|la|mi)\b|\b(?:cuánt\w+|cómo|cuán|dónde|quién)\b"
    r"|\w[aeiíáé]r(?:te|os|nos|[mt]e(?:lo|la)s?)\b|\wndo(?:me|te|nos|se)\b|\bde (?:niñ|pequeñ|adult)[oa]\b"
    r"|\b(?:sea|ser|sienta) (?:\w+ )?(?:madre|padre|mamá|papá|hombre|mujer)\b|\bnovi[oa]\b"
    r"|\b(?:niñ[oa]|mujer|madre|hombre|padre) en mí\b"
)
_CLAUSE_FR = (
    r"\b(?:que|quand|où|si|parce|qui|dont|tu|te|toi|ton|ta|tes|vous|votre|vos|nous|notre|nos|suis|ai)\b|\bqu['’]"
    r"|\b(?:comme|et moi|un compagnon|une compagne|un mari|mon moi)\b"
    r"|\ben (?:femme|homme|mère|père|reine|roi)\b|\b(?:femme|fille|mère|homme|garçon|père) en moi\b"
    r"|\b(?:sois|être|reste|devienne)\s+(?:un|une|le|la|mon|ma)\b"
)
_CLAUSE_IT = (
    r"\b(?:che|quando|dove|se|perché|chi|cui|mentre|tu|ti|te|tuo|tua|tuoi|tue|voi|vi|noi|ci|nostr[oaie]|ho|allatt\w+)\b"
    r"|\bcome\b(?! sono\b)|\b(?:sia|essere|diventi|diventare)\s+(?:un|uno|una|il|la|mi[oa])\b|\bun['’]"
    r"|\bquant[oaie]\b|\w[aeiou]r(?:ti|vi|ci|[mtcv]e(?:l[oaie]|ne))\b|\wndo(?:mi|ti|ci|vi)\b"
    r"|\bda (?:sol|bambin|piccol|adult)\w+\b"
    r"|\b(?:bambin[oa]|donna|madre|uomo|padre) in me\b|\buna? (?:compagn|fidanzat)[oa]\b"
    r"|\b(?:sia|essere|senta|divent\w+) (?:\w+ )?(?:madre|padre|mamma|papà|donna|uomo)\b"
)
_CLAUSE_PT = (
    r"\b(?:que|quando|onde|se|porque|quem|como|enquanto|você|vocês|tu|te|ti|contigo|teus?|tuas?|seus?|suas?|nós|nos|noss[oa]s?|"
    r"(?!^)me|mim|comigo|sou|estou|tenho|amament\w+)\b|-me\b|\b(?:seja|ser|torne|tornar)\s+(?:uma?|o|a)\b"
    r"|\b(?:quanto|quanta)\b|\b(?:companheir|namorad)[oa]\b"
    r"|\b(?:seja|ser|sinta) (?:\w+ )?(?:mãe|pai|mulher|homem|mamãe|papai)\b"
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
        r"a|al|ante|con|de|del|desde|en|entre|hacia|hasta|para|por|según|sin|sobre|tras|propia|propio|otra|otro|alguna"
    ),
    "it": (
        r"il|lo|la|i|gli|le|un|uno|una|questo|questa|quel|quella|ogni|tutta|tutto|tutti|tutte|molta|mio|mia|miei|"
        r"mie|a|al|allo|alla|ai|alle|con|da|dal|dalla|di|del|dello|della|dei|delle|in|nel|nello|nella|nei|nelle|per|senza|su|"
        r"sul|sulla|tra|fra|verso|oltre|propria|altra"
    ),
    "pt": (
        r"o|a|os|as|um|uma|este|esta|esse|essa|cada|toda|todo|todas|todos|muita|meu|minha|meus|minhas|ao|à|aos|às|"
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
            rf"{'mi' if language == 'it' else 'me'}\s\w+",  # with the verb of whoever is wished for
            rf"{_HAVING[language]}\s\w+(?:\s{_AND[language]}\s\w+)?",
        )
    ]

    def gendered(words: str) -> bool:
        words = re.sub(r"^(?:(?:io|eu)\s+)?(?:(?:non|não)\s+)?(?:m[ei]\s+)?", "", words, flags=re.IGNORECASE)
        first, _, rest = words.partition(" ")
        if re.fullmatch(rf"{_HAVING[language]}|{before}", first, re.IGNORECASE):
            rest = words
        for pattern in passes:
            rest = pattern.sub(".", rest)
        return re.search(r"\w[oa]s?(?!\w)", rest, re.IGNORECASE) is not None

    return gendered


_ES_VERBS = (
    "esté sea tenga sienta viva encuentre pueda haga dé acepte ame quiera perdone cuide descanse confíe respire trate "
    "hable escuche deje suelte aprenda sepa recuerde abrace acoja duerma reciba camine crezca sane permita sonría mire "
    "vea ofrezca abra vuelva siga empiece comience avance florezca disfrute agradezca comparta honre respete valore "
    "crea elija logre pida sostenga comprenda entienda libere halle mantenga permanezca"
).replace(" ", "|")
# Without "yo", somebody else may forgive me, and it may be so: "Que sea así."
_ES_OPEN = (
    r"(?!me (?!sienta\b|mantenga\b|acepte (?:tal )?como soy\b))"
    r"(?!(?:no )?(?:sea|esté|haga|dé|vuelva|siga|empiece|comience|crezca|florezca|avance|quiera|sane|abra|viva|"
    r"descanse|tenga sentido)\b(?! (?:en paz|en calma|bien|a salvo|feliz|libre|fuerte|valiente|paciente|amable|"
    r"sin miedo|con calma)\b))"
)
# A second verb would have to turn too.
_ES_SECOND = re.compile(
    r"(?:\b[yeo]|,|\bni)\s+(?:no\s+)?(?:(?:me|se|lo|la|le|los|las|les)\s+)?"
    r"(?!(?:calma|alegría|fuerza|esperanza|ternura|confianza|paciencia|fuerte|valiente|amable|libre|paciente|humilde)\b)"
    r"\w+[ea]\b",
    re.IGNORECASE,
)
# "Que descanse mi corazón": what follows the verb may be who rests.
_ES_INVERTED = (
    "(?!.*"
    + "".join(
        rf"(?<!\b{word} )"
        for word in ["a", "con", "de", "en", "para", "por", "sin", "hacia", "desde", "sobre"]
    )
    + r"\b(?:mi|mis|el|la|los|las|un|una|todo|toda|todos|todas|este|esta|mamá|papá|dios|(?-i:[A-ZÁÉ][a-zñáéíóú]+))\b)"
)


# "Que esta noche duerma bien": I, at that time.
_NO_TIME = (
    r"(?!(?:\w+ ){1,3}?(?:noches?|mañanas?|tardes?|días?|semanas?|vez|años?|mes|momento|horas?|lunes|martes|miércoles|"
    r"jueves|viernes|sábado|domingo|notte|notti|mattina|mattin[eo]|ser[ae]|giorn[oi]|settiman[ae]|volta|ann[oi]|mese|lunedì|"
    r"martedì|mercoledì|giovedì|venerdì|sabato|domenica|noites?|manhãs?|dias?|vezes|anos?|mês|segunda|terça|quarta|quinta|"
    r"sexta)\b)"
)


def _infinitives(pattern: str, turned: str, never: str) -> Callable[[str], str]:
    """perdonarme to perdonarte"""
    infinitive = re.compile(rf"(?<!\w)(?!(?:{never})\b)(\w{{2,20}}[aeiíò]r){pattern}\b", re.IGNORECASE)
    return lambda rest: infinitive.sub(rf"\1{turned}", rest)


_es_infinitives = _infinitives("me", "te", "firme|conforme|informe|enorme|dormirme")
_SPANISH = PersonRule(
    first=rf"que (?:(yo )|{_ES_OPEN}{_ES_INVERTED})(no )?(me )?({_ES_VERBS})\b",
    other=lambda m: (
        f"Que {'tú ' if m[1] else ''}{m[2] or ''}{'te ' if m[3] else ''}"
        f"{'des' if m[4].lower() == 'dé' else m[4] + 's'}"
    ),
    you=r"(?:que )?tú\b",
    third=(
        rf"que {_NO_TIME}((?:la|el|las|los|mi|mis|este|esta|todos|todas|todo|algo|alguien|nada|nadie|dios|mamá|papá)\b)"
    ),
    swap={
        "tal como soy": "tal como eres", "como soy": "como eres", "conmigo": "contigo", "a mí": "a ti", "mí": "ti",
        "me": "te", "mi": "tu", "mis": "tus",
    },
    unsure=_CLAUSE_ES,
    left=r"\b(?:yo|me|mí|mi|mis|conmigo|soy)\b|\w[aeií]rme\b",
    ours=r"\b(?:nos|nosotr[oa]s|nuestr[oa]s?)\b|\w[aeií]rnos\b",
    gendered=_gendered("es"),
    refined=lambda rest: None if _ES_SECOND.search(rest) else _es_infinitives(rest),
)  # fmt: skip

_FR_VERBS = (
    "sois aie aime accepte accueille trouve pardonne repose respire écoute marche reste donne porte apporte garde "
    "laisse continue avance cultive honore respecte rencontre sache puisse vive fasse prenne tienne reçoive dorme "
    "sente voie guérisse choisisse apprenne comprenne ouvre offre habite traite parle soigne chérisse savoure goûte "
    "traverse relâche lâche pose dépose ose rappelle autorise permette console berce soulage protège embrasse retrouve"
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


_FRENCH = PersonRule(
    first=rf"(?:que (?:je (ne )?|(j['’]))(me |m['’])?({_FR_VERBS})|(puissé)-je)\b",
    other=lambda m: (
        "Puisses-tu" if m[5] else
        f"Que tu {m[1] or ''}{(m[3] or '').lower().replace('m', 't')}{m[4]}{'' if m[4].lower() == 'sois' else 's'}"
    ),
    you=r"(?:que )?tu\b|puisses-tu\b",
    third=rf"(?:que|puissent?) ({_FR_THIRD}|dieu\b)",
    swap={
        "moi-même": "toi-même", "moi": "toi", "me": "te", "m'": "t'", "mon": "ton", "ma": "ta", "mes": "tes",
    },
    unsure=_CLAUSE_FR,
    left=r"\b(?:je|me|moi|mon|ma|mes)\b|\b[jm]['’]",
    ours=r"\b(?:nous|notre|nos)\b",
    gendered=_french_gendered,
)  # fmt: skip

_ITALIAN = PersonRule(
    first=r"(che|possa) io\b",
    other=r"\1 tu",
    you=r"(?:(?:che|possa) )?tu\b",
    third=(
        rf"(?:che|possa|possano) {_NO_TIME}((?:la|il|lo|i|gli|le|mia|mio|miei|mie|questo|questa|ogni|tutti|tutte|tutto|"
        r"qualcosa|qualcuno|nulla|niente|nessuno|dio)\b|l['’])"
    ),
    swap={
        "così come sono": "così come sei", "come sono": "come sei", "me": "te", "mi": "ti", "mio": "tuo", "mia": "tua",
        "miei": "tuoi", "mie": "tue",
    },
    unsure=_CLAUSE_IT,
    left=r"\b(?:io|me|mi|mio|mia|miei|mie|sono)\b|\w[aeiou]rmi\b",
    ours=r"\b(?:noi|ci|nostr[oaie])\b|\w[aei]rci\b",
    gendered=_gendered("it"),
    refined=_infinitives("mi", "ti", "conformi|uniformi"),
)  # fmt: skip

_PORTUGUESE = PersonRule(
    first=r"que eu( não)?( me| possa me| consiga me| aprenda a me)?\b",
    other=lambda m: f"Que você{m[1] or ''}{(m[2] or '').removesuffix('me')}{'se' if m[2] else ''}",
    you=r"(?:que )?você\b",
    third=(
        rf"que {_NO_TIME}((?:a|o|as|os|meu|minha|meus|minhas|este|esta|todos|todas|tudo|algo|alguém|nada|"
        r"ninguém|deus)\b)"
    ),
    swap={"meu": "seu", "minha": "sua", "meus": "seus", "minhas": "suas"},
    unsure=_CLAUSE_PT,
    left=r"\b(?:eu|me|mim|comigo|meu|minha|meus|minhas)\b",
    ours=r"\b(?:nós|nos|conosco|noss[oa]s?)\b",
    gendered=_gendered("pt"),
)

RULES = {"es": _SPANISH, "fr": _FRENCH, "it": _ITALIAN, "pt": _PORTUGUESE}
