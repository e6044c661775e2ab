"""Which clips a build is about."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from ivr.catalog.mistakes import listing, meant
from ivr.errors import ConfigError
from ivr.project.audio.clips import Wanted
from ivr.project.settings.settings import Settings


@dataclass(frozen=True, slots=True)
class Choice:
    """Patterns of phrases (``menu_*``) or clips (``es-US/greeting``, ``balance.2``), and names of locales and voices.

    Of each kind that is given one must fit.
    """

    phrases: Sequence[str] = ()
    locales: Sequence[str] = ()
    voices: Sequence[str] = ()
    """The provider's own names."""

    def __bool__(self) -> bool:
        """Whether it leaves anything out."""
        return bool(self.phrases or self.locales or self.voices)

    def of(self, clips: Collection[Wanted], settings: Settings) -> list[Wanted]:
        """Those that are chosen. Raises ``ConfigError`` for a pattern or name that fits no clip at all."""
        if not self:
            return list(clips)
        for pattern in self.phrases:
            if not any(_fits(clip, pattern) for clip in clips):
                known = {name for clip in clips for name in (clip.phrase, clip.name)}
                remedy = meant(pattern, known, "name phrases of prompts/phrases/, '*' stands for any")
                raise ConfigError(f"no phrase matches '{pattern}': {remedy}")
        _refuse("locale", self.locales, {clip.locale for clip in clips})
        voices = {clip.locale: settings.speaker(clip.locale).name for clip in clips}
        _refuse("voice", self.voices, set(voices.values()))
        return [
            clip
            for clip in clips
            if (not self.phrases or any(_fits(clip, pattern) for pattern in self.phrases))
            and (not self.locales or clip.locale in self.locales)
            and (not self.voices or (voices[clip.locale] in self.voices and not clip.own))
        ]


def _fits(clip: Wanted, pattern: str) -> bool:
    """A name without a pattern in it is a phrase's, all of it, or else a clip's, as reports have it."""
    return fnmatchcase(clip.phrase, pattern) or fnmatchcase(clip.name, pattern)


def _refuse(kind: str, names: Sequence[str], known: Collection[str]) -> None:
    for name in names:
        if name not in known:
            raise ConfigError(
                f"no clip is of {kind} '{name}': {meant(name, known, f'there is {listing(sorted(known))}')}"
            )


ALL = Choice()
