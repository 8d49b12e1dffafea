"""Which of a system's voices is taken for a language, or for a name."""

from __future__ import annotations

import pytest

from kindvoice.engines._system_voices import SystemVoice, choose
from kindvoice.errors import VoiceError


def listed(*rows: tuple[str, str, str]) -> tuple[SystemVoice, ...]:
    return tuple(SystemVoice(id=i, name=n, languages=tuple(tags.split())) for i, n, tags in rows)


ESPEAK = listed(
    ("sit/cmn", "Chinese (Mandarin, latin as English)", "zh-CN"),
    ("sit/cmn-latn-pinyin", "Chinese (Mandarin, latin as Pinyin)", "cmn-latn-pinyin"),
    ("gmw/en-029", "English (Caribbean)", "en-029"),
    ("gmw/en", "English (Great Britain)", "en-GB"),
    ("gmw/en-gb-x-rp", "English (Received Pronunciation)", "en-GB-x-rp"),
    ("gmw/en-shaw", "English (Shavian alphabet)", "en-Shaw"),
    ("gmw/en-us", "English (America)", "en-US"),
    ("roa/es", "Spanish (Spain)", "es"),
    ("roa/es-419", "Spanish (Latin America)", "es-419"),
    ("ira/fa", "Persian", "fa"),
    ("ira/fa-latn", "Persian (Pinglish)", "fa-Latn"),
    ("roa/fr-be", "French (Belgium)", "fr-BE"),
    ("roa/fr", "French (France)", "fr-FR"),
    ("sem/he", "Hebrew", "he"),
    ("gmq/nb", "Norwegian Bokmål", "nb"),
    ("roa/pt", "Portuguese (Portugal)", "pt"),
    ("roa/pt-br", "Portuguese (Brazil)", "pt-BR"),
    ("zls/sr", "Serbian", "sr"),
    ("sit/yue", "Chinese (Cantonese)", "zh-HK"),
    ("sit/yue-latn-jyutping", "Chinese (Cantonese, latin as Jyutping)", "zh-HK"),
)
TOKENS = "HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Speech\\Voices\\Tokens\\"
SAPI5 = listed(
    (TOKENS + "eSpeak-EN", "eSpeak-EN", "en-US"),
    (TOKENS + "TTS_MS_EN-GB_HAZEL_11.0", "Microsoft Hazel Desktop - English (Great Britain)", "en-GB"),
    (TOKENS + "TTS_MS_EN-US_ZIRA_11.0", "Microsoft Zira Desktop - English (United States)", "en-US"),
    (TOKENS + "TTS_MS_DE-DE_HEDDA_11.0", "Microsoft Hedda Desktop - German", "de-DE"),
)
NSSS = listed(
    ("com.apple.speech.synthesis.voice.Bells", "Bells", "en-US"),
    ("com.apple.eloquence.en-GB.Eddy", "Eddy (English (UK))", "en-GB"),
    ("com.apple.voice.compact.en-GB.Daniel", "Daniel", "en-GB"),
    ("com.apple.voice.super-compact.en-US.Samantha", "Samantha", "en-US"),
    ("com.apple.voice.compact.en-US.Samantha", "Samantha", "en-US"),
    ("com.apple.voice.premium.en-US.Zoe", "Zoe", "en-US"),
    ("com.apple.voice.compact.de-DE.Anna", "Anna", "de-DE"),
    ("com.apple.voice.enhanced.de-DE.Petra", "Petra (Enhanced)", "de-DE"),
)


@pytest.mark.parametrize(
    ("voices", "language", "chosen"),
    [
        (ESPEAK, "en", "gmw/en-us"),
        (ESPEAK, "en-US", "gmw/en-us"),
        (ESPEAK, "EN_us", "gmw/en-us"),
        (ESPEAK, "en-GB", "gmw/en"),
        (ESPEAK, "en-AU", "gmw/en"),
        (ESPEAK, "en-GB-x-rp", "gmw/en-gb-x-rp"),
        (ESPEAK, "es-MX", "roa/es-419"),
        (ESPEAK, "es-ES", "roa/es"),
        (ESPEAK, "fr", "roa/fr"),
        (ESPEAK, "fr-CA", "roa/fr"),
        (ESPEAK, "pt-PT", "roa/pt"),
        (ESPEAK, "pt-BR", "roa/pt-br"),
        (ESPEAK, "fa", "ira/fa"),
        (ESPEAK, "iw", "sem/he"),
        (ESPEAK, "no", "gmq/nb"),
        (ESPEAK, "nn-NO", "gmq/nb"),
        (ESPEAK, "sr-Latn", "zls/sr"),
        (ESPEAK, "zh", "sit/cmn"),
        (ESPEAK, "zh-Hant", "sit/cmn"),
        (ESPEAK, "zh-HK", "sit/yue"),
        (ESPEAK, "yue", "sit/yue"),
        (SAPI5, "en", TOKENS + "TTS_MS_EN-US_ZIRA_11.0"),
        (SAPI5, "en-IE", TOKENS + "TTS_MS_EN-GB_HAZEL_11.0"),
        (SAPI5, "de-CH", TOKENS + "TTS_MS_DE-DE_HEDDA_11.0"),
        (NSSS, "en", "com.apple.voice.premium.en-US.Zoe"),
        (NSSS, "en-GB", "com.apple.voice.compact.en-GB.Daniel"),
        (NSSS, "de", "com.apple.voice.enhanced.de-DE.Petra"),
    ],
)
def test_best_voice_of_a_language(voices: tuple[SystemVoice, ...], language: str, chosen: str) -> None:
    assert choose(voices, "", language).id == chosen


@pytest.mark.parametrize(
    ("voices", "model", "chosen"),
    [
        (ESPEAK, "gmw/en-us", "gmw/en-us"),
        (ESPEAK, "EN-US", "gmw/en-us"),
        (ESPEAK, "english (america)", "gmw/en-us"),
        (SAPI5, "TTS_MS_EN-GB_HAZEL_11.0", TOKENS + "TTS_MS_EN-GB_HAZEL_11.0"),
        (NSSS, "Daniel", "com.apple.voice.compact.en-GB.Daniel"),
        (NSSS, "samantha", "com.apple.voice.compact.en-US.Samantha"),
        (NSSS, "Bells", "com.apple.speech.synthesis.voice.Bells"),
    ],
)
def test_named_voice(voices: tuple[SystemVoice, ...], model: str, chosen: str) -> None:
    assert choose(voices, model, "en").id == chosen


@pytest.mark.parametrize(
    ("model", "language", "what", "cure"),
    [
        ("gmw/en-uss", "en", "no voice 'gmw/en-uss'", "did you mean 'gmw/en-us'?"),
        ("Hebrwe", "he", "no voice 'Hebrwe'", "did you mean 'Hebrew'?"),
        ("mb/mb-x9", "en", "no voice 'mb/mb-x9'", "leave the model empty for any voice of en"),
        ("", "tlh", "no voice for 'tlh'", ""),
    ],
)
def test_unknown_voice_names_the_nearest(model: str, language: str, what: str, cure: str) -> None:
    with pytest.raises(VoiceError) as caught:
        choose(ESPEAK, model, language)
    assert what in caught.value.what
    assert cure in caught.value.cure
    assert caught.value.cure
