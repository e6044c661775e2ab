"""Which worker of xdist has which test: calls in real time mostly wait, and who waits needs no processor.

Tests that wait stand at one end of a queue and tests that compute at the other, the longest outermost. Some workers
take from the one end and some from the other until they meet, so that those who compute leave a processor to the calls.
"""

from __future__ import annotations

import os

from xdist.scheduler.load import LoadScheduling
from xdist.workermanage import WorkerController

WAITING = (
    "tests/runtime/",
    "tests/capacity/",
    "tests/bench/test_bench.py",
    "tests/bench/test_gateways_bench.py",
    "tests/cli/test_capacity.py",
    "tests/cli/test_demo.py",
)
"""Where most seconds of a test are those of a call."""
TOGETHER = ("test_real_speaker.py", "test_siege.py")
"""Their tests share what takes long to make, or load the machine by themselves: one worker has all of a file's."""
LONGEST = (
    "test_real_speaker.py",
    "test_same_trace.py",
    "test_real_call.py",
    "test_same_trace_elsewhere.py",
    "test_siege.py",  # when the sound server has gone
    "test_gateways_bench.py",
    "test_killed.py",
    "test_random_callers.py",
    "test_read_back_calls.py",
    "test_many_calls.py",
    "test_explore.py",
    "test_barge_in.py",
    "test_driver_laws.py",
    "test_bank_twice.py",
    "test_spoken.py",
    "test_recognised.py",
)
"""They begin first, lest one of them is what the end waits for; each test of theirs goes to the next worker."""
AT_ONCE = 8
"""How many tests of one file that computes go to a worker: what they share is then made for few workers."""


def workers() -> int:
    """Two for each processor: nearly half compute, and the calls of the others take a quarter of a processor each."""
    return 2 * (len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1)


class Lanes(LoadScheduling):
    """As ``--dist load``, with two ends. The base keeps the books of what is pending where."""

    def schedule(self) -> None:
        """Called when all have collected, and again for a worker that replaces one that died."""
        if self.collection is None:
            if not self._check_nodes_have_same_collection():
                return
            self.collection = next(iter(self.node2collection.values()))
            tests = range(len(self.collection))
            waiting = [at for at in tests if self.collection[at].startswith(WAITING)]
            computing = [at for at in tests if not self.collection[at].startswith(WAITING)]
            self.pending[:] = sorted(waiting, key=self._rank) + sorted(computing, key=self._rank)[::-1]
            self._computing = self.nodes[: max(1, len(self.nodes) // 2 - 1)]
        for node in self.nodes:
            self.check_schedule(node)

    def check_schedule(self, node: WorkerController, duration: float = 0) -> None:
        """A worker begins a test when it knows the next one: it has two, or is told that there are no more."""
        if node.shutting_down:
            return
        while self.pending and len(self.node2pending[node]) < 2:
            tests = self._next(-1, AT_ONCE) if node in self._computing else self._next(0, 1)
            self.node2pending[node].extend(tests)
            node.send_runtest_some(tests)
        if not self.pending:
            node.shutdown()

    def _next(self, end: int, most: int) -> list[int]:
        """Some tests of one file, from an end of the queue."""
        file = self._file(self.pending[end])
        if file.endswith(TOGETHER):
            most = len(self.pending)
        elif file.endswith(LONGEST):
            most = 1
        tests: list[int] = []
        while len(tests) < most and self.pending and self._file(self.pending[end]) == file:
            tests.append(self.pending.pop(end))
        return tests

    def _file(self, at: int) -> str:
        assert self.collection is not None
        return self.collection[at].partition("::")[0]

    def _rank(self, at: int) -> int:
        file = self._file(at)
        return next((rank for rank, name in enumerate(LONGEST) if file.endswith(name)), len(LONGEST))
