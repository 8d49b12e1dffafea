"""The folder of takes: one sound file a line, and an index that pins each to the text it was read from.

Nothing here is ever overwritten. A file is named after its text's hash and its own (a line can be intimate: no
words stand in names); a line's new recording is a new file beside the old one, and the index names both, the
newer one later. Of a line's takes the last one that is sure, or that somebody has accepted, is used.
"""

from __future__ import annotations

import contextlib
import dataclasses
import difflib
import errno
import hashlib
import io
import json
import math
import re
import secrets
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from kindvoice.errors import OutputError, VoiceError, terminal
from kindvoice.model import ACCEPTED, LOOK, SURE, Take, Where
from kindvoice.store import file_sha256, sweep_aside, write_aside
from kindvoice.units import RATE, gain_to_db, ms_to_frames

if TYPE_CHECKING:
    from kindvoice.sound.wavfile import Samples
    from kindvoice.takes.cutting import Cutting, Match

KEPT, THERE, HAS_ONE = "kept", "there already", "has a take"
_INDEX = "takes.json"
_VERSION = 1
_ALIKE = 0.6
"""how alike two lines are, 0..1, when one is taken to be the other, changed"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What became of one match."""

    match: Match
    status: str
    """kept; there already (the very same sound); has a take (another one, and replacing was not asked for)"""
    take: Take
    """the line's newest take now"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stale:
    """A take whose text does not occur in the script any more."""

    take: Take
    line: str | None
    """the line that it seems to have become; None: nothing there is like it"""


class Takes:
    """A folder of takes, one folder a voice. Several processes may read and write it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def find(self, voice: str, text: str) -> Take | None:
        """The take to be used for a line, if there is one."""
        return self.for_lines(voice, [text]).get(text)

    def for_lines(self, voice: str, lines: Iterable[str]) -> dict[str, Take]:
        """The takes to be used, by the line as it is given here; lines without one are left out.

        Raises VoiceError when a take's file is gone or is not the file that was kept.
        """
        usable = {same_words(take.text): take for take in self.all(voice) if take.usable}
        if not usable:
            return {}
        used = {line: usable[key] for line in lines if (key := same_words(line)) in usable}
        for take in used.values():
            _check(take)
        return used

    def all(self, voice: str) -> tuple[Take, ...]:
        """Every take of a voice, in the order they were kept."""
        path = self._home(voice) / _INDEX
        where = Where(path=str(path), line=0)
        try:
            document = json.loads(path.read_bytes())
            if document["version"] != _VERSION:
                raise VoiceError(
                    "the index of takes is from another edition of kindvoice",
                    where=where,
                    cure="update kindvoice",
                )
            return tuple(
                Take(**{**entry, "path": path.parent / _plain_name(entry["path"])})
                for entry in document["takes"]
            )
        except FileNotFoundError:
            return ()
        except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
            raise VoiceError(
                f"the index of takes cannot be read: {error}", where=where, cure="bring it back from a backup"
            ) from None

    def newest(self, voice: str) -> dict[str, Take]:
        """Each line's newest take, usable or not, by `same_words` of its text."""
        return {same_words(take.text): take for take in self.all(voice)}

    def stale(self, voice: str, lines: Sequence[str], script: str) -> tuple[Stale, ...]:
        """The takes recorded for this script whose text does not occur in its lines, with what it has become.

        A script's shorter and longer versions have other lines: give the lines of all that matter.
        """
        known = self.newest(voice)
        current = {same_words(line): line for line in lines}
        # A line that has a take of its own has not come from another.
        free = [line for key, line in current.items() if key not in known]
        return tuple(
            Stale(take=take, line=_nearest(take.text, free))
            for key, take in known.items()
            if take.script == script and key not in current
        )

    def keep(
        self, voice: str, cutting: Cutting, *, script: str, source: str | None = None, replace: bool = False
    ) -> tuple[Kept, ...]:
        """Keeps every matched line of a recording, the ones that need a look too; nothing is overwritten.

        A line that has a take gets another only with `replace`; then both are kept, and the new one counts once
        it is sure or accepted. source: what the recording is called; None: as its file. Raises OutputError when
        the folder cannot be written.
        """
        with self.changing(voice) as takes:
            home = self._home(voice)
            newest = {same_words(take.text): take for take in takes}
            done: dict[int, Kept] = {}
            for match, samples in _cut_out(cutting):
                old = newest.get(same_words(match.text))
                data, lowered_db = _flac(samples, cutting.peak)
                digest = hashlib.sha256(data).hexdigest()
                take = _take(home, match, cutting, script, source, digest, lowered_db)
                same = old is not None and old.sha256 == take.sha256
                status = THERE if same else HAS_ONE if old is not None and not replace else KEPT
                # A file that bears this name holds these bytes, unless somebody has changed or lost it.
                if status == KEPT and _digest(take.path) not in {None, take.sha256}:
                    other = take.path.with_stem(f"{take.path.stem}-{secrets.token_hex(4)}")
                    take = dataclasses.replace(take, path=other)
                if status != HAS_ONE and not take.path.exists():
                    write_aside(take.path, data)
                if status == KEPT or old is None:
                    takes.append(take)
                    newest[same_words(take.text)] = old = take
                done[match.number] = Kept(match=match, status=status, take=old)
        return tuple(done[match.number] for match in cutting.matches)

    def accept(self, voice: str, lines: Iterable[str]) -> tuple[Take, ...]:
        """Marks each line's newest take as good, as its file is now. Raises VoiceError for a line without one."""
        accepted = []
        with self.changing(voice) as takes:
            for line in lines:
                at = [i for i, take in enumerate(takes) if same_words(take.text) == same_words(line)]
                if not at:
                    raise VoiceError(
                        f"there is no take of {line!r} in the voice {voice!r}",
                        cure=f"record it{terminal(', then use --from')}",
                    )
                digest = _digest(takes[at[-1]].path)
                if digest is None:
                    raise _gone(takes[at[-1]])
                takes[at[-1]] = replace(takes[at[-1]], verdict=ACCEPTED, sha256=digest)
                accepted.append(takes[at[-1]])
        return tuple(accepted)

    # -- the index

    def _home(self, voice: str) -> Path:
        if not voice or voice.startswith(".") or Path(voice).name != voice:
            raise VoiceError(f"{voice!r} is no voice's name")
        return self.folder / voice

    @contextlib.contextmanager
    def changing(self, voice: str) -> Iterator[list[Take]]:
        """The takes of a voice, to be changed; nobody else changes them meanwhile. Written when all went well."""
        home = self._home(voice)
        try:
            home.mkdir(parents=True, exist_ok=True)
            from filelock import FileLock

            with FileLock(home / ".lock"):
                sweep_aside(home)
                before = self.all(voice)
                takes = list(before)
                yield takes
                if tuple(takes) != before:
                    entries = [{**asdict(take), "path": take.path.name} for take in takes]
                    document = {"kindvoice": "takes", "version": _VERSION, "takes": entries}
                    text = json.dumps(document, indent=1, ensure_ascii=False) + "\n"
                    write_aside(home / _INDEX, text.encode())
        except OSError as error:
            full = "the disk is full" if error.errno == errno.ENOSPC else error.strerror or str(error)
            raise OutputError(
                f"the folder of takes {home} cannot be written: {full}",
                cure=f"free some space{terminal(', or name another folder in KINDVOICE_TAKES')}",
            ) from error


