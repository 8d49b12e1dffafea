"""What looks like a stage direction is found, and words that only speak of a pause are not."""

from __future__ import annotations

import pytest
from make import library, read_script

from kindvoice.errors import KindvoiceError
from kindvoice.script.directions import find_directions

SCRIPTS = sorted(entry.path for entry in library())


def listed(tmp_path, text, language="en") -> list[tuple[int, str, str]]:
    """Line, text and cure of what is found between two plain lines."""
    path = tmp_path / "a.md"
    path.write_text(
        f"---\nlanguage: {language}\n---\nSit down here.\n{text}\nAnd rest for a while.\n", "utf-8"
    )
    script = read_script(path)
    return [(d.where.line, d.text, d.better) for d in find_directions(script.cues, script.language)]


FOUND = """
    en | (pause)                        | (pause)                  | [pause 8s]
    en | Feel your hands. (pause) Rest. | (pause)                  | [pause 8s]
    en | *(pause 3 seconds)*            | (pause 3 seconds)        | [pause 3s]
    en | (long pause, about 10 seconds) | (long pause, about 10 seconds) | [pause 10s]
    en | (pause 1-2 minutes)            | (pause 1-2 minutes)      | [pause 1-2m]
    en | (Pause for 3 breaths)          | (Pause for 3 breaths)    | [pause 15s]
    en | (30 seconds)                   | (30 seconds)             | [pause 30s]
    en | PAUSE 30 SECONDS               | PAUSE 30 SECONDS         | [pause 30s]
    en | _- Pause -_                    | - Pause -                | [pause 8s]
    en | ...pause...                    | ...pause...              | [pause 8s]
    en | Breathe in ...pause... and out. | ...pause...             | [pause 8s]
    en | Long pause.                    | Long pause.              | [pause
    en | 5 minutes of silence           | 5 minutes of silence     | [pause 5m]
    en | Rest. /2s And on.              | /2s                      | [pause 2s]
    en | (softly)                       | (softly)                 | take it out
    en | *(Soft, gentle voice)*         | (Soft, gentle voice)     | take it out
    en | (Ring the bell three times)    | (Ring the bell three times) | [bell]
    en | (singing bowl)                 | (singing bowl)           | [bell]
    en | (Music fades in)               | (Music fades in)         | take it out
    en | (SFX: chime)                   | (SFX: chime)             | take it out
    en | MUSIC FADES IN                 | MUSIC FADES IN           | take it out
    en | (breathe in ... 2 ... 3 ... 4) | (breathe in ... 2 ... 3 ... 4) | take it out
    en | **Duration:** 10-12 minutes    | Duration: 10-12 minutes  | take it out
    en | Word Count: 921                | Word Count: 921          | take it out
    en | **(0:00 - 0:30)**              | (0:00 - 0:30)            | take it out
    en | 00:30 Feel your hands.         | 00:30                    | take it out
    en | #Arriving                      | #Arriving                | # Arriving
    de | (Pause)                        | (Pause)                  | [pause 8s]
    de | PAUSE                          | PAUSE                    | [pause 8s]
    de | Pause 3 Sekunden               | Pause 3 Sekunden         | [pause 3s]
    de | (3 Sekunden Stille)            | (3 Sekunden Stille)      | [pause 3s]
    de | (leise)                        | (leise)                  | take it out
    de | Dauer: 10 Minuten.             | Dauer: 10 Minuten.       | take it out
    de | (Klangschale ertönt)           | (Klangschale ertönt)     | [bell]
    es | (Pausa)                        | (Pausa)                  | [pause 8s]
    es | (Pausa de 10 segundos)         | (Pausa de 10 segundos)   | [pause 10s]
    es | Respira... pausa... respira.   | ... pausa...             | [pause 8s]
    fr | (silence de 30 secondes)       | (silence de 30 secondes) | [pause 30s]
    fr | (doucement)                    | (doucement)              | take it out
    fr | Fichier : x.mp3                | Fichier : x.mp3          | take it out
    it | (Suono della campana)          | (Suono della campana)    | [bell]
    it | (pausa di 5 secondi)           | (pausa di 5 secondi)     | [pause 5s]
    nl | (pauze 5 seconden)             | (pauze 5 seconden)       | [pause 5s]
    pl | CISZA 2 MINUTY                 | CISZA 2 MINUTY           | [pause 2m]
    pl | (pauza)                        | (pauza)                  | [pause 8s]
    pt | (silêncio)                     | (silêncio)               | [pause 8s]
    pt | Duração: 10 minutos            | Duração: 10 minutos      | take it out
    sv | Paus i 10 sekunder             | Paus i 10 sekunder       | [pause 10s]
    tr | (5 saniye)                     | (5 saniye)               | [pause 5s]
    tr | (duraklama)                    | (duraklama)              | [pause 8s]
    ja | (pause)                        | (pause)                  | [pause 8s]
"""


@pytest.mark.parametrize(
    ("language", "line", "text", "better"),
    [[part.strip() for part in row.split("|")] for row in FOUND.strip().splitlines()],
)
def test_found_with_its_line_and_the_way_to_write_it(tmp_path, language, line, text, better):
    ((at, found, cure),) = listed(tmp_path, line, language)
    assert (at, found) == (5, text)
    assert better in cure


@pytest.mark.parametrize(
    ("language", "line"),
    [
        ("en", "You might pause here, or (if you like) go on."),
        ("en", "Pause, and feel your feet."),
        ("en", "The bell may ring (or not). The music begins."),
        ("en", "There is silence (and sound). In silence. Silence."),
        ("en", "There are 30 seconds of silence now."),
        ("en", "(You can stop at any time.) For your friend(s)."),
        ("en", "At 7:00 the sun rises, and by 10:30 it is warm."),
        ("en", "Duration matters. A voice: kind and warm."),
        ("en", "Breathe. Slowly. Gently. Breathe in. One minute. Rest... silence... rest."),
        ("en", "#MeToo matters."),
        ("en", "I AM HERE. OM SHANTI."),
        ("de", "Die Stille. Eine Pause tut gut (oder nicht)."),
        ("es", "Una pausa breve hace bien (si quieres)."),
        ("tr", "Bir ara ver."),
    ],
)
def test_what_is_meant_to_be_spoken_is_not_listed(tmp_path, language, line):
    assert listed(tmp_path, line, language) == []


@pytest.mark.slow
@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_no_script_of_the_library_has_any(path):
    for minutes in (10, 30):
        for gentle in (False, True):
            try:
                script = read_script(path, length_ms=minutes * 60_000, gentle=gentle)
            except KindvoiceError:
                continue  # not in its range
            assert list(find_directions(script.cues, script.language)) == []
