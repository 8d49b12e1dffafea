"""A plan's matrix: every track in every language, length, voice and reading, as one person hears it or everybody."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from kindvoice.build.context import default_publication, default_sound, script_folders, voice_folders
from kindvoice.build.request import Request
from kindvoice.errors import SettingsError, VoiceError, terminal
from kindvoice.languages import language_name, nearest_tag, primary
from kindvoice.model import Voice, Where
from kindvoice.paths import expanded, is_file
from kindvoice.plan.model import Plan, PlanOptions, PlanTrack, Variant, in_language, variants
from kindvoice.plan.participant import Participant
from kindvoice.plan.scripts import Scripts, usual_title
from kindvoice.script.load import script_language
from kindvoice.script.version import Version
from kindvoice.settings import Settings
from kindvoice.sound.presets import all_presets, find_preset
from kindvoice.speech.voices import choose
from kindvoice.units import format_ms


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One recording but for whose words it speaks."""

    track: PlanTrack
    language: str
    voice: str | None
    variant: Variant
    title: str
    lasts_ms: int | None
    """as asked for, else as the script says"""
    id: str
    """of an item, but for its participant"""
    request: Request
    """without anybody's words, and not yet named"""


def _slug(text: str) -> str:
    """
    >>> _slug("Morning talk (2)"), _slug("…")
    ('morning-talk-2', 'script')
    """
    return re.sub(r"[^\w]+", "-", text).strip("-").casefold() or "script"


def _bed(name: str | None) -> str | None:
    """A sound file that the settings name is seen from where the user stands, and a worker may stand elsewhere."""
    path = expanded(name or "")
    return str(path.absolute()) if is_file(path) else name


