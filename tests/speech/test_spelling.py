"""What is written short comes out in words, and nothing else is touched."""

# ruff: noqa: E501

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sentences import SENTENCES

from kindvoice.script.sentences import split_sentences
from kindvoice.speech.spelling import spell_out
from kindvoice.speech.spelling.words import words_of

SPELLED = {
    "en": """
        About 20 000 breaths in 5 min. Then go. | About 20000 breaths in 5 minutes. Then go.
        Rest for 1 min, 8 s or 2 hrs, approx. | Rest for 1 minute, 8 seconds or 2 hours, approximately.
        Sounds etc. come, and so on, etc. Then rest, etc. | Sounds etcetera come, and so on, etcetera. Then rest, etcetera.
        Use 4-7-8, 2-3 times, open 24/7. | Use 4 7 8, 2 to 3 times, open 24 7.
        No. 5, step no. 6, figs. 1 and 2, pp. 4–5 | Number 5, step number 6, figures 1 and 2, pages 4 to 5
        St. Francis, Mt. Fuji, on Main St. | Saint Francis, Mount Fuji, on Main St.
        You said no. A ripe fig. From 3/10 to 10/10, or 1/10 | You said no. A ripe fig. From 3 out of 10 to 10 out of 10, or 1/10
        """,
    "de": """
        Am 21.05.2026, am 21.5., vom 1. Mai bis 3. Juni | Am einundzwanzigsten Mai 2026, am einundzwanzigsten Mai, vom ersten Mai bis dritten Juni
        5.–10. Mai, vom 5.–10. Mai, vom 5. bis 10. Mai | fünfter bis zehnten Mai, vom fünften bis zehnten Mai, vom fünften bis zehnten Mai
        Dienstag, 21. Mai | Dienstag, einundzwanzigster Mai
        Der 3. Schritt, die 3. Woche, in der 3. Woche, das Ende der 3. Übung | Der dritte Schritt, die dritte Woche, in der dritten Woche, das Ende der dritten Übung
        Um 07:00 Uhr, um 7.05 Uhr, um 1:30 Uhr | Um 7 Uhr, um 7 Uhr 5, um ein Uhr 30
        Nach 1 Minute, für 1 Minute, 1.000 Mal | Nach einer Minute, für eine Minute, 1000 Mal
        Das war's usw. Danach z. B. Atem, d. h. Ruhe etc. | Das war's und so weiter. Danach zum Beispiel Atem, das heißt Ruhe et zetera.
        (u. a.), Z. B. | (unter anderem), zum Beispiel.
        Bis 21.5. Dann bis 3.6. | Bis einundzwanzigsten Mai. Dann bis dritten Juni.
        Im Mai 1998 | Im Mai neunzehnhundertachtundneunzig
        """,
    "es": """
        1 minuto, 1 hora, 21 veces, 31 días, ½ hora | un minuto, una hora, veintiuna veces, treinta y un días, media hora
        a las 19:00, a las 7:30 h, a las 19h | a las 19, a las 7:30 horas, a las 19 horas
        El 1.er día y la 3.ª vez | El primer día y la 3ª vez
        31/12/2026 y 2026-02-03 | 31 de diciembre de 2026 y 3 de febrero de 2026
        P. ej., calma & fuerza, etc. | Por ejemplo, calma y fuerza, etcétera.
        """,
    "fr": """
        1 minute, 21 heures, 71 fois, 1 jour | une minute, vingt et une heures, 71 fois, 1 jour
        à 7h05, 1h, 2 h 30, 12:00 | à 7 heures 5, une heure, 2 heures 30, 12 heures
        7h-9h | 7 heures à 9 heures
        la 1ère, le 81e, la 2nde | la première, le quatre-vingt-unième, la seconde
        0,5 s, 1,5 min, 2,5 min | 0,5 seconde, 1,5 minute, 2,5 minutes
        M. Roux, le Dr Roux, St François | Monsieur Roux, le docteur Roux, Saint François
        """,
    "it": """
        Il 1° passo gira di 90° | Il 1º passo gira di 90°
        alle 7.30 e alle 19.00 | alle 7:30 e alle 19
        1 minuto, 1 ora, 1 volta, 1 inspirazione | un minuto, un'ora, una volta, un'inspirazione
        """,
    "pt": """
        1 hora, 2 vezes, 22 semanas, 2 minutos | uma hora, duas vezes, vinte e duas semanas, 2 minutos
        das 8h-10h, 5-10h, 7h30 | das 8 horas às 10 horas, 5 a 10 horas, 7:30
        o 2o dia, a 3a vez, 1 de maio, às 14h | o 2º dia, a 3ª vez, 1º de maio, às 14 horas
        """,
    "nl": """
        de 1e, de 21ste, t/m morgen, 5 min. rust. | de eerste, de eenentwintigste, tot en met morgen, 5 minuten rust.
        Dhr. Bakker, om 7.30 uur | De heer Bakker, om 7 uur 30
        """,
    "pl": """
        o 7:30, przed 7:00, godz. 2 | o siódmej 30, przed siódmą, godzina druga
        5–10 maja | piątego do dziesiątego maja
        3 maja 2026 r. i 2026-12-21 | trzeciego maja dwa tysiące dwudziestego szóstego roku i dwudziestego pierwszego grudnia dwa tysiące dwudziestego szóstego
        1 min, 2 min, 5 min, 12 min, 22 min, 3,5 min | jedna minuta, dwie minuty, 5 minut, 12 minut, dwadzieścia dwie minuty, 3,5 minuty
        3 maja 2026 r. Potem cisza | trzeciego maja dwa tysiące dwudziestego szóstego roku. Potem cisza
        Wszystko ok. Teraz ok. 10 | Wszystko ok. Teraz około 10
        2½ minuty, ½ minuty | 2 i pół minuty, pół minuty
        """,
    "sv": """
        1 minut, 1 andetag, 31 dagar, 3,5 sek | en minut, 1 andetag, trettioen dagar, 3 komma 5 sekunder
        den 5–10 maj | den femte till tionde maj
        den 21 maj, den 2:a, kl. 19.00, t ex nu | den tjugoförsta maj, den andra, klockan 19, till exempel nu
        """,
    "tr": """
        3. adım, 21. gün, 10'uncu gün | üçüncü adım, yirmi birinci gün, onuncu gün
        Saat 7.30. Say: 3. Sonra dur. | Saat 7:30. Say: 3. Sonra dur.
        2½ dakika, ½ saat, 5-10 dk. | 2 buçuk dakika, yarım saat, 5 ila 10 dakika.
        """,
}
ROWS = [
    (language, *(part.strip() for part in line.split("|")))
    for language, lines in SPELLED.items()
    for line in lines.strip().splitlines()
]
LANGUAGES = sorted(SPELLED)


