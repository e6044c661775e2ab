"""The embedded voice as a ``Synthesizer``: worker processes, one utterance at a time in each."""

from __future__ import annotations

import asyncio
import importlib.metadata
import importlib.util
import logging
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections import deque
from collections.abc import AsyncGenerator, Coroutine, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any, TypeVar

from ivr.errors import ConfigError, MissingExtra, SpeechBroken, SpeechEmpty, SpeechError, SpeechRefused, SpeechTimeout
from ivr.speech.espeak.protocol import (
    Cancel,
    Hello,
    Kind,
    Record,
    RecordDecoder,
    Request,
    Speak,
    encode_request,
    unpack_hello,
    unpack_refused,
    unpack_words,
)
from ivr.speech.espeak.utterance import Utterance
from ivr.speech.synthesizer import SpeechChunk, SpeechRequest

_log = logging.getLogger(__name__)

_T = TypeVar("_T")

_ENGINES = {"0.2.4": "1.52"}
"""Version of the espeak-ng inside each espeakng-loader, known here because ``name`` must not change with ``warm``."""

_PASSED_ON = ("PATH", "HOME", "LANG", "LC_ALL", "LC_CTYPE", "TMPDIR", "SYSTEMROOT", "TEMP", "TMP")
"""All that a worker gets of our environment (``SYSTEMROOT``: Python does not start on Windows without it)."""

_READ = 1 << 16
_LAST_LINES = 6
_GRACE = 1.0
"""Seconds that a worker has to end by itself once its stdin is closed, before it is killed."""


def worker_command(data_path: str = "") -> tuple[str, ...]:
    """What starts a worker; ``-P`` keeps the current directory off its import path."""
    command = (sys.executable, "-P", "-m", "ivr.speech.espeak.worker")
    return (*command, data_path) if data_path else command


def worker_environment(ours: Mapping[str, str]) -> dict[str, str]:
    """What a worker needs of our environment, and our import path, so that it finds the same modules."""
    passed = {name: ours[name] for name in _PASSED_ON if name in ours}
    return {**passed, "PYTHONPATH": os.pathsep.join(path or os.getcwd() for path in sys.path)}


class _Worker:
    """One process and its pipes. Whoever holds the worker is the only one who sends and receives."""

    def __init__(self, process: Process, patience: float) -> None:
        self._process = process
        self._patience = patience
        self._decoder = RecordDecoder()
        self._records: deque[Record] = deque()
        self._reading = asyncio.Lock()
        self._said: deque[str] = deque(maxlen=_LAST_LINES)
        self._listener = asyncio.create_task(self._listen())
        self._stopping = False
        self._count = 0
        self.hello = Hello("", 0, False)

    @property
    def alive(self) -> bool:
        """The end of its output is often known before its status is."""
        assert self._process.stdout is not None
        ended = self._process.returncode is not None or self._process.stdout.at_eof()
        return not ended and not self._stopping

    async def greet(self) -> None:
        record = await self.receive()
        self.hello = unpack_hello(record.payload)

    async def speak(self, request: SpeechRequest) -> int:
        """Hand ``request`` over; the answer is its id."""
        self._count += 1
        await self._send(Speak(self._count, request.text, request.voice, request.locale, request.speed))
        return self._count

    async def settle(self) -> None:
        """Cancel what is being said and read on to its end. Raises ``SpeechError`` when that does not come in time."""
        try:
            async with asyncio.timeout(self._patience):
                await self._send(Cancel(self._count))
                while (await self.receive()).kind not in (Kind.END, Kind.REFUSED):
                    pass
        except TimeoutError:
            raise SpeechTimeout(f"the embedded voice did not stop in {self._patience:g} s") from None

    async def receive(self) -> Record:
        """The next record. Raises ``SpeechTimeout`` after ``patience`` seconds, ``SpeechBroken`` at the end."""
        while not self._records:
            try:
                async with asyncio.timeout(self._patience):
                    data = await self._read()
            except TimeoutError:
                raise SpeechTimeout(f"the embedded voice sent nothing for {self._patience:g} s") from None
            if not data or self._stopping:
                raise SpeechBroken(await self._obituary())
            self._records.extend(self._decoder.feed(data))
        return self._records.popleft()

    def kill(self) -> None:
        self._stopping = True
        with suppress(ProcessLookupError):
            self._process.kill()

    async def stop(self) -> None:
        """End the process, by its own will if it has one, and leave no pipe open."""
        self._stopping = True
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            async with asyncio.timeout(_GRACE):
                await self._last_words()
        except TimeoutError:
            self.kill()
            await self._last_words()

    async def _send(self, request: Request) -> None:
        assert self._process.stdin is not None
        try:
            async with asyncio.timeout(self._patience):
                self._process.stdin.write(encode_request(request))
                await self._process.stdin.drain()
        except TimeoutError:
            raise SpeechTimeout(f"the embedded voice took no request for {self._patience:g} s") from None
        except (ConnectionError, RuntimeError):  # uvloop: RuntimeError, for a transport that is closed
            raise SpeechBroken(await self._obituary()) from None

    async def _read(self) -> bytes:
        """At most one reader: ``stop`` must not collide with a synthesis that is waiting."""
        assert self._process.stdout is not None
        async with self._reading:
            return await self._process.stdout.read(_READ)

    async def _last_words(self) -> None:
        """Read everything to its end; a pipe with unread data would stay open after the process is gone."""
        while await self._read():
            pass
        await asyncio.wait((self._listener,))
        await self._process.wait()

    async def _obituary(self) -> str:
        with suppress(TimeoutError):
            async with asyncio.timeout(_GRACE):
                await self._last_words()
        status = self._process.returncode
        how = "closed its output" if status is None else f"ended with status {status}"
        if status is not None and status < 0:
            how = f"was killed by signal {-status}"
        said = " | ".join(self._said)
        return f"the embedded voice's worker {how}" + (f": {said}" if said else " and said nothing on stderr")

    async def _listen(self) -> None:
        """Keep the last lines of stderr for an error message, and log every one."""
        assert self._process.stderr is not None
        rest = b""
        while data := await self._process.stderr.read(_READ):
            *lines, rest = (rest + data).split(b"\n")
            self._note(lines)
            rest = rest[:_READ]
        self._note([rest])

    def _note(self, lines: Sequence[bytes]) -> None:
        for line in lines:
            if text := line.decode("utf-8", "replace").strip()[:400]:
                self._said.append(text)
                _log.warning("worker: %s", text)


