"""The embedded voice's audio for simulations, kept by what it was made of.

An entry's name is the hash of everything that its bytes follow from: this format's version, the engine's, voice,
locale, speed and text. What is missing is made in a process that has said nothing before, so that the same text gives
the same bytes whoever asks first. Entries are written whole or not at all; all of them may be deleted at any time.
"""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from threading import Timer

import numpy as np

from ivr.caches import caches
from ivr.errors import SpeechBroken, SpeechError
from ivr.media.linear import from_int16, to_int16
from ivr.media.samples import Samples
from ivr.speech.espeak.pool import EspeakVoice, absorb, worker_command, worker_environment
from ivr.speech.espeak.protocol import Kind, RecordDecoder, Speak, encode_request, unpack_hello
from ivr.speech.espeak.utterance import Utterance
from ivr.speech.synthesizer import SpeechChunk, SpeechRequest, WordTiming
from ivr.testing.voices import ScriptedVoice, SpeechScript

VERSION = 1
"""Of the entries; raised when what is in them changes its meaning."""
LIMIT = 256 * 1024 * 1024
"""Bytes, about an hour and a half of speech; above it what was not used for longest goes."""
PATIENCE = 30.0
"""Seconds that one rendering may take."""


@dataclass(frozen=True, slots=True, eq=False)
class Spoken:
    """The audio of one request."""

    samples: Samples
    rate: int
    words: tuple[WordTiming, ...]


def usual_place(environment: Mapping[str, str]) -> Path:
    """See ``ivr.caches``."""
    return caches(environment) / "speech"


class SpeechStore:
    """A directory of entries. Several processes may use one at once."""

    def __init__(self, root: Path, limit: int = LIMIT) -> None:
        """Nothing is made of ``root`` yet. Raises ``MissingExtra`` without the embedded voice."""
        self.engine = EspeakVoice(1).name
        """Name and version of the voice, as in keys."""
        self._root = root
        self._limit = limit

    def key(self, request: SpeechRequest) -> str:
        """The name of a request's entry."""
        parts = (VERSION, self.engine, request.voice, request.locale, request.speed, request.text)
        return sha256(json.dumps(parts).encode("ascii")).hexdigest()

    def speech(self, request: SpeechRequest) -> Spoken:
        """The audio of ``request``, from its entry, or made and kept now.

        An entry that is not whole is made again. Raises ``SpeechError`` where the voice refuses or fails, and
        ``OSError`` where the directory cannot be written.
        """
        path = self._path(request)
        with suppress(OSError, ValueError, KeyError, TypeError):
            spoken = _read(path.read_bytes())
            os.utime(path)
            return spoken
        data = _written(render(request))
        path.parent.mkdir(parents=True, exist_ok=True)
        _put(path, data)
        self.prune()
        return _read(data)

    def prune(self) -> None:
        """Delete entries, longest unused first, until the rest is within the limit."""
        entries: list[tuple[float, int, Path]] = []
        for path in self._root.glob("*/*.speech"):
            with suppress(FileNotFoundError):
                seen = path.stat()
                entries.append((seen.st_mtime, seen.st_size, path))
        size = sum(each for _, each, _ in entries)
        for _, each, path in sorted(entries):
            if size <= self._limit:
                return
            path.unlink(missing_ok=True)
            size -= each

    def _path(self, request: SpeechRequest) -> Path:
        key = self.key(request)
        return self._root / key[:2] / f"{key}.speech"


def stored_voice(store: SpeechStore, like: ScriptedVoice | None = None) -> SpeechScript:
    """A voice with the audio of ``store`` and with latencies and faults ``like`` a script's."""
    script = like if like is not None else ScriptedVoice()
    kept: dict[str, Spoken] = {}

    def voice(request: SpeechRequest, attempt: int) -> Iterator[tuple[float, SpeechChunk | SpeechError | None]]:
        key = store.key(request)
        try:
            spoken = kept[key] if key in kept else store.speech(request)
        except SpeechError as error:
            yield script.first_audio, error
            return
        if len(kept) >= 256:
            kept.clear()
        kept[key] = spoken
        heard = replace(script, speak=lambda text: (spoken.samples, spoken.rate))
        position = 0
        for delay, part in heard(request, attempt):
            if isinstance(part, SpeechChunk):
                until = position + len(part.samples)
                part = replace(part, words=tuple(word for word in spoken.words if position <= word.sample < until))
                position = until
            yield delay, part

    return voice


@dataclass(frozen=True)
class StoredSpeaker:
    """Says a project's live words from ``store``, as its embedded voice would."""

    store: SpeechStore
    foreign: bool = False
    """The project is spoken by another provider, whose names of voices mean nothing here."""

    @property
    def provider(self) -> str:
        """Whom a plan names as its voice; its gain is that of this voice."""
        return self.store.engine

    def voice(self, like: ScriptedVoice) -> SpeechScript:
        """With latencies and faults ``like`` a script's."""
        said = stored_voice(self.store, like)
        return (lambda request, attempt: said(replace(request, voice=""), attempt)) if self.foreign else said


def render(request: SpeechRequest) -> Spoken:
    """Have a fresh process say it. Raises ``SpeechError``."""
    with subprocess.Popen(
        worker_command(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=worker_environment(os.environ),
    ) as process:
        overdue = Timer(PATIENCE, process.kill)
        overdue.start()
        try:
            return _said(process, request)
        finally:
            overdue.cancel()
            process.kill()


def _said(process: subprocess.Popen[bytes], request: SpeechRequest) -> Spoken:
    assert process.stdin is not None and process.stdout is not None
    chunks: list[SpeechChunk] = []
    utterance: Utterance | None = None
    decoder = RecordDecoder()
    while data := os.read(process.stdout.fileno(), 1 << 16):
        for record in decoder.feed(data):
            if utterance is None:
                utterance = Utterance(unpack_hello(record.payload).rate)
                process.stdin.write(
                    encode_request(Speak(1, request.text, request.voice, request.locale, request.speed))
                )
                process.stdin.flush()
                continue
            chunks += absorb(utterance, record)
            if record.kind is Kind.END:
                words = tuple(word for chunk in chunks for word in chunk.words)
                return Spoken(np.concatenate([chunk.samples for chunk in chunks]), chunks[0].rate, words)
    raise SpeechBroken(f"the embedded voice's worker ended, or was ended after {PATIENCE:g} s, before it had spoken")


def _written(spoken: Spoken) -> bytes:
    """A line of JSON, and signed 16-bit little-endian samples."""
    sound = to_int16(spoken.samples).astype("<i2").tobytes()
    words = [(word.sample, word.offset, word.length) for word in spoken.words]
    head = {"version": VERSION, "rate": spoken.rate, "words": words, "sha256": sha256(sound).hexdigest()}
    return json.dumps(head).encode("ascii") + b"\n" + sound


def _read(data: bytes) -> Spoken:
    """Raises ``ValueError``, ``KeyError`` or ``TypeError`` for what ``_written`` has not written, or not whole."""
    line, _, sound = data.partition(b"\n")
    head = json.loads(line)
    if head["version"] != VERSION or head["sha256"] != sha256(sound).hexdigest():
        raise ValueError("an entry that is not whole")
    samples = from_int16(np.frombuffer(sound, dtype="<i2"))
    samples.flags.writeable = False
    return Spoken(samples, int(head["rate"]), tuple(WordTiming(*word) for word in head["words"]))


def _put(path: Path, data: bytes) -> None:
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".new-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        os.replace(name, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(name)
        raise