READ = Path(__file__).parents[1] / "data" / "spelling"


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_an_engine_is_given(language: str) -> None:
    """A file a language: a line as somebody writes it | its sentences as they reach the engine, with ¶ between them."""
    for line in (READ / f"{language}.txt").read_text(encoding="utf-8").splitlines():
        written, spoken = line.split(" | ")
        sentences = [spell_out(sentence, language) for sentence in split_sentences(written)]
        assert " ¶ ".join(sentences) == spoken
        assert [spell_out(sentence, language) for sentence in sentences] == sentences


@pytest.mark.parametrize(("language", "short", "spelled"), ROWS)
def test_spelled(language: str, short: str, spelled: str) -> None:
    assert spell_out(short, language) == spelled
    assert spell_out(short, f"{language}-XX") == spell_out(short, language.upper()) == spelled
    assert (
        spell_out(short.replace(" ", "\u00a0"), language).replace("\u00a0", " ") == spelled or "maj" in short
    )


VALUES = {
    "5-4-3-2-1 | 5, 4, 3, 2, 1": "en de es fr it nl pl pt sv tr",
    "x - 2 - 3 - 4. | x, 2, 3, 4.": "en de es fr it nl pl pt sv tr",
    "x – 2 – 3 – 4. | x, 2, 3, 4.": "en de es fr it nl pl pt sv tr",
    "x-2-3-4, x - 2 - 3, x | x, 2, 3, 4, x, 2, 3, x": "en de es fr it nl pl pt sv tr",
    "4-7-8, 1,2,3, 24/12 | 4 7 8, 1, 2, 3, 24 12": "en de es fr it nl pl pt sv tr",
    "1.500.000, 1,500,000 | 1500000, 1500000": "en de es fr it nl pl pt sv tr",
    "5.6.2024, 2024-06-05 | 5 June 2024, 5 June 2024": "en",
    "5.6.2024, 5.6.24, 5/6/24 | fünfter Juni 2024, fünfter Juni 24, fünfter Juni 24": "de",
    "5.6.2024-7.6.2024, 5.-7.6.2024 | fünfter Juni 2024 bis siebten Juni 2024, fünfter bis siebten Juni 2024": "de",
    "5.6.2024, 5/6/24 | 5 de junio de 2024, 5 de junio de 24": "es",
    "5.6.2024, 5/6/24 | 5 juin 2024, 5 juin 24": "fr",
    "5.6.2024, 5/6/24 | 5 giugno 2024, 5 giugno 24": "it",
    "5.6.2024, 5-6-2024 | 5 juni 2024, 5 juni 2024": "nl",
    "5.6.2024, 5/6/24 | 5 de junho de 2024, 5 de junho de 24": "pt",
    "5.6.2024, 5/6/24 | femte juni 2024, femte juni 24": "sv",
    "5.6.2024, 5/6/24 | 5 Haziran 2024, 5 Haziran 24": "tr",
    "5.6.24, 1.2.3, 192.168.1.1 | 5 point 6 point 24, 1 point 2 point 3, 192 point 168 point 1 point 1": "en",
    "1.2.3, 31.02.2026 | 1 Punkt 2 Punkt 3, 31 Punkt 02 Punkt 2026": "de",
    "2,5; 1.000,50; 1,000.50; 2.5 | 2.5; 1000.50; 1000.50; 2.5": "en",
    "2,5; 1.000,50; 1,000.50; 2.5 | 2,5; 1000,50; 1000,50; 2,5": "de es fr it nl pl pt tr",
    "3/4, 2/3, 2 1/4, 1/2, 3 1/2 | three quarters, two thirds, 2 and one quarter, one half, 3 and a half": "en",
    "3/4, 2/3, 2 1/4, 1/2, 3 1/2 | drei Viertel, zwei Drittel, 2 und ein Viertel, ein halb, dreieinhalb": "de",
    "3/4, 2/3, 2 1/4 | tres cuartos, dos tercios, 2 y un cuarto": "es",
    "3/4, 2/3, 2 1/4 | trois quarts, deux tiers, 2 et un quart": "fr",
    "3/4, 2/3, 2 1/4 | tre quarti, due terzi, 2 e un quarto": "it",
    "3/4, 2/3, 2 1/4 | drie kwart, twee derde, 2 en een kwart": "nl",
    "3/4, 2/3, 2 1/4 | trzy czwarte, dwie trzecie, 2 i jedna czwarta": "pl",
    "3/4, 2/3, 2 1/4 | três quartos, dois terços, 2 e um quarto": "pt",
    "3/4, 2/3, 2 1/4 | tre fjärdedelar, två tredjedelar, 2 och en fjärdedel": "sv",
    "3/4, 2/3, 2 1/4 | dörtte üç, üçte iki, 2 tam dörtte bir": "tr",
    "Day 3/4, 5/7 | Day 3 4, 5/7": "en",
    "Tag 3/4, 5/7, le 3/4, le 5/6 | Tag 3 4, 5 7, le 3 4, le 5 6": "de fr",
    "2*3*4, 5 × 3, 3 x 10 | 2 times 3 times 4, 5 times 3, 3 times 10": "en",
    "2*3, 5 × 3, 3x10 | 2 mal 3, 5 mal 3, 3 mal 10": "de",
    "2*3, 5 x 3 | 2 por 3, 5 por 3": "es",
    "2*3, 5 x 3 | 2 razy 3, 5 razy 3": "pl",
    "10 €, €10, €1, $5.50, £3, ¥500, R$ 10 | 10 euros, 10 euros, 1 euro, 5 dollars 50, 3 pounds, 500 yen, 10 reais": "en",
    "€29,99, 29.99 €, €3.05, €1,500, €1.500,50 | 29 euros 99, 29 euros 99, 3.05 euros, 1500 euros, 1,500 euros 50": "en",
    "£5-10, £5-£10, $5 million, A$5 | 5 to 10 pounds, 5 to 10 pounds, 5 million dollars, A$5": "en",
    "€29,99, 10 €, € 10,-, 1.500 €, 3,05 € | 29 Euro 99, 10 Euro, 10 Euro, 1500 Euro, 3,05 Euro": "de",
    "5 Mio. €, 10€, (€5), 1 $ | 5 Mio. Euro, 10 Euro, (5 Euro), 1 Dollar": "de",
    "10 €, 2 $, 29,99 £ | 10 euros, 2 dólares, 29 libras 99": "es",
    "10 €, 2 $, 29,99 £ | 10 euros, 2 dollars, 29 livres 99": "fr",
    "10 €, 2 $ | 10 euro, 2 dollari": "it",
    "10 €, 2 $ | 10 euro, 2 dollar": "nl sv",
    "10 €, 2 $, 5 £, 2 zł | 10 euro, 2 dolary, 5 funtów, 2 złote": "pl",
    "R$ 10, R$ 29,90 | 10 reais, 29 reais 90": "pt",
    "10 €, 2 ₺, 5 TL | 10 avro, 2 lira, 5 lira": "tr",
}


