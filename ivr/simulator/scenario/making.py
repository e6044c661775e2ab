"""From the shape of a scenario's file to the scenario."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import tzinfo
from pathlib import Path
from typing import Any

from ivr.catalog.durations import seconds
from ivr.catalog.party import TransferOutcome
from ivr.catalog.source import Path as Place
from ivr.catalog.source import Source
from ivr.dialog.written import answered_by, value_at
from ivr.errors import BadAudioFile, Problem
from ivr.media.resample import resample
from ivr.media.samples import Samples
from ivr.media.wave import read_wav
from ivr.project.disk.files import MAX_SOUND, read_bytes
from ivr.simulator.driver import Answer
from ivr.simulator.scenario import model, shapes
from ivr.simulator.scenario import step_shapes as steps
from ivr.simulator.scenario.words import words_of
from ivr.testing.voices import ScriptedVoice, babble

SOUND = "abcdefghijklmnopqrstuvwxyz" * 4
"""What a caller who speaks for so long babbles."""
LETTER = 0.06
"""Seconds of a letter of it."""
MOST_SPEECH = 600.0
"""Seconds for which a caller speaks at the most."""
MOST_STEPS = 10_000
"""Of one call, with all turns of its loops; a call is left after half an hour."""


class Making:
    """Of one file. Mistakes that only show here are in ``problems``."""

    def __init__(self, source: Source, zone: tzinfo, functions: Mapping[str, Callable[..., Any]]) -> None:
        """``functions``: those of the project, for which answers may stand."""
        self.problems: list[Problem] = []
        self._source = source
        self._zone = zone
        self._functions = functions
        self._folder = Path(source.file).parent

    def scenario(self, shape: shapes.ScenarioShape, row: dict[str, str]) -> model.Scenario:
        """The whole; ``row`` is that of the table."""
        usual = model.Scenario("", ())
        when = shape.when
        return model.Scenario(
            name=shape.scenario or Path(self._source.file).stem,
            steps=self._all_steps(shape.steps),
            expect=self._expect(shape.expect),
            line=_line(shape),
            caller=shape.caller or usual.caller,
            called=shape.called or usual.called,
            parameters=dict(shape.parameters),
            lookups={name: tuple(self._answers(name, each)) for name, each in shape.lookups.items()},
            transfers=self._transfers(shape.transfers),
            voice=ScriptedVoice(**shape.voice.model_dump()) if shape.voice is not None else None,
            started_at=when.replace(tzinfo=when.tzinfo or self._zone) if when is not None else None,
            hangs_up=shape.hang_up,
            file=self._source.file,
            row=row,
        )

    def _steps(self, written: Sequence[object], path: Place) -> Iterator[model.Step]:
        ended: str | None = None
        for index, shape in enumerate(written):
            here = (*path, index)
            if ended is not None:
                self._wrong(here, f"the call is over after the step '{ended}'", "move this step before it")
                break
            ended = _ending(shape)
            if isinstance(shape, steps.RepeatShape) and ended is not None and shape.repeat.times > 1:
                what = f"the step '{ended}' ends the call, so that nothing is done again"
                self._wrong((*here, "repeat", "times"), what, "move it behind the loop")
            if (step := self._step(shape, here)) is not None:
                yield step

    def _all_steps(self, written: Sequence[object]) -> tuple[model.Step, ...]:
        found = tuple(self._steps(written, ("steps",)))
        if (together := model.count(found)) > MOST_STEPS:
            self._wrong(("steps",), f"with its loops it has {together:,} steps", f"keep to {MOST_STEPS:,}")
        return found

    def _step(self, shape: object, path: Place) -> model.Step | None:
        line = self._source.position(path)[0]
        match shape:
            case steps.HearShape():
                return self._hear(shape, path, line)
            case steps.WaitShape(wait=wait):
                return model.Wait(wait, line)
            case steps.PressShape(press=keys, held=held, gap=gap):
                return model.Press(keys, held, gap, line)
            case steps.SpeakShape(speak=what):
                return self._speak(what, (*path, "speak"), line)
            case steps.SilentShape(silent=times, within=within):
                return model.Silent(times, within, line)
            case steps.HangUpShape(after=after, at=at):
                if after is not None and at is not None:
                    self._wrong((*path, "at"), "it says both after and at", "keep one of them")
                return model.HangUp(after or 0.0, at, line)
            case steps.EndedShape(ended=within):
                return model.Ended(within, line)
            case steps.InterruptShape(interrupt=interruption):
                return self._interrupt(interruption, (*path, "interrupt"), line)
            case steps.XoffShape(xoff=lasts):
                return model.Xoff(lasts, line)
            case steps.RepeatShape(repeat=loop):
                return model.Repeat(loop.times, tuple(self._steps(loop.steps, (*path, "repeat", "steps"))), line)
        return None

    def _hear(self, shape: steps.HearShape, path: Place, line: int) -> model.Hear | None:
        if shape.hear is None and shape.phrase is None and shape.strategy is None:
            self._wrong(path, "nothing tells what is to be heard", "give it hear, phrase or strategy")
            return None
        if shape.hear is not None and not words_of(shape.hear):
            self._wrong((*path, "hear"), f"there is no word in '{shape.hear[:40]}'", "write words, or name a phrase")
            return None
        if shape.hear is not None and shape.phrase is not None:
            self._wrong((*path, "phrase"), "it has both hear and phrase", "make two steps of it")
        if shape.not_before > shape.within:
            what = f"it can never hold: not before {shape.not_before:g} s, and within {shape.within:g} s"
            self._wrong((*path, "not_before"), what, "make not_before less than within")
        return model.Hear(shape.hear, shape.phrase, shape.strategy, shape.within, shape.not_before, line)

    def _interrupt(self, shape: steps.InterruptionShape, path: Place, line: int) -> model.Interrupt | None:
        moments = [key for key in ("at", "after", "sent") if getattr(shape, key) is not None]
        actions = [key for key in ("press", "speak", "hang_up") if getattr(shape, key) is not None]
        if len(moments) != 1:
            self._wrong(path, f"it has {len(moments)} moments", "give it one of at, after, sent")
        if len(actions) != 1:
            self._wrong(path, f"the caller does {len(actions)} things", "give it one of press, speak, hang_up")
        wordless = shape.at is not None and not words_of(shape.at)
        if wordless:
            self._wrong((*path, "at"), f"there is no word in '{shape.at or ''}'", "write the word to interrupt at")
        if wordless or len(moments) != 1 or len(actions) != 1:
            return None
        action: model.Press | model.Speak | model.HangUp | None = model.HangUp(line=line)
        if shape.press is not None:
            action = model.Press(shape.press, shape.held, shape.gap, line)
        elif shape.speak is not None:
            action = self._speak(shape.speak, (*path, "speak"), line)
        if action is None:
            return None
        return model.Interrupt(action, shape.at, shape.after, shape.sent, shape.stops, shape.within, line)

    def _speak(self, what: str, path: Place, line: int) -> model.Speak | None:
        if not what.endswith(".wav"):
            try:
                length = seconds(what)
            except ValueError:
                self._wrong(path, f"'{what[:40]}' is no .wav file and no duration", "name a file, or write 2s")
                return None
            if not 0 < length <= MOST_SPEECH:
                self._wrong(path, f"nobody speaks for {length:g} s", f"write at most {MOST_SPEECH:g}s, more than 0")
                return None
            return model.Speak(babbled(length), 8000, f"for {length:g} s", line)
        data = read_bytes(self._folder / what, MAX_SOUND)
        if isinstance(data, Problem):
            self._wrong(path, f"{what}: {data.what}", data.remedy)
            return None
        try:
            samples, rate = read_wav(data)
        except BadAudioFile as error:
            self._wrong(path, f"{what}: {error}", "give it a 16-bit WAV file")
            return None
        return model.Speak(samples, rate, what, line)

    def _expect(self, shape: shapes.ExpectShape) -> model.Expect:
        lines = {name: self._source.position(("expect", name))[0] for name in shape.model_fields_set}
        for first, second in (("states", "never"), ("strategies", "without")):
            for both in set(getattr(shape, first)) & set(getattr(shape, second)):
                what = f"it can never hold: {both} stands below {first} too"
                self._wrong(("expect", second), what, "remove one of the two")
        return model.Expect(
            tuple(shape.states),
            tuple(shape.never),
            shape.digits,
            shape.ttfa,
            shape.dead_air,
            tuple(shape.strategies),
            tuple(shape.without),
            shape.characters,
            shape.cost,
            shape.outcome,
            lines,
        )

    def _answers(self, name: str, written: Sequence[shapes.AnswerShape]) -> Iterator[Answer]:
        hint, here = answered_by(self._functions, name), ("lookups", name)
        several = isinstance(self._source.at(here), list)
        for index, answer in enumerate(written):
            at: Place = (*here, index, "value") if several else (*here, "value")
            fails = answer.error is not None or answer.status is not None
            has = answer.text is not None or "value" in answer.model_fields_set
            if fails == has or (answer.text is not None and "value" in answer.model_fields_set):
                what = f"an answer of {name} has not exactly one of value, text, and a failure (error, status)"
                self._wrong(("lookups", name), what, "give each answer one of them")
            value = answer.text if answer.text is not None else value_at(self._source, at, hint)
            yield Answer(value, answer.delay, answer.error, answer.status)

    def _transfers(
        self, written: Sequence[shapes.TransferShape] | None
    ) -> tuple[tuple[float, TransferOutcome | str], ...] | None:
        if written is None:
            return None
        found: list[tuple[float, TransferOutcome | str]] = []
        for index, transfer in enumerate(written):
            outcome = transfer.outcome or transfer.refused
            if outcome is None or (transfer.outcome is not None and transfer.refused is not None):
                remedy = "give it one of outcome, refused"
                self._wrong(("transfers", index), "nothing, or too much, tells what comes of this transfer", remedy)
                continue
            found.append((transfer.after, outcome))
        return tuple(found)

    def _wrong(self, path: Place, what: str, remedy: str) -> None:
        self.problems.append(self._source.problem(path, what, remedy))


def _ending(shape: object) -> str | None:
    """The step by which a step ends the call; a loop does it by its last one."""
    match shape:
        case steps.HangUpShape():
            return "hang_up"
        case steps.EndedShape():
            return "ended"
        case steps.InterruptShape(interrupt=steps.InterruptionShape(hang_up=True)):
            return "interrupt"
        case steps.RepeatShape(repeat=loop):
            return _ending(loop.steps[-1])
    return None


def _line(shape: shapes.ScenarioShape) -> model.Line | None:
    """None where the file says nothing of it, so that others may."""
    if shape.network is None and "gateway" not in shape.model_fields_set:
        return None
    network = shape.network or shapes.NetworkShape()
    return model.Line(shape.gateway, network.out, network.back, network.jitter, network.loss, network.queue)


def babbled(length: float) -> Samples:
    """Something like speech for ``length`` seconds, at 8000 Hz."""
    letters = 2 + int(length / LETTER)
    text = (SOUND * (1 + letters // len(SOUND)))[:letters]
    return resample(babble(text), 22050, 8000)[: round(length * 8000)]
