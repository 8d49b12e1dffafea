"""Wishes in Polish, for `person_rules.derive`: only those about somebody or something that is named.

Where "I" is the subject, verb and adjective turn in too many ways: there the form is written, or others are spoken.
"""

from kindvoice.script.person_rules import PersonRule

_AFTER = {"dla": "dla", "do": "do", "ode": "od", "beze": "bez", "przeze": "przez", "wobec": "wobec"}
_BY = {"we": "w", "przy": "przy"}
_WITH = {"ze": "z", "nade": "nad", "przede": "przed", "za": "za"}
_MY = ("mój", "moja", "moje", "moi", "moich", "mojego", "mojej", "moją", "moim", "moimi", "mojemu")

_POLISH = PersonRule(
    first=r"(?!)",
    other="",
    you=r"(?!)",
    third=(
        r"niech ((?:mój|moja|moje|moi|bóg|pan bóg|boża|boży|boże|jezus|maryja|allah|wszech\w+|wszystk\w+|wszyscy|"
        r"każd[aey]|ten|ta|to|te|nikt|nic|życie|miłość|pokój|spokój|cisza|strach|lęk|ból|świat|dobro|światło)\b)"
    ),
    swap={
        **{f"{old} mnie": f"{new} ciebie" for old, new in _AFTER.items()},
        **{f"{old} mnie": f"{new} tobie" for old, new in _BY.items()},
        **{f"{old} mną": f"{new} tobą" for old, new in _WITH.items()},
        "mnie": "cię", "mi": "ci",
        **{word: f"twó{word[2:]}" if word == "mój" else f"two{word[2:]}" for word in _MY},
    },
    # A clause or a second wish may have a verb of "I", "na mnie" may be two cases, an adjective may be the speaker's.
    unsure=(
        r"\bniech\b|\b(?:że|żeby|aby|by|co|czego|czym|gdy|gdzie|jak|jaki\w*|jaka|kiedy|bo|kt[óo]r\w*|kto|kogo|komu|ale|a|ty|"
        r"cię|ciebie|ci|tobie|tobą|tw[oó]j\w*|was|wam|wasz\w*|my|nas|nam|nami|nasz\w*|mój bóg|mój pan|sam[aą]?|"
        r"samego|jestem|mam)\b|\b(?:na|o|po|w|pod|nad) mnie\b|\bmnie\b.{0,60}?(?:\w\w(?:[ntwłrkj]ą|ego)\b|jako)"
        r"|\b(?!si[ęe]|(?:rodzin|sił|cisz|dróg|drog|nadziej|odwag|opiek|mam|córk|rad|ulg)ę)\w+ę\b"
        r"|\b(?!(?:serc|spokoj|życi|dom|światł|bogi|dobr)em)\w\w+[ae]m\b"
    ),
    left=r"\b(?:ja|mnie|mną|mi|mój|moj\w+|moi\w*|me|mego|mej|mym|mych)\b",
    ours=r"\b(?:my|nas|nam|nami|nasz\w*)\b",
    swap_both={
        **{f"{old} mnie": f"{new} nas" for old, new in (_AFTER | _BY).items()},
        **{f"{old} mną": f"{new} nami" for old, new in _WITH.items()},
        "mnie": "nas", "mi": "nam",
    },
)  # fmt: skip

RULES = {"pl": _POLISH}
