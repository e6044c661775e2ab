"""``python -m ivr.speech.espeak.worker [DATA]``: requests on stdin, records on stdout, complaints on stderr.

Ends at the end of stdin, whatever it is doing: then nobody listens any more. Speaks one utterance at a time; a second
thread reads stdin, so that a cancel is seen while one is being made. After each utterance, when its ``END`` is out, the
library is loaded afresh: the next one starts from the same state without waiting for that.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import traceback
from queue import SimpleQueue

from ivr.errors import SpeechError
from ivr.speech.espeak.binding import Library, locate
from ivr.speech.espeak.protocol import (
    Cancel,
    Hello,
    Kind,
    Record,
    Refused,
    Speak,
    Word,
    decode_request,
    encode_record,
    pack_facts,
    pack_words,
)
from ivr.speech.espeak.voices import Refusal

_yield = getattr(os, "sched_yield", lambda: None)
"""Linux wakes the reader of a pipe on the writer's own processor, where it would wait for the end of this process's
slice: the first chunk then takes 2.4 ms instead of 0.7 (median, Linux 6.18, two processors). Done once per utterance,
since each further wake of the listener costs its loop more than it gains."""


class Inbox:
    """Requests as they come in, on their own thread."""

    def __init__(self) -> None:
        self.waiting: SimpleQueue[Speak] = SimpleQueue()
        self.cancelled: set[int] = set()
        self.ended = 0

    def read(self, fd: int) -> None:
        """Until the end of ``fd``, and then end the process: the main thread may be blocked in a write."""
        try:
            with open(fd, "rb", closefd=False) as lines:
                for line in lines:
                    match decode_request(line):
                        case Speak() as request:
                            self.waiting.put(request)
                        case Cancel(id=number) if number > self.ended:
                            self.cancelled.add(number)
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)


class Outbox:
    """Records to a pipe, each written whole before the next."""

    def __init__(self, fd: int) -> None:
        self._fd = fd

    def send(self, *records: Record) -> None:
        """Blocks while the pipe is full, which is what holds a worker back from running far ahead of the listener."""
        data = memoryview(b"".join(encode_record(record) for record in records))
        while data:
            data = data[os.write(self._fd, data) :]


def say(library: Library, request: Speak, inbox: Inbox, outbox: Outbox) -> None:
    """One utterance, to its ``END`` or ``REFUSED``."""

    begun = False

    def deliver(words: tuple[Word, ...], pcm: bytes) -> bool:
        nonlocal begun
        if request.id in inbox.cancelled:
            return False
        audio = Record(Kind.AUDIO, request.id, pcm)
        if words:
            outbox.send(Record(Kind.WORDS, request.id, pack_words(words)), audio)
        else:
            outbox.send(audio)
        if not begun:
            begun = True
            _yield()
        return request.id not in inbox.cancelled

    end = Record(Kind.END, request.id)
    try:
        if request.id not in inbox.cancelled:
            library.speak(request, deliver)
    except Refusal as refusal:
        end = Record(Kind.REFUSED, request.id, pack_facts(Refused(refusal.status, refusal.why)))
    outbox.send(end)
    inbox.ended = request.id
    inbox.cancelled.discard(request.id)


def serve(data: str, outbox: Outbox) -> None:
    """Greet and serve until stdin ends. Raises ``SpeechBroken`` when the library or its data cannot be used."""
    path, own_data = locate()
    library = Library(path, data or own_data)
    inbox = Inbox()
    outbox.send(Record(Kind.HELLO, 0, pack_facts(Hello(library.version, library.rate, library.unloads))))
    threading.Thread(target=inbox.read, args=(0,), daemon=True).start()
    while True:
        say(library, inbox.waiting.get(), inbox, outbox)
        if library.unloads:
            library.renew()


def main() -> None:
    """Never returns. Status 0 at the end of stdin or when the listener is gone, 1 with a line on stderr otherwise."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the pool says when to end
    outbox = Outbox(os.dup(1))
    os.dup2(2, 1)  # what the library may print must not fall between the records
    status = 1
    try:
        serve(sys.argv[1] if len(sys.argv) > 1 else "", outbox)
    except BrokenPipeError:
        status = 0
    except SpeechError as error:
        print(error, file=sys.stderr)
    except BaseException:
        traceback.print_exc()
    sys.stderr.flush()
    os._exit(status)


if __name__ == "__main__":
    main()