@pytest.mark.parametrize(
    ("language", "row"), [(tag, row) for row, tags in VALUES.items() for tag in tags.split()]
)
def test_what_stands_in_figures_keeps_its_value(language: str, row: str) -> None:
    short, spelled = row.split(" | ")
    assert spell_out(short, language) == spelled
    assert spell_out(spelled, language) == spelled


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Mark 3:16, A4, 5s, 555-1234, 05/06/2026, e.g. this, Dr. Neff, 1st, 50%"),
        (
            "de",
            "Ich zähle bis 3. Dann ruhe ich. 3:1, B12, 1 Tag, 3 Atemzüge, 50 %",
        ),
        ("es", "3 respiraciones, 1.000 veces, el 21 de mayo de 2026, 101 horas"),
        ("fr", "A. M. Roux, J.-C., 3 respirations, 20 000 fois, 3,5, M. de la Salle"),
        ("it", "90°, 3,5, 21 minuti, il 21 maggio 2026, dott., Sig."),
        ("pt", "1 minuto, 7:30, 3,5, o nº 5, um apto 2a."),
        ("nl", "1 minuut, 3,5, 20.000, 3D, nl., ca."),
        ("pl", "3 oddechy, 50 %, tzw. spokój, do 10, 3:1"),
        ("sv", "1 andetag, 12:30, 1 000, ca."),
        ("tr", "3 nefes, 1.000, Say: 3. Sonra dur, 7:30'da"),
        ("uk", "5 хв, т. д., 21.05.2026, 1 min"),
        ("ja", "5分、2026-05-21"),
        ("", "5 min"),
    ],
)
def test_what_is_not_sure_or_read_right_stays(language: str, text: str) -> None:
    assert spell_out(text, language) == text


