"""Which language a text is in: sure on thirty words, silent where it is not."""

# ruff: noqa: E501

from __future__ import annotations

import pytest
from make import library, read_script

from kindvoice.errors import KindvoiceError
from kindvoice.languages import UNKNOWN, likely_language, other_language, primary
from kindvoice.model import Words


def words_of(path) -> tuple[str, list[str]]:
    try:
        script = read_script(path)
    except KindvoiceError:  # its text asks for a length
        script = read_script(path, length_ms=900_000)
    said = " ".join(cue.text for cue in script.cues if isinstance(cue, Words))
    return primary(script.language), said.split()


@pytest.mark.slow
def test_no_script_of_the_library_and_no_forty_words_of_it_are_taken_for_another_language():
    for path in sorted(entry.path for entry in library())[::11]:
        language, words = words_of(path)
        assert likely_language(" ".join(words)) == language, path
        windows = [" ".join(words[i : i + 40]) for i in range(0, len(words) - 40, 40)]
        heard = [likely_language(window) for window in windows]
        assert set(heard) <= {language, None}, path
        assert heard.count(None) <= 1 + len(heard) // 50, path


THIRTY = {
    "en": "Sit down where you are and let the chair hold you. There is nothing that you need to do now. Feel how the air "
    "comes in, and how it goes out again by itself.",
    "de": "Setz dich hin, wo du gerade bist, und lass dich vom Stuhl halten. Du musst jetzt nichts tun. Spüre, wie die Luft "
    "hereinkommt, und wie sie von selbst wieder hinausgeht.",
    "es": "Siéntate donde estás y deja que la silla te sostenga. Ahora no tienes que hacer nada. Nota cómo el aire entra por "
    "la nariz y cómo vuelve a salir solo, sin que hagas nada.",
    "fr": "Asseyez-vous là où vous êtes et laissez la chaise vous porter. Vous n'avez rien à faire maintenant. Sentez comment "
    "l'air entre par le nez et comment il ressort de lui-même.",
    "it": "Siediti dove sei e lascia che la sedia ti sostenga. Adesso non devi fare nulla. Senti come l'aria entra dal naso "
    "e come esce di nuovo da sola, senza che tu faccia niente.",
    "pt": "Sente-se onde você está e deixe que a cadeira o sustente. Agora não é preciso fazer nada. Note como o ar entra pelo "
    "nariz e como ele volta a sair sozinho, sem esforço.",
    "nl": "Ga zitten waar je bent en laat de stoel je dragen. Je hoeft nu niets te doen. Voel hoe de lucht door je neus naar "
    "binnen komt en hoe hij vanzelf weer naar buiten gaat.",
    "pl": "Usiądź tam, gdzie jesteś, i pozwól, żeby krzesło cię podtrzymywało. Nie musisz teraz nic robić. Poczuj, jak "
    "powietrze wpływa przez nos i jak samo z powrotem wypływa na zewnątrz.",
    "sv": "Sätt dig där du är och låt stolen bära dig. Du behöver inte göra något nu. Känn hur luften kommer in genom näsan "
    "och hur den går ut igen av sig själv, helt utan ansträngning.",
    "tr": "Olduğun yere otur ve sandalyenin seni taşımasına izin ver. Şimdi yapman gereken hiçbir şey yok. Havanın burnundan "
    "nasıl girdiğini ve kendiliğinden nasıl geri çıktığını hisset, acele etme.",
    "ru": "Сядь там, где ты сейчас, и позволь стулу держать тебя.",
    "uk": "Сядь там, де ти зараз, і дозволь стільцю тримати тебе.",
    "el": "Κάθισε εκεί που είσαι και άφησε την καρέκλα να σε κρατήσει.",
    "ja": "今いる場所に座って、椅子に身をまかせてください。",
    "zh": "坐在你现在的地方，让椅子支撑着你。",
    "ko": "지금 있는 곳에 앉아 의자에 몸을 맡기세요.",
    "ar": "اجلس حيث أنت ودع الكرسي يحملك.",
    "he": "שב במקום שבו אתה נמצא ותן לכיסא להחזיק אותך.",
    "hi": "जहाँ हो वहीं बैठ जाओ और कुर्सी को अपना भार दे दो।",
}  # fmt: skip


@pytest.mark.parametrize(("language", "text"), THIRTY.items())
def test_thirty_words_are_enough(language, text):
    assert likely_language(text) == language
    assert other_language(text, "en") == (None if language == "en" else language)
    assert other_language(text, language) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1, 2, 3 ... 🙏",
        "Om mani padme hum. " * 12,
        "Lokah samastah sukhino bhavantu. Om shanti, shanti, shanti. Hari om, so hum, sat nam. " * 3,
        "Metta. Karuna. Mudita. Upekkha. " * 10,
        "Inhale, two, three, four. Hold, two, three, four. Exhale, two, three, four. " * 4,
        "May María be safe. May José be safe. May Søren be well. May Jürgen be well. May Łukasz be free. "
        "May François be at ease. May İbrahim be kind. May Åsa be strong.",
        "Metta is Pali for kindness, and maitri is Sanskrit. Say: lokah samastah sukhino bhavantu. Om namah "
        "shivaya, om shanti, shanti, shanti. May all beings be free.",
        "Namaste, Maria. Merci, Jean-Luc. Danke, Jürgen. Grazie, Giulia. Obrigado, João. Thank you all.",
        "May I be safe. 愛. May I be well.",
    ],
)
def test_names_mantras_and_short_english_are_no_other_language(text):
    assert other_language(text, "en") is None


def test_neighbours_of_the_known_languages_are_not_told_that_they_are_those():
    danish = (
        "Jeg sidder her og mærker kroppen mod gulvet, og det er helt i orden at stoppe når som helst i dag."
    )
    assert other_language(danish, "da") is None
    assert other_language(danish, "en") == "da"
    catalan = (
        "Seu on et sentis bé i deixa que la cadira t'aguanti. Ara no has de fer res. Nota com l'aire entra pel nas "
        "i com torna a sortir tot sol, perquè això ja és suficient. Cap pensament no és dolent; els deixo passar."
    )
    assert other_language(catalan, "en") in {UNKNOWN, None}
