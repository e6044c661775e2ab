"""A build that is going on: what it has made, what was lost, and what it has come to at its end."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from ivr.errors import CutRefused, Problem, ProjectError, SpeechUnavailable
from ivr.phrases.lock import LockEntry, Refusal
from ivr.pregen.doubts import doubts
from ivr.pregen.files.saving import Keeper
from ivr.pregen.foresee import names, planned, provider_of
from ivr.pregen.plan import Plan, Step
from ivr.pregen.progress import Progress, Tell
from ivr.pregen.provider.asking import Asker
from ivr.pregen.provider.reasons import failure
from ivr.pregen.report import RenderReport
from ivr.pregen.twins import Twin
from ivr.project.audio.clips import delivery, key_of
from ivr.project.sources import Sources


@dataclass(slots=True)
class Build:
    """What one build has come to."""

    sources: Sources
    keeper: Keeper
    tell: Tell
    todo: Sequence[Step]
    failed: dict[str, Problem]
    twins: Mapping[str, Twin]
    """See ``ivr.pregen.twins``."""
    asker: Asker | None = None
    copied: list[str] = field(default_factory=list)
    rendered: list[str] = field(default_factory=list)
    recorded: list[str] = field(default_factory=list)
    not_asked: list[str] = field(default_factory=list)
    made_now: list[LockEntry] = field(default_factory=list)
    doubts: list[Problem] = field(default_factory=list)
    """Of recordings that were listened to, but the first of those that could not be used."""
    seconds: float = 0.0
    progress: Progress = field(init=False)

    def __post_init__(self) -> None:
        every = sum(len(step.clip.text) for step in self.todo if step.to_render and step.clip.name not in self.twins)
        self.progress = Progress(0, len(self.todo), "", False, 0, every)

    @property
    def characters(self) -> int:
        """Paid for until now."""
        return self.asker.characters if self.asker is not None else 0

    def wait(self, seconds: float) -> None:
        """Nobody is asked for so long."""
        self.tell(self.progress.waiting(seconds, self.characters))

    def stopped(self) -> None:
        """It goes on no more: what was paid until now, for clips that were under way as well."""
        self.tell(replace(self.progress, characters=self.characters))

    def made(self, step: Step, entry: LockEntry) -> None:
        """A clip stands on disk."""
        name = step.clip.name
        copied = step.recording is None and name in self.twins
        if step.recording is not None:
            self.recorded.append(name)
        elif copied:
            self.copied.append(name)
        else:
            self.rendered.append(name)
            self.seconds += entry.seconds
        self.made_now.append(entry)
        self.keeper.enter(entry, copied=copied)
        self._done(step, failed=False)

    def lost(self, step: Step, error: Exception) -> None:
        """One was not made."""
        if isinstance(error, SpeechUnavailable):
            self.not_asked.append(step.clip.name)
        if isinstance(error, ProjectError):
            self.doubts += error.problems[1:]
        if (refusal := self._refusal(step, error)) is not None:
            self.keeper.refused[step.clip.name] = refusal
        self.failed[step.clip.name] = failure(self.sources, step, error, uncut=refusal is not None)
        self._done(step, failed=True)

    def _refusal(self, step: Step, error: Exception) -> Refusal | None:
        """What the next build is to know of a fragment, so that it does not ask for it again."""
        clip, settings = step.clip, self.sources.settings
        if clip.carrier is None or step.recording is not None or self.asker is None:
            return None
        given_up = self.asker.despair.why_uncut(delivery(clip, settings), clip.carrier)
        asked = isinstance(error, CutRefused)
        if not asked and not (given_up and isinstance(error, SpeechUnavailable)):
            return None
        provider = self.asker.voice.name
        return Refusal(clip.name, key_of(clip, settings, provider), provider, str(error), asked)

    def _done(self, step: Step, *, failed: bool) -> None:
        old = self.progress
        self.progress = Progress(old.done + 1, old.total, step.clip.name, failed, self.characters, old.all_characters)
        self.tell(self.progress)

    def report(self, plan: Plan, unsaved: Iterable[Problem]) -> RenderReport:
        """At the end; ``unsaved``: what is wrong with the lock."""
        entries = [*plan.right, *self.made_now]
        blocked = {step.clip.name: step.problem for step in plan.steps if step.problem is not None}
        failed = dict(sorted({**blocked, **self.failed}.items()))
        return RenderReport(
            check=False,
            provider=provider_of(self.sources.settings, self.asker.voice if self.asker is not None else None),
            ready=names(plan, "ready"),
            rendered=tuple(sorted(self.rendered)),
            copied=tuple(sorted(self.copied)),
            recorded=tuple(sorted(self.recorded)),
            entered=names(plan, "entered"),
            orphaned=tuple(entry.file for entry in plan.orphans),
            left=plan.left,
            failed=failed,
            not_asked=tuple(sorted(self.not_asked)),
            planned=planned(self.sources, plan, self.twins),
            problems=(
                *self.sources.problems,
                *doubts(self.sources, plan, entries, failed),
                *sorted(self.doubts),
                *unsaved,
            ),
            requests=self.asker.requests if self.asker is not None else 0,
            characters=self.characters,
            seconds=round(self.seconds, 3),
        )
