"""All that calls of one project over one kind of gateway share; made once at start, so that set-up costs nothing."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ivr.call.covering import changed, covers
from ivr.call.readback import STREAMED, ReadBack, read_back
from ivr.catalog.locales import fallbacks
from ivr.catalog.party import NOBODY, Allowed
from ivr.catalog.phrase import Catalogue
from ivr.dialog.cover import Cover
from ivr.dialog.languages import begins_in
from ivr.dialog.line import Line
from ivr.errors import ConfigError
from ivr.gateways.codec import Capabilities
from ivr.listening.detector import MakeDetector
from ivr.listening.gate import USUAL, Sensitivity
from ivr.listening.webrtc import WebRtcDetector
from ivr.media.clip import Clip
from ivr.phrases.dynamic import DynamicClips
from ivr.playout.covers import Covers
from ivr.playout.live import Live, LiveSpeech
from ivr.playout.pacing import Schedule
from ivr.playout.remembered import LiveMemory
from ivr.project.project import Project

Dialog = Callable[[Line], Coroutine[Any, Any, Any]]
"""A dialog written in Python; ``Repertoire.answer`` makes one of a project's."""


@dataclass(frozen=True, slots=True)
class VoiceChoice:
    """Which voice says what is not known ahead."""

    provider: str
    name: str
    locale: str
    speed: float
    target: float
    """Loudness of everything that is said, LUFS."""
    gain: float
    """What this voice usually needs to reach it, dB; calibrated when the phrases were rendered."""
    retries: int
    """How often a synthesis that failed is asked for again."""
    model: str = ""
    style: str = ""


@dataclass(frozen=True, slots=True)
class Language:
    """What can be said in one locale, and how its lateness is covered."""

    catalogue: Catalogue
    covers: Covers | None

    @property
    def locale(self) -> str:
        """Asked for this one, a plan gives this language again."""
        return self.catalogue.locale


@dataclass(frozen=True, slots=True)
class CallPlan:
    """Immutable but for the cache of dynamic clips, which is shared on purpose."""

    capabilities: Capabilities
    dialog: Dialog
    catalogue: Catalogue
    clips: Mapping[str, Clip]
    covers: Covers | None
    schedule: Schedule
    voice: VoiceChoice
    functions: Mapping[str, Callable[..., Any]]
    dynamic: DynamicClips
    languages: Mapping[str, Language] = field(default_factory=dict)
    """By locale; that of ``catalogue`` and ``covers``, the project's own, need not be among them."""
    voices: Mapping[str, VoiceChoice] = field(default_factory=dict)
    """By the locale of a phrase; one that is not there is said by ``voice``."""
    begins_in: Callable[[Line], str] | None = None
    """The locale of a call at its beginning; None: the project's own."""
    sensitivity: Sensitivity = USUAL
    """What counts as the caller's speech."""
    detector: MakeDetector = WebRtcDetector
    read_back: ReadBack = STREAMED
    """How values are voiced, and the fragments for it."""
    allowed: Allowed = NOBODY
    """Whom calls may be transferred to."""
    memory: LiveMemory | None = field(default=None, compare=False, repr=False)
    """Of a simulation: live speech that comes alike again is not computed again."""
    wires: Wires | None = field(default=None, compare=False, repr=False)
    """The same plan over other wires; None where there is but this one."""

    def over(self, capabilities: Capabilities) -> CallPlan:
        """The same plan for what a stream turned out to be able to do; made now where it was not made before."""
        return self if self.wires is None else self.wires.plan(capabilities)

    def make_live(self, locale: str) -> Live:
        """A place for the audio of one live segment, said by the voice of that locale."""
        voice = self.voice_of(locale)
        make = LiveSpeech if self.memory is None else self.memory.live
        return make(self.capabilities.out_format, voice.target, voice.gain)

    def language(self, locale: str) -> Language:
        """What is said in ``locale``, or in what stands in for it (``ivr.catalog.locales``)."""
        own = Language(self.catalogue, self.covers)
        known = {own.locale: own, **self.languages}
        return known[fallbacks(locale, known, own.locale)[0]]

    def covers_of(self, language: Language, cover: Cover) -> Covers | None:
        """What covers lateness in that language by ``cover``; None where the project covers nothing.

        Raises ``PhraseNotFound``, ``SlotError`` and ``ClipError`` for a phrase that cannot cover anything.
        """
        return changed(language.covers, cover, language.catalogue, self.clips)

    def voice_of(self, locale: str) -> VoiceChoice:
        """Who says live words of a phrase of that locale."""
        return self.voices.get(locale, self.voice)


