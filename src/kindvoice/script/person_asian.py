"""Japanese and Chinese wishes: "I" stands where it is said, and nothing else turns with it."""

from __future__ import annotations

import re
from collections.abc import Callable

from kindvoice.script.person_rules import Forms, beyond

_UNSURE: Forms = {"other": None, "together": None}

_JAPANESE = re.compile(
    r"(?:わたし|私)(?P<particle>[がはもにのを])(?P<rest>[^。.！!？?]{1,200}(?:ように|ように祈ります))(?P<end>[。.！!]?)"
)
_JAPANESE_BEYOND = re.compile(
    r"わたし|私|あなた|彼|彼女|君|きみ|ぼく|僕|俺|神|お母|お父|母|父|妻|夫|娘|息子|死|自殺|がん|癌|病|酒|飲[まみむん]|薬|妊娠|出産|「|」"
)

_CHINESE = re.compile(r"(?P<wish>愿|願|祝愿|祝願)我(?![们們])(?P<rest>[^。.！!？?]{1,200})(?P<end>[。.！!]?)")
_CHINESE_BEYOND = re.compile(
    r"[你您他她它祢妳]|我[们們]|咱|上帝|老天|神|佛|妈|媽|爸|父|母|妻|丈夫|老公|老婆|女儿|女兒|儿子|兒子|死|自杀|自殺|癌|病|酒|药|藥|孕|[“”「」]"
)


def japanese(text: str) -> Forms:
    """
    >>> japanese("わたしが、自分にやさしくできますように。")["together"]
    'あなたとわたしが、自分にやさしくできますように。'
    """
    wish = _JAPANESE.fullmatch(text)
    if wish is None or beyond(text) or _JAPANESE_BEYOND.search(wish["rest"]):
        return dict(_UNSURE)
    rest = f"{wish['particle']}{wish['rest']}{wish['end']}"
    both = None if wish["particle"] == "を" else f"あなたとわたし{rest}"  # who loves me loves not us both
    return {"other": f"あなた{rest}", "together": both}


def chinese(text: str) -> Forms:
    """
    >>> chinese("愿我善待自己。"), chinese("愿我的心安宁。")["together"]
    ({'other': '愿你善待自己。', 'together': '愿你我都善待自己。'}, None)
    """
    wish = _CHINESE.fullmatch(text)
    if wish is None or beyond(text) or _CHINESE_BEYOND.search(wish["rest"]):
        return dict(_UNSURE)
    rest = re.sub("(?<!自)我", "你", wish["rest"]) + wish["end"]
    both = None if "我" in wish["rest"] or rest.startswith("的") else f"{wish['wish']}你我都{rest}"
    return {"other": f"{wish['wish']}你{rest}", "together": both}


RULES: dict[str, Callable[[str], Forms]] = {"ja": japanese, "zh": chinese}