# ---------------------------------------------------------------- text

_ALIASES = str.maketrans(
    {"‘": "'", "’": "'", "ʼ": "'", "‚": "'", "“": '"', "”": '"', "„": '"', "«": '"', "»": '"'}
)


def same_words(text: str) -> str:
    """What two lines must share for a take of one to be a take of the other: all but spaces, the form of
    quotation marks, and how a letter and its accent are encoded.

    >>> same_words("Say  “I’m here…”") == same_words('Say "I\\'m here..."')
    True
    >>> same_words("May I be safe.") == same_words("May I be safe?")
    False
    """
    return " ".join(unicodedata.normalize("NFC", text).translate(_ALIASES).replace("…", "...").split())


def _nearest(text: str, lines: Sequence[str]) -> str | None:
    def alike(line: str) -> float:
        return difflib.SequenceMatcher(None, _bare(text), _bare(line), autojunk=False).ratio()

    best = max(lines, key=alike, default=None)
    return best if best is not None and alike(best) >= _ALIKE else None


def _bare(text: str) -> list[str]:
    words = re.findall(r"\w+", same_words(text).casefold())
    return words if len(words) > 1 else list("".join(words))


# ---------------------------------------------------------------- files


def _cut_out(cutting: Cutting) -> Iterator[tuple[Match, Samples]]:
    from kindvoice.takes.recording import spans  # with all that decodes

    order = sorted(cutting.matches, key=lambda match: match.start_ms)
    cuts = [(ms_to_frames(match.start_ms), ms_to_frames(match.stop_ms)) for match in order]
    return zip(order, spans(cutting.recording, cutting.channel, cuts), strict=True)


def _flac(samples: Samples, peak: float) -> tuple[bytes, float]:
    """A FLAC file's bytes, and by how many dB the sound had to be lowered.

    peak: of the whole recording. Compressed recordings can reach above full scale, which FLAC cannot; they are
    halved then, as often as it takes, which changes no sample's digits.
    """
    import numpy as np
    import soundfile

    halvings = max(math.ceil(math.log2(peak)), 0)
    whole = io.BytesIO()
    soundfile.write(whole, samples * np.float32(0.5**halvings), RATE, format="FLAC", subtype="PCM_24")
    return whole.getvalue(), -gain_to_db(0.5**halvings)


def _take(
    home: Path,
    match: Match,
    cutting: Cutting,
    script: str,
    source: str | None,
    digest: str,
    lowered_db: float,
) -> Take:
    text_hash = hashlib.sha256(same_words(match.text).encode()).hexdigest()
    return Take(
        text=match.text, path=home / f"{text_hash[:16]}-{digest[:8]}.flac", sha256=digest,
        verdict=SURE if match.verdict == SURE else LOOK, reason=match.reason, script=script,
        source=source or cutting.recording.name, start_ms=match.start_ms, stop_ms=match.stop_ms,
        speech_lufs=round(cutting.speech_lufs - lowered_db, 2), noise_db=cutting.noise_db,
    )  # fmt: skip


def _plain_name(name: str) -> str:
    """An index never leads out of its folder."""
    if Path(name).name != name:
        raise ValueError(f"{name!r} is no file's name")
    return name


def _digest(path: Path) -> str | None:
    return file_sha256(path) if path.is_file() else None


def _check(take: Take) -> None:
    digest = _digest(take.path)
    if digest is None:
        raise _gone(take)
    if digest != take.sha256:
        raise VoiceError(
            f"the take of {take.text!r} has been changed since it was kept: {take.path}",
            cure=f"hear it, and use it if it is good{terminal(': kindvoice voices takes SCRIPT --accept NUMBER')}",
        )


def _gone(take: Take) -> VoiceError:
    return VoiceError(
        f"the take of {take.text!r} is gone: {take.path}",
        cure=f"bring the file back, or record the line again{terminal(' and use --from and --replace')}",
    )