class Wires:
    """One project's plans, one for each set of capabilities.

    Making one works long where the clips must be resampled (see ``PhraseStore.clips``): shells make the usual ones at
    start and the others beside their calls. May be asked from several threads; what is made twice is equal.
    """

    def __init__(self, make: Callable[[Capabilities], CallPlan]) -> None:
        self._make = make
        self._plans: dict[Capabilities, CallPlan] = {}

    def at_hand(self, capabilities: Capabilities) -> CallPlan | None:
        """The plan, if it was made."""
        return self._plans.get(capabilities)

    def plan(self, capabilities: Capabilities) -> CallPlan:
        """Raises ``ClipError`` for a missing clip."""
        found = self._plans.get(capabilities)
        if found is None:
            found = self._plans[capabilities] = replace(self._make(capabilities), wires=self)
        return found


def plan_calls(
    project: Project,
    capabilities: Capabilities,
    *,
    provider: str,
    dialog: Dialog | None = None,
    dynamic: DynamicClips | None = None,
    memory: LiveMemory | None = None,
) -> CallPlan:
    """Prepare a project for one kind of gateway. ``provider`` is the ``Synthesizer.name`` that will speak.

    The plan's ``over`` gives the same for other capabilities.

    Raises ``ClipError`` for a missing clip and ``ConfigError`` for a start dialog that the project does not have.
    """
    settings = project.settings
    catalogues = {locale: project.catalogue(locale) for locale in project.catalogues}
    voices = {locale: _voice(project, provider, locale) for locale in {settings.locale, *catalogues}}
    dialog = _answering(project, dialog)
    schedule = Schedule(settings.playout.lead, settings.playout.message)

    def make(capabilities: Capabilities) -> CallPlan:
        clips = project.store.clips(capabilities.out_format)
        languages = {tag: Language(each, covers(settings.cover, each, clips)) for tag, each in catalogues.items()}
        own = languages[settings.locale]
        return CallPlan(
            capabilities,
            dialog,
            own.catalogue,
            clips,
            own.covers,
            schedule,
            voices[settings.locale],
            project.functions,
            dynamic if dynamic is not None else DynamicClips(),
            languages,
            voices,
            lambda line: begins_in(settings.choose_locale, line, catalogues, settings.locale),
            settings.listening.sensitivity(),
            read_back=read_back(settings.readback, clips, capabilities.out_format),
            allowed=Allowed.of(settings.transfer.allow),
            memory=memory,
        )

    return Wires(make).plan(capabilities)


def _answering(project: Project, dialog: Dialog | None) -> Dialog:
    """The project's start dialog, or ``dialog`` with the project's own at its hand."""
    repertoire, start = project.repertoire, project.settings.start
    if dialog is None:
        if start not in repertoire:
            names = ", ".join(sorted(project.tables)) or "none"
            raise ConfigError(f"start: no dialog '{start}' in prompts/dialogs/ or prompts/*.py; there is: {names}")
        return lambda line: repertoire.answer(start, line)

    def answer(line: Line) -> Coroutine[Any, Any, Any]:
        line.repertoire = repertoire
        return dialog(line)

    return answer


def _voice(project: Project, provider: str, locale: str) -> VoiceChoice:
    settings = project.settings
    speaker = settings.speaker(locale)
    return VoiceChoice(
        provider=provider,
        name=speaker.name,
        locale=locale,
        speed=speaker.speed,
        target=settings.loudness,
        gain=project.lock.gain(provider, speaker.name),
        retries=settings.voice.retries,
        model=speaker.model,
        style=speaker.style,
    )