@pytest.mark.parametrize("language", LANGUAGES)
def test_sentences_in_words_stay(language: str) -> None:
    for lines in SENTENCES.values():
        for line in lines:
            assert spell_out(line, language) == line
            assert spell_out(unicodedata.normalize("NFD", line), language) == unicodedata.normalize(
                "NFD", line
            )


SHORT = sorted({piece for _, short, _ in ROWS for piece in re.findall(r"\S+", short)})
TEXT = st.lists(
    st.sampled_from(
        [
            *SHORT,
            *[
                "1",
                "21",
                "2026",
                "000",
                "½",
                "°C",
                "min",
                "h",
                "r.",
                "-",
                "–",
                "€",
                "$",
                "/",
                "*",
                ":",
                ".",
                ",",
                "&",
                "A",
                "ñ",
            ],
        ]
    )
    | st.text(max_size=5),
    max_size=8,
).flatmap(lambda parts: st.sampled_from(["", " ", "\u00a0"]).map(lambda gap: gap.join(parts)))


@given(text=TEXT, language=st.sampled_from(LANGUAGES))
@example(text="5 min. 1 r.", language="pl")
def test_never_raises_and_twice_is_once(text: str, language: str) -> None:
    once = spell_out(text, language)
    assert spell_out(once, language) == once


WORDS_ALONE = st.characters(exclude_categories=("N", "Cs"), exclude_characters=".&/`´₀₁₂₃₄₅₆₇₈₉")


@pytest.mark.slow
@settings(max_examples=100)
@given(text=st.text(WORDS_ALONE, max_size=60), language=st.sampled_from(LANGUAGES))
def test_without_figures_dots_and_signs_only_known_short_words_change(language: str, text: str) -> None:
    words = set(re.findall(r"[\w-]+", text.casefold()))
    shorts = {short.casefold() for table in ("anywhere", "last", "inside", "titles", "numbered")
              for short in getattr(words_of(language), table)}  # fmt: skip
    if not words & shorts and " ex " not in text:
        assert spell_out(text, language) == text