class EspeakVoice:
    """espeak-ng in ``workers`` processes: as many utterances at once, the others wait in order.

    The same request gives the same samples, whatever was said before. Raises ``MissingExtra`` when made without
    espeakng-loader. Belongs to one event loop; workers start at ``warm`` or when first needed.
    """

    def __init__(
        self, workers: int = 2, *, data_path: str = "", patience: float = 5.0, command: Sequence[str] = ()
    ) -> None:
        """``data_path``: other espeak-ng-data than the installed. ``patience``: seconds without a sign of life after
        which a worker is killed. ``command``: starts another worker that speaks the same protocol.
        """
        if workers < 1:
            raise ConfigError(f"the embedded voice needs 1 worker or more, not {workers}")
        if importlib.util.find_spec("espeakng_loader") is None:
            raise MissingExtra("voice", "the embedded voice")
        self._size = workers
        self._patience = patience
        self._command = tuple(command) or worker_command(data_path)
        self._lanes = asyncio.Semaphore(workers)
        self._idle: deque[_Worker] = deque()
        self._workers: set[_Worker] = set()
        self._chores: set[asyncio.Task[Any]] = set()
        self._starting = 0
        self._closed = False

    @property
    def name(self) -> str:
        """Engine and version, such as ``espeak-ng/1.52``."""
        try:
            loader = importlib.metadata.version("espeakng-loader")
        except importlib.metadata.PackageNotFoundError:  # frozen applications carry no metadata
            return "espeak-ng"
        return f"espeak-ng/{_ENGINES.get(loader, 'loader-' + loader)}"

    async def synthesize(self, request: SpeechRequest) -> AsyncGenerator[SpeechChunk, None]:
        """Yield ``request`` in chunks of 60 ms, the first when it is made and not when the whole is.

        Raises ``SpeechRefused`` (404) for a voice or locale that espeak lacks and (400) for a speed out of its range;
        ``SpeechTimeout``, ``SpeechBroken`` and ``SpeechEmpty`` as their names say. Text without a sound, such as
        "...", is empty.
        """
        worker = await self._take()
        settled = False
        try:
            number = await worker.speak(request)
            utterance = Utterance(worker.hello.rate)
            while not settled:
                record = await worker.receive()
                if record.id != number:
                    raise SpeechBroken(f"the embedded voice's worker answered {record.id} when asked {number}")
                settled = record.kind in (Kind.END, Kind.REFUSED)
                for chunk in absorb(utterance, record):
                    yield chunk
                    self._check_open()
        except (SpeechBroken, SpeechTimeout):
            worker.kill()
            self._check_open()
            raise
        finally:
            self._give_back(worker, settled)

    async def probe(self, request: SpeechRequest) -> None:
        """Whether there is such a voice, language and speed at all, whatever the text. Raises as ``synthesize``."""
        async for _ in self.synthesize(replace(request, text="a")):
            pass

    async def warm(self) -> None:
        """Start all workers. Raises ``SpeechBroken`` with the worker's own words when one cannot start."""
        results = await asyncio.gather(*(self._add() for _ in range(self._size)), return_exceptions=True)
        for result in results:
            if result is not None:
                raise result

    async def aclose(self) -> None:
        """Stop all workers; what they are saying, and whoever waits for one, ends with ``SpeechBroken``."""
        self._closed = True
        self._idle.clear()
        await asyncio.gather(*(self._dismiss(worker) for worker in tuple(self._workers)))
        while self._chores:
            await asyncio.wait(tuple(self._chores))

    def _check_open(self) -> None:
        if self._closed:
            raise SpeechBroken("the embedded voice was closed")

    async def _take(self) -> _Worker:
        """A worker and its lane: the worker that rested longest, which has had the time to renew its library."""
        await self._lanes.acquire()
        try:
            self._check_open()
            while self._idle:
                worker = self._idle.popleft()
                if worker.alive:
                    return worker
                await self._dismiss(worker)
            return await self._spawn(self._start())
        except BaseException:
            self._lanes.release()
            raise

    def _give_back(self, worker: _Worker, settled: bool) -> None:
        """Free the lane: now, or when its worker is fit for the next utterance."""
        if settled and worker.alive and worker.hello.reusable and not self._closed:
            self._idle.append(worker)
            self._lanes.release()
        elif self._closed:
            self._lanes.release()
        else:
            self._spawn(self._recover(worker, settled))

    async def _recover(self, worker: _Worker, settled: bool) -> None:
        """Make a worker that was left in mid-speech fit again, or put another in its place."""
        try:
            if not settled and worker.alive and worker.hello.reusable:
                with suppress(SpeechError):
                    await worker.settle()
                    self._idle.append(worker)
                    return
            if not settled:
                worker.kill()
            await self._dismiss(worker)
            if not self._closed:
                self._idle.append(await self._start())
        except SpeechError as error:
            _log.warning("no worker in place of the one that ended; the next request tries again: %s", error)
        finally:
            self._lanes.release()

    async def _add(self) -> None:
        async with self._lanes:
            self._check_open()
            if len(self._workers) + self._starting < self._size:
                self._idle.append(await self._spawn(self._start()))

    async def _start(self) -> _Worker:
        self._starting += 1
        try:
            process = await asyncio.create_subprocess_exec(
                *self._command, stdin=PIPE, stdout=PIPE, stderr=PIPE, env=worker_environment(os.environ)
            )
        except OSError as error:
            raise SpeechBroken(f"the embedded voice's worker '{self._command[0]}' did not start: {error}") from error
        finally:
            self._starting -= 1
        worker = _Worker(process, self._patience)
        self._workers.add(worker)
        try:
            await worker.greet()
            self._check_open()
        except BaseException:
            worker.kill()
            self._spawn(self._dismiss(worker))
            raise
        return worker

    async def _dismiss(self, worker: _Worker) -> None:
        self._workers.discard(worker)
        await worker.stop()

    def _spawn(self, chore: Coroutine[Any, Any, _T]) -> asyncio.Task[_T]:
        """A task that ``aclose`` waits for."""
        task = asyncio.create_task(chore)
        self._chores.add(task)
        task.add_done_callback(self._chores.discard)
        return task


def absorb(utterance: Utterance, record: Record) -> tuple[SpeechChunk, ...]:
    """The chunks that a worker's record completes. Raises ``SpeechError`` where it says that there are none."""
    match record.kind:
        case Kind.AUDIO:
            return utterance.add_audio(record.payload)
        case Kind.WORDS:
            utterance.add_words(unpack_words(record.payload))
        case Kind.REFUSED:
            refused = unpack_refused(record.payload)
            raise SpeechRefused(refused.status, refused.why)
        case Kind.HELLO:
            raise SpeechBroken("the embedded voice's worker greeted in mid-speech")
        case Kind.END if not utterance.heard:
            raise SpeechEmpty("espeak-ng made no sound of the text: nothing in it can be pronounced")
    return ()