class Cells:
    """Makes the recordings of a plan's tracks, and gathers what is missing."""

    def __init__(self, plan: Plan, output: Path, settings: Settings, voices: Mapping[str, Voice]) -> None:
        self.missing: dict[str, dict[str, None]] = {}
        """languages by the practice that is not there in them"""
        self.plain: dict[str, dict[str, None]] = {}
        """by an audience that was asked for, the practices that have no words of their own for it"""
        self.notes: dict[str, None] = {}
        self._plan = plan
        self._output = output
        self._settings = settings
        self._voices = voices
        self._presets = all_presets(settings.presets)
        self._scripts = Scripts(script_folders(settings))
        self._folders = tuple(folder.absolute() for folder in voice_folders(settings))
        self._language_of = cache(script_language)
        self._made: dict[tuple[object, ...], tuple[Cell, ...]] = {}

    def of(self, track: PlanTrack, person: Participant | None) -> tuple[Cell, ...]:
        """The recordings of a track that somebody gets; for people of whom the same is asked they are made once."""
        languages = self._languages(track, person)
        wishes = (person.length_ms, person.voice, person.gentle, person.audience) if person else ()
        key = (track.number, languages, *wishes)
        if key not in self._made:
            self._made[key] = tuple(self._make(track, languages, person))
        return self._made[key]

    def _languages(self, track: PlanTrack, person: Participant | None) -> tuple[str | None, ...]:
        """The languages of a track, or the one that somebody hears it in; (None,): as the script says."""
        of_track = track.options.languages
        languages = of_track or self._plan.options.languages or ()
        if person is None:
            return languages or (None,)
        if person.language is not None and self._has(track, person):
            near = nearest_tag(person.language, languages)
            if of_track and near is None:
                return ()  # the track is not for them
            return (near if near is not None and "-" not in person.language else person.language,)
        if len(languages) > 1:
            which = f"it is not said which of them {person.id} hears"
            if person.language is not None:
                which = f"none of them is {language_name(person.language)}, as the phrases of {person.id} are"
            raise SettingsError(
                f"the plan has several languages ({', '.join(languages)}), and {which}", where=person.where,
                cure="give them one in the column `language`",
            )  # fmt: skip
        return languages or (None,)

    def _has(self, track: PlanTrack, person: Participant) -> bool:
        """Whether the plan has the language that somebody's phrases tell; what they say themselves counts anyway."""
        tag = person.language or ""
        if not person.recognised:
            return True
        options = (self._plan.options, *(each.options for each in self._plan.tracks))
        languages = [language for each in options for language in each.languages or ()]
        if not languages and track.script is None:
            there = self._scripts.practice(track.practice, tag, track.where) is not None
        elif not languages and "{language}" not in str(track.script):
            there = nearest_tag(tag, [self._language_of(Path(str(track.script)))]) is not None
        elif not languages:
            there = is_file(Path(str(track.script).replace("{language}", tag)))
        else:
            there = nearest_tag(tag, languages) is not None
        if there:
            return True
        name = language_name(tag)
        self.notes[
            f"{person.where}: the phrases of {person.id} are in {name}, and the plan has no scripts in {name}: they "
            "are spoken as if they were in the script's language"
        ] = None
        return False

    def _make(
        self, track: PlanTrack, languages: tuple[str | None, ...], person: Participant | None
    ) -> Iterator[Cell]:
        plan, of_track = self._plan.options, track.options
        listener = person if person is not None else Participant(id="", where=track.where)
        theirs = PlanOptions(
            gentle=None if listener.gentle is None else (listener.gentle,),
            audiences=None if listener.audience is None else (listener.audience,),
        )
        readings = variants([plan, of_track, theirs])
        lengths = (listener.length_ms,) if listener.length_ms else of_track.lengths or plan.lengths or (None,)
        for tag in languages:
            script = self._script(track, tag)
            if script is None:
                continue
            facts = self._scripts.facts(script)
            spoken = self._spoken(track, script, facts, tag)
            voices = self._voices_of(track, spoken, listener)
            for length, voice, variant in itertools.product(lengths, voices, readings):
                yield self._cell(track, spoken, script, facts, length, voice, variant)

    def _cell(
        self, track: PlanTrack, language: str, script: Path, facts: Mapping[str, Any], length: int | None,
        voice: str | None, variant: Variant,
    ) -> Cell:  # fmt: skip
        lasts = length if length is not None else facts.get("length")
        steps = [
            language, f"{track.number:02}-{_slug(track.slug)}", format_ms(lasts) if lasts else "", voice or "",
            variant.name if variant != Variant() else "",
        ]  # fmt: skip
        id = "/".join(step for step in steps if step)
        low, high = facts.get("range", (0, length))
        if length is not None and not low <= length <= high:
            written = f"{format_ms(low)} to {format_ms(high)}"
            self.notes[f"{id} asks for {format_ms(length)} of a script that is written for {written}"] = None
        if variant.audience not in {"everyone", *self._scripts.audiences(script)}:
            self.plain.setdefault(variant.audience, {})[track.slug] = None
        return Cell(
            track=track,
            language=language,
            voice=voice,
            variant=variant,
            title=in_language(track.titles, language) or str(facts.get("title") or usual_title(script)),
            lasts_ms=lasts,
            id=id,
            request=self._request(track, language, script, facts, length, voice, variant),
        )

    # ---------------------------------------------------------------- scripts and languages

    def _script(self, track: PlanTrack, language: str | None) -> Path | None:
        """The track's script in a language (None: the plan names none); None when there is none."""
        if track.script is None:
            script = self._scripts.practice(track.practice, language, track.where)
        else:
            script = Path(str(track.script).replace("{language}", language or "en"))
            if not is_file(script):
                script = None
        if script is None:
            self.missing.setdefault(track.slug, {})[language or "en"] = None
        return script

    def _spoken(self, track: PlanTrack, script: Path, facts: Mapping[str, Any], language: str | None) -> str:
        """The language to speak. A script that is in another one would be read out in a foreign accent."""
        says = facts.get("language")
        if language is None:
            return str(says or self._language_of(script))
        other = says is not None and primary(says) != primary(language)
        several = says is None and track.script is not None and "{language}" not in str(track.script)
        several = several and len(track.options.languages or self._plan.options.languages or ()) > 1
        if other or several:
            what = (
                f"is in {says}, and the plan asks for it in {language}"
                if other
                else "does not say its language"
            )
            raise SettingsError(
                f"{script.name} {what}", where=track.where,
                cure="give the track its own `language`, or write {language} in the path for a script of each",
            )  # fmt: skip
        return language

    # ---------------------------------------------------------------- voices

    def _voices_of(self, track: PlanTrack, language: str, person: Participant) -> tuple[str | None, ...]:
        """The voices to speak a language; None: the script's own, or the best."""
        if person.voice:
            self._check_voice(person.voice, language, person.where, private=True)
            return (person.voice,)
        for options, where in ((track.options, track.where), (self._plan.options, self._plan.where())):
            if options.voices is None:
                continue
            wanted = in_language(options.voices, language)
            if wanted is None:
                return (None,)
            speaking = wanted
            if dict(options.voices).get("") == wanted:  # for all languages, each its own
                speaking = tuple(name for name in wanted if self._speaks(name, language))
            for name in speaking:
                self._check_voice(name, language, where)
            if not speaking:
                raise SettingsError(
                    f"none of the voices {', '.join(wanted)} speaks {language}", where=where,
                    cure=f'name one for each language, such as: voices = {{{language} = "..."}}'
                    + terminal("; `kindvoice voices list` shows them"),
                )  # fmt: skip
            return speaking
        return (None,)

    def _speaks(self, name: str, language: str) -> bool:
        """Whether this voice, if there is such a one, speaks the language."""
        base = name.partition("*")[0].strip()
        try:
            choose(self._voices, base, language)
        except VoiceError:
            return base not in self._voices
        return True

    def _check_voice(self, name: str, language: str, where: Where, *, private: bool = False) -> None:
        try:
            choose(self._voices, name, language)
        except VoiceError as error:
            what = "the voice cannot be used" if private else error.what
            raise VoiceError(what, where=where, cure=error.cure) from None

    # ---------------------------------------------------------------- requests

    def _request(
        self, track: PlanTrack, language: str, script: Path, facts: Mapping[str, Any], length_ms: int | None,
        voice: str | None, variant: Variant,
    ) -> Request:  # fmt: skip
        plan, of_track, settings = self._plan.options, track.options, self._settings
        preset = of_track.preset or plan.preset
        if preset is not None:
            try:
                find_preset(preset, self._presets)
            except SettingsError as error:
                where = track.where if of_track.preset else self._plan.where()
                raise error.told_as(SettingsError, where=where) from None
        default_voice = settings.voice
        if default_voice is not None and not self._speaks(default_voice, language):
            default_voice = None  # the user's usual voice, and this is another language
        formats = of_track.formats or plan.formats
        captions = of_track.captions if of_track.captions is not None else plan.captions
        usual = default_publication(settings, self._output)
        return Request(
            version=Version(
                script=script.absolute(), language=language, length_ms=length_ms, gentle=variant.gentle,
                audience=variant.audience, strict=self._plan.strict, group=True,
                without=of_track.without if of_track.without is not None else plan.without or (),
                values=tuple({**dict(plan.values), **dict(of_track.values)}.items()),
            ),
            sound=replace(
                default_sound(settings), voice=voice, default_voice=default_voice, preset=preset,
                bed=of_track.bed if of_track.bed is not None else plan.bed, default_bed=_bed(settings.bed),
                landing_ms=(of_track.landing_ms if of_track.landing_ms is not None else plan.landing_ms) or 0,
                presets=settings.presets and settings.presets.absolute(), voice_folders=self._folders,
                takes=settings.takes.absolute(),
            ),
            publication=replace(
                usual, tags=self._tags(track, language, facts), cover=of_track.cover or plan.cover,
                formats=formats if formats is not None else usual.formats,
                captions=captions if captions is not None else usual.captions,
            ),
        )  # fmt: skip

    def _tags(
        self, track: PlanTrack, language: str, facts: Mapping[str, Any]
    ) -> tuple[tuple[str, str | int], ...]:
        """The album, the track's number in it, and its session as the disc."""
        plan = self._plan
        tags: dict[str, str | int] = {
            "album": in_language(plan.albums, language) or plan.title(language),
            "track": track.number,
            "tracks": len(plan.tracks),
        }
        discs = list(dict.fromkeys(each.session for each in plan.tracks))
        order = [session for session in plan.sessions if session in discs] or discs
        if track.session is not None and None not in discs and len(order) > 1:
            tags |= {"disc": order.index(track.session) + 1, "discs": len(order)}
        if plan.licence and not facts.get("licence"):
            tags["licence"] = plan.licence
        if title := in_language(track.titles, language):
            tags["title"] = title
        return tuple({**tags, **dict(plan.options.tags), **dict(track.options.tags)}.items())
