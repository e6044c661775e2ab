"""From what was spoken or recorded to the clip: trimmed, levelled, marked, written."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from ivr.errors import AudioError, BadAudioFile, Problem, ProjectError, Severity, SpeechEmpty
from ivr.media.finish import Finished, finish
from ivr.media.samples import Samples
from ivr.media.wave import write_wav
from ivr.phrases.lock import LockEntry
from ivr.pregen.cutting.fragment import Sentence, fragment
from ivr.pregen.entries import rounded, taken_up
from ivr.pregen.files.disk import replace_file
from ivr.pregen.files.mark import Mark, hash_of_words, signed
from ivr.pregen.plan import Step
from ivr.pregen.takes.taken import Take, doubts, read_take, unreadable
from ivr.project.audio.clips import Wanted, key_of, key_of_recording
from ivr.project.sources import Sources
from ivr.speech.synthesizer import SpeechChunk


def make_spoken(sources: Sources, clip: Wanted, provider: str, spoken: SpeechChunk) -> LockEntry:
    """Write what a voice said. Raises ``SpeechEmpty`` for silence, ``CutRefused`` and ``OSError``."""
    voice = sources.settings.speaker(clip.locale).name
    key = key_of(clip, sources.settings, provider)
    if clip.carrier is None:
        made = _finished(sources, spoken.samples, spoken.rate)
    else:
        sentence = Sentence(spoken.samples, spoken.rate, clip.text, clip.carrier, spoken.words)
        made = fragment(sentence, sources.settings.clip_rate or spoken.rate, sources.settings.loudness)
    if not len(made.samples):
        raise SpeechEmpty("the voice sent nothing but silence")
    return _written(sources, clip, made, _mark(made, key, "rendered", provider, voice))


def make_recorded(sources: Sources, step: Step) -> tuple[LockEntry, list[Problem]]:
    """Write what a person recorded; also what is doubtful about it. Of a fragment it is the words alone.

    It is read, hashed, listened to and finished at one go. Raises ``ProjectError`` with all that is wrong with it,
    errors first, where it cannot be used; ``AudioError`` and ``OSError``.
    """
    assert step.recording is not None
    recording, clip = step.recording.recording, step.clip
    try:
        take, sound = read_take(recording)
    except BadAudioFile as error:
        raise ProjectError([unreadable(recording, error)]) from None
    wrong = doubts(recording, sound, clip, sources)
    if wrong and wrong[0].severity is Severity.ERROR:
        raise ProjectError(wrong)
    made = _finished(sources, sound.mono, sound.rate)
    if not len(made.samples):
        raise AudioError("it holds nothing but silence")
    key = key_of_recording(take.sha256, sources.settings)
    mark = replace(_mark(made, key, "recorded", "", ""), recording=take.sha256, words=hash_of_words(clip.words))
    return _written(sources, clip, made, mark, take), wrong


def _finished(sources: Sources, samples: Samples, rate: int) -> Finished:
    return finish(samples, rate, sources.settings.clip_rate or rate, sources.settings.loudness)


def _mark(made: Finished, key: str, origin: Literal["rendered", "recorded"], provider: str, voice: str) -> Mark:
    return Mark(key, origin, provider, voice, rounded(made.loudness_before), rounded(made.loudness), rounded(made.peak))


def _written(sources: Sources, clip: Wanted, made: Finished, mark: Mark, take: Take | None = None) -> LockEntry:
    data = signed(write_wav([made.samples], made.rate), mark)
    replace_file(sources.audio / clip.file, data)
    return taken_up(clip, mark, data, take)
