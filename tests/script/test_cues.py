"""Every form of a cue, and what is said about one that is not understood."""

from __future__ import annotations

import re

import pytest
from script.seen import drawn, parsed, refused

from kindvoice.errors import ScriptError
from kindvoice.model import Bell, Where
from kindvoice.script.cues import EXAMPLES, MAX_MS, format_cue, parse_cue

FORMS = r"""
    [pause 8s]                      [pause 8s]
    *[Pause 8 seconds]*             [pause 8s]
    **[pause]**                     [pause]
    ***[Pause]***                   [pause]
    _[pause 5s]_                    [pause 5s]
    [PAUSE:8]                       [pause 8s]
    [pause=8]                       [pause 8s]
    [8s]                            [pause 8s]
    [8 s.]                          [pause 8s]
    [8-second pause]                [pause 8s]
    [8 seconds of silence]          [pause 8s]
    [pause for 30 seconds]          [pause 30s]
    [pause for about 30 seconds]    [pause 30s]
    [Pause of 10 sec.]              [pause 10s]
    [pause - 8s]                    [pause 8s]
    [pause – 8s]                    [pause 8s]
    [pause…]                        [pause]
    [... pause ...]                 [pause]
    [pause 8-10 sec]                [pause 9s min 8s max 10s]
    [pause 8s to 10s]               [pause 9s min 8s max 10s]
    [30-60 seconds]                 [pause 45s min 30s max 1m]
    [pause 1–2 minutes]             [pause 1m30s min 1m max 2m]
    [1 min]                         [pause 1m]
    [1 minute 30 seconds]           [pause 1m30s]
    [1m30s]                         [pause 1m30s]
    [1:30]                          [pause 1m30s]
    [half a minute]                 [pause 30s]
    [pause for a minute]            [pause 1m]
    [one-minute pause]              [pause 1m]
    [two minutes of silence]        [pause 2m]
    [pause for forty-five seconds]  [pause 45s]
    [Silence - 2 min]               [pause 2m]
    [silence 2m]                    [pause 2m]
    [silence]                       [pause]
    [pause, 5s]                     [pause 5s]
    [pause .5s]                     [pause 500ms]
    [pause 1,5 s]                   [pause 1.5s]
    [pause 1234ms]                  [pause 1.234s]
    [pause 180s]                    [pause 3m]
    [pause 0s]                      [pause 0s]
    [short pause]                   [short pause]
    [Brief Pause.]                  [short pause]
    [a long pause]                  [long pause]
    [pause long]                    [long pause]
    [pause: short]                  [short pause]
    [long pause 20s]                [pause 20s]
    [medium pause]                  [pause]
    [pause 8s min 5s max 20s]       [pause 8s min 5s max 20s]
    [pause 8s, min 5, max 20]       [pause 8s min 5s max 20s]
    [pause 8s max 20s]              [pause 8s max 20s]
    [pause - 8s]                    [pause 8s]
    [pause ½ minute]                [pause 30s]
    [pause 1½ minutes]              [pause 1m30s]
    [pause ２s]                     [pause 2s]
    [hold 4s]                       [hold 4s]
    [Hold for 4 seconds]            [hold 4s]
    [4s hold]                       [hold 4s]
    [bell]                          [bell]
    [Bell.]                         [bell]
    [Ring the bell]                 [bell]
    [bell rings]                    [bell]
    [bell x3]                       [bell x3]
    [bell × 3]                      [bell x3]
    [bell 3 times]                  [bell x3]
    [bell three times]              [bell x3]
    [Bell rings three times]        [bell x3]
    [3 bells]                       [bell x3]
    [two low bells]                 [bell low x2]
    [bell low]                      [bell low]
    [low bell]                      [bell low]
    [bell: low, x3, every 7s]       [bell low x3 every 7s]
    [bell low x3 every 1 minute and 5 seconds]  [bell low x3 every 1m5s]
    [bell mid]                      [bell]
    [bell no wait]                  [bell no wait]
    [bell, without waiting]         [bell no wait]
    [bell -6dB]                     [bell -6dB]
    [bell −6 dB]                    [bell -6dB]
    [bell "my bowl.wav"]            [bell "my bowl.wav"]
    [bell “my bowl.wav”]            [bell "my bowl.wav"]
    [bell "take 5-second, one minute x3.wav"]   [bell "take 5-second, one minute x3.wav"]
    [bell Sounds/Bowl.WAV x2]       [bell "Sounds/Bowl.WAV" x2]
    [bed rain]                      [bed rain]
    [Bed: Rain -3dB]                [bed rain -3dB]
    [bed rain - 3dB]                [bed rain -3dB]
    [bed off]                       [bed off]
    [bed none]                      [bed off]
    [bed "off"]                     [bed "off"]
    [breathe in 4s out 6s x5]       [breathe in 4s out 6s x5]
    [Breathe in 4 out 6]            [breathe in 4s out 6s]
    [breathe: in 4s, hold 2s, out 6s, 5 times]    [breathe in 4s hold 2s out 6s x5]
    [breathe in for 4 seconds and out for 6 seconds, five breaths]   [breathe in 4s out 6s x5]
    [breathe inhale 4s exhale 6s silently]      [breathe in 4s out 6s silent]
    [voice anna]                    [voice anna]
    [Voice: Anna-2]                 [voice Anna-2]
    [voice heart*0.9]               [voice heart*0.9]
    [voice es]                      [voice es]
    [voice pt-BR]                   [voice pt-BR]
    [speaker system en-GB]          [voice system en-GB]
    [voice "one"]                   [voice one]
    [VOICE OFF]                     [voice off]
    [voice end]                     [voice off]
    <break time="8s"/>              [pause 8s]
    <break time='800ms' />          [pause 800ms]
    <break time="1.5s"></break>     [pause 1.5s]
    <break time="+2s"/>             [pause 2s]
    <break time=“8s”/>              [pause 8s]
    <break time=8s/>                [pause 8s]
    <BREAK TIME="8s">               [pause 8s]
    <break strength="strong"/>      [pause 2s]
    <break strength="none"/>        [pause 0s]
    <break/>                        [pause 1s]
    (…)                             '(…)'
    (pause)                         [pause]
    [Paus]                          [pause]
    [[pause 5s]]                    [pause 5s]
    [bel]                           [bell]
    [bell 3]                        [bell x3]
    [pause\n8s]                     [pause 8s]
    \[pause 8s\]                    '[pause 8s]'
    \<break time="8s"/\>            '<break time="8s"/>'
"""


