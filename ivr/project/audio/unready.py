"""What is told of clips that are not there, or not right, and what helps: the build, or what it cannot do by itself."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal as OneOf

from ivr.catalog.mistakes import listing
from ivr.errors import Problem, Severity
from ivr.phrases.lock import Lock
from ivr.project.audio.clips import State, Wanted, current
from ivr.project.audio.speakers import mute
from ivr.project.settings.settings import Settings

Help = OneOf["render", "voice", "again"]
"""The build makes it; a voice must be named before; the build could not cut it and does not ask again."""
_HOW = {"missing": "missing", "corrupt": "damaged or changed", "stale": "of another voice or other settings"}


@dataclass(frozen=True)
class Unready:
    """What is known beside a clip."""

    lock: Lock
    audio: Path
    settings: Settings
    mend: str
    """The command that builds."""

    def told(self, clips: Iterable[tuple[Wanted, State]]) -> Iterator[Problem]:
        """A problem for each, but one for all fragments of a locale with the same lack, and for all that nobody says.

        It is a warning where the voice may say what fragments cannot.
        """
        together: defaultdict[tuple[str, State, Help, bool], list[Wanted]] = defaultdict(list)
        for clip, state in clips:
            helps = self.helps(clip)
            if clip.carrier is not None or helps == "voice":
                together[clip.locale, state, helps, clip.carrier is not None].append(clip)
            else:
                yield self._one(clip, state)
        for (_, state, helps, fragments), some in together.items():
            yield self._fragments(some, state, helps) if fragments else self._unspoken(some, state)

    def helps(self, clip: Wanted) -> Help:
        """What makes ``clip``, whose file is not right."""
        if clip.own or self._recorded(clip):
            return "render"
        if mute(self.settings, clip.locale):
            return "voice"
        refusal = self.lock.refused.get(clip.name)
        refused = refusal is not None and current(refusal.key, refusal.provider, clip, self.settings, None)
        return "again" if refused else "render"

    def _one(self, clip: Wanted, state: State) -> Problem:
        what, remedy = {
            "missing": ("is missing", f"run `{self.mend}`"),
            "corrupt": ("is not the file that ivr.lock names: it is damaged or was changed", self._anew("it")),
            "stale": ("was made from other words, another voice or other settings", f"run `{self.mend}`"),
        }[state]
        if state == "missing" and clip.own:
            remedy = "put the sound there, or take it out of the catalogue"
        elif state == "corrupt" and clip.own:
            remedy = f"if you changed it, run `{self.mend}`, which enters it into the lock again"
        elif state == "stale" and clip.name not in self.lock.clips:
            what = "is not in ivr.lock"
        if self._recorded(clip):
            remedy = f"run `{self.mend}`, which makes it from its recording or tells what is wrong with that"
        return self._problem([clip], f"the clip of phrase '{clip.phrase}' {what}", remedy)

    def _unspoken(self, clips: Sequence[Wanted], state: State) -> Problem:
        are = "the clips of phrases" if len(clips) > 1 else "the clip of phrase"
        verb = "are" if len(clips) > 1 else "is"
        what = f"{are} {_phrases(clips)} {verb} {_HOW[state]}, and {mute(self.settings, clips[0].locale)}"
        return self._problem(clips, what, f"name who is to say {_them(clips)} below voice.locales, or {_record(clips)}")

    def _fragments(self, clips: Sequence[Wanted], state: State, helps: Help) -> Problem:
        """They are made together, by the hundred. Of each kind one phrase is named."""
        count, auto = len(clips), self.settings.readback.mode == "auto"
        are = f"{count} fragments are" if count > 1 else "a fragment is"
        used = f"from which values such as those of {_phrases(clips)} are read back in {clips[0].locale}"
        remedy = self._anew(_them(clips)) if state == "corrupt" else f"run `{self.mend}`"
        what = f"{are} {_HOW[state]}, {used}"
        if helps == "voice":
            what += f", and {mute(self.settings, clips[0].locale)}"
            remedy = f"name who is to say {_them(clips)} below voice.locales, or {_record(clips)}"
        elif helps == "again":
            what += f", and an earlier build could not cut {_them(clips)}"
            remedy = self.other_ways(clips)
        if auto:
            what += ": the voice says those that need them, however late it is"
        return self._problem(clips, what, remedy, Severity.WARNING if auto else Severity.ERROR)

    def _anew(self, them: str) -> str:
        """Of files in the place of clips: what somebody may have made of them the build does not write over."""
        return f"run `{self.mend}`, which makes {them} anew, or tells why not"

    def other_ways(self, clips: Sequence[Wanted]) -> str:
        """What helps with fragments that an earlier build could not cut."""
        them, live = _them(clips), self.settings.readback.without_fragments
        other = f"give {them} another voice or speed, {_record(clips)}, {live}"
        return f"{other}, or have {them} tried once more: `{self.mend} --again`"

    def _problem(self, clips: Sequence[Wanted], what: str, remedy: str, bad: Severity = Severity.ERROR) -> Problem:
        return Problem(str(self.audio / clips[0].file), 1, 1, what, remedy, code="clip", severity=bad)

    def _recorded(self, clip: Wanted) -> bool:
        return not clip.own and clip.name.casefold() in self._recordings

    @cached_property
    def _recordings(self) -> frozenset[str]:
        """The names below ``recordings/``, looked for once something is wrong."""
        top = self.audio / "recordings"
        files = (os.path.relpath(os.path.join(place, file), top) for place, _, names in os.walk(top) for file in names)
        return frozenset(os.path.splitext(file)[0].replace(os.sep, "/").casefold() for file in files)


def _phrases(clips: Sequence[Wanted]) -> str:
    return listing(f"'{phrase}'" for phrase in dict.fromkeys(clip.phrase for clip in clips))


def _them(clips: Sequence[Wanted]) -> str:
    return "them" if len(clips) > 1 else "it"


def _record(clips: Sequence[Wanted]) -> str:
    more = " and so on" if len(clips) > 1 else ""
    return f"record {_them(clips)} to audio/recordings/{clips[0].name}.wav{more}"
