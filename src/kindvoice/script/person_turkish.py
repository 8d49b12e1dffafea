"""Wishes in Turkish: of "I" with a verb in -(y)eyim, and of somebody else with one in -sin.

The person is in the ending of any word: a wish with another -m than those known here is not turned.
"""

from __future__ import annotations

import re

from kindvoice.script.person_rules import Forms, beyond

_STEMS = (
    "ol|bul|kal|yaşay|ver|ed|göster|bak|sev|affed|gör|dinley|bırak|güven|hissed|uyuy|dinlen|iyileş|öğren|al|yürüy|davran|"
    "gül|aç|duy|koruy|sakinleş|yaklaş|sarıl"
)
_I = re.compile(rf"(?P<verb>(?:{_STEMS})(?:m[ae]y)?[ae])y[ıi]m", re.IGNORECASE)
_WISHED = re.compile(
    r"(?:ol|bul|kal|koru|yaşa|ver|et|göster|affet|gör|gül|sev|esirge|bağışla|kutsa|doldur|sar|rahatla|iyileş|tut|incit|üz|"
    r"getir|anla|taşı|sakinleş|açıl|hafifle|dinlen|büyü|uyu|hisset)(?:m[ae])?s[ıiuü]n(?:l[ae]r)?",
    re.IGNORECASE,
)
_SUBJECT = re.compile(
    r"(?:tüm|bütün|herkes|her şey|allah|tanrı|kimse|hiç kimse|hiçbir şey|hayat|dünya|evren|sevgi|huzur|kalbim|bedenim|"
    r"zihnim|ruhum|annem|babam|ailem|kızım|oğlum|çocuklarım|çocuğum|sevdiklerim|kardeşim|eşim|evim|nefesim|gözlerim|ellerim|"
    r"ayaklarım|arkadaşlarım|acım|korkum|yaralarım|köpeğim|kedim)\b",
    re.IGNORECASE,
)
_TURNED = {
    **{f"kendim{end}": (f"kendin{end}", f"kendimiz{both}")
       for end, both in (("e", "e"), ("i", "i"), ("le", "le"), ("de", "de"), ("den", "den"))},
    **{word: (f"{word[:-2]}n{word[-1]}", f"{word[:-1]}iz{word[-1]}") for word in ("bedenime", "bedenimi")},
}  # fmt: skip
_OTHERS = {
    "beni": ("seni", "bizi"), "bana": ("sana", "bize"), "benimle": ("seninle", "bizimle"), "bende": ("sende", "bizde"),
    "benden": ("senden", "bizden"),
}  # fmt: skip
# A word of "I" or "you", a role, and a clause.
_BEYOND = re.compile(
    r"\w\w[aeıioöuü]m|\b(?:ben|beni|bana|bende|benden|benimle|benim|sen|seni|sana|senin|siz\w*|biz\w*|ki|gibi|biri?|bırak|hadi|haydi|keşke|kraliçe|kral|prenses|hanım|gelin|anne|baba|abla|kadın|erkek|kız|evlat|eş)\b"
    r"|[,;:?]",
    re.IGNORECASE,
)


def turkish(text: str) -> Forms:
    """The forms that are sure."""
    none: Forms = {"other": None, "together": None}
    words, end = re.match(r"(?s)(.*?)(\W*)$", text).groups()  # type: ignore[union-attr]
    before, _, verb = words.rpartition(" ")
    if beyond(text) or text.isupper():
        return none
    if wish := _I.fullmatch(verb):
        vowel = "ı" if wish["verb"].casefold().endswith("a") else "i"
        rest = [_replaced(before, _TURNED, form) for form in (0, 1)]
        if _BEYOND.search(_replaced(before, dict.fromkeys(_TURNED, ("", "")), 0)):
            return none
        both = f"{rest[1]} {wish['verb']}l{vowel}m".strip()
        if not re.match(r"Allah|Tanrı|I", both):
            both = both[0].translate({304: "i"}).lower() + both[1:]
        return {
            "other": f"{rest[0]} {wish['verb']}s{vowel}n{end}".strip(),
            "together": f"Sen de ben de {both}{end}",
        }
    subject = _SUBJECT.match(words)
    if subject is None or not _WISHED.fullmatch(verb):
        return none
    what = before[subject.end() :]
    if _BEYOND.search(_replaced(what, dict.fromkeys(_OTHERS, ("", "")), 0)):
        return none
    who, mine = subject[0], subject[0].casefold().endswith("m") and subject[0].casefold() != "tüm"
    return {
        "other": f"{who[:-1] + 'n' if mine else who}{_replaced(what, _OTHERS, 0)} {verb}{end}",
        "together": None if mine else f"{who}{_replaced(what, _OTHERS, 1)} {verb}{end}",
    }


def _replaced(text: str, words: dict[str, tuple[str, str]], form: int) -> str:
    def other(match: re.Match[str]) -> str:
        word = words.get(match[0].lower(), (match[0], match[0]))[form]
        return word[:1].upper() + word[1:] if match[0][0].isupper() else word

    return re.sub(r"\w+", other, text)