@pytest.mark.parametrize(
    ("written", "meant"), [re.split(r"  +", line.strip()) for line in FORMS.strip().splitlines()]
)
def test_every_form(written, meant):
    assert drawn(parsed(written.replace(r"\n", "\n"))) == meant


@pytest.mark.parametrize("example", EXAMPLES)
def test_the_examples_that_errors_show_are_as_they_are_written_back(example):
    again = format_cue(parse_cue(example[1:-1], Where(path="", line=1)))
    assert again == {"[silence 2m]": "[pause 2m]"}.get(example, example)


NOT_UNDERSTOOD = r"""
    [pasue 8s]              | unknown cue [pasue 8s]                      | did you mean [pause 8s]?
    [shrot pause]           | unknown cue [shrot pause]                   | did you mean [short pause]?
    [8]                     | unknown cue [8]                             | a pause is written [pause 8s]
    []                      | unknown cue []                              | write \[
    [x]                     | unknown cue [x]                             | write \[
    [pause 1,500ms]         | unknown cue [pause 1,500ms]                 | [pause 8s]
    [pause soon]            | unknown cue [pause soon]                    | [pause 8s]
    [pause -5s]             | [pause -5s]: no length is below zero        | [pause 8s]
    [silence: −2m]          | [silence: −2m]: no length is below zero     | [pause 8s]
    [hold –4s]              | [hold –4s]: no length is below zero         | [hold 4s]
    [-5s]                   | [-5s]: no length is below zero              | [pause 8s]
    [pause 5s min -2s]      | no length is below zero                     | [pause 8s]
    [pause NaN]             | unknown cue [pause NaN]                     | [pause 8s]
    [pause 1e9]             | unknown cue [pause 1e9]                     | [pause 8s]
    [bell x-3]              | 'x-3' is not understood here                | [bell x3]
    [bell x2.5]             | 'x2.5' is not understood here               | [bell x3]
    [breathe in -4s out 6s] | 'in' is not understood here                 | [breathe in 4s
    [hold]                  | unknown cue [hold]                          | [hold 8s]
    [pause 9999999h]        | has no length that can be used              | such as 8s
    [pause 10-8s]           | runs backwards                              | shorter length first
    [pause 8s min 9s]       | not between its min and max                 | [pause 8s min 5s max 20s]
    [bell low high]         | 'high' is not understood here               | [bell low]
    [bell x0]               | a bell rings 1 to 108 times, not 0          |
    [bell x9999]            | a bell rings 1 to 108 times, not 9999       |
    [bell +40dB]            | a level goes from -40dB to +12dB            |
    [bell in 4s]            | 'in 4s' is not understood here              |
    [bed]                   | names no bed                                | [bed rain]
    [bed rain x3]           | 'x3' is not understood here                 |
    [voice]                 | names no voice                              | [voice heart]
    [voice anna and bea]    | names no voice                              | [voice off]
    [vocie anna]            | unknown cue [vocie anna]                    | did you mean [voice anna]?
    [breathe in 4s]         | is not a whole breath                       |
    [breathe in 0s out 6s]  | is not a whole breath                       |
    [breathe in 4s out 6s sideways] | 'sideways' is not understood here   |
    <break time="8"/>       | has no length that can be used              | <break time="8s"/>
    <break time=""/>        | has no length that can be used              |
    <break tme="8s"/>       | is not understood                           | <break time="8s"/>
    <break 8s/>             | is not understood                           |
    <break strength="huge"/> | no strength 'huge'                         | did you mean
    <speak>                 | unknown element <speak>                     | write \<
    Rest [pause 8s          | a [ is never closed                         | write \[
    Rest pause 8s]          | a ] closes nothing                          | write \]
    [pause 8s]]             | a ] closes nothing                          |
    Rest <!-- soon          | a comment is never closed                   | -->
"""


@pytest.mark.parametrize(
    ("written", "what", "cure"),
    [[part.strip() for part in line.split(" | ")] for line in (NOT_UNDERSTOOD + " ").replace("|\n", "| \n").splitlines()
     if line.strip()],
)  # fmt: skip
def test_what_is_not_understood_is_never_spoken(written, what, cure):
    message = refused(parsed, "Be still.\n" + written.replace(r"\n", "\n"))
    assert message.startswith("a.md:1: ")
    assert what in message.splitlines()[0]
    assert cure in message


def test_a_number_that_no_computer_likes_is_a_clear_error():
    many = "9" * 5_000
    for inside in (f"pause {many}", f"bell every {many}", f"{many} bells", f"bell +{many}dB", f"<{many}>"):
        with pytest.raises(ScriptError):
            parse_cue(inside, Where(path="a.md", line=1))


def test_the_longest_pause():
    assert parse_cue("pause 24h", Where(path="", line=1)).natural_ms == MAX_MS


def test_a_cue_knows_its_place():
    where = Where(path="a.md", line=7)
    assert parse_cue("bell", where).where == where
    assert parse_cue("bell", where) == Bell()
