"""Language codes as file tags want them."""

from __future__ import annotations

from kindvoice.languages import primary

_ISO_639_2 = {
    "ar": "ara", "bg": "bul", "cs": "ces", "da": "dan", "de": "deu", "el": "ell", "en": "eng", "es": "spa",
    "fa": "fas", "fi": "fin", "fr": "fra", "he": "heb", "hi": "hin", "hu": "hun", "id": "ind", "it": "ita",
    "ja": "jpn", "ko": "kor", "nl": "nld", "no": "nor", "nb": "nob", "pl": "pol", "pt": "por", "ro": "ron",
    "ru": "rus", "sk": "slk", "sr": "srp", "sv": "swe", "th": "tha", "tr": "tur", "uk": "ukr", "vi": "vie",
    "zh": "zho",
}  # fmt: skip


def three_letters(language: str) -> str:
    """A BCP 47 tag as ISO 639-2/T, which ID3 and MP4 want; `und` when it is not in the table.

    >>> three_letters("pt-BR")
    'por'
    """
    first = primary(language)
    return first if len(first) == 3 else _ISO_639_2.get(first, "und")
