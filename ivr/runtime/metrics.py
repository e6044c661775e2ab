"""What a server counts, for Prometheus. Labels come from fixed sets; nothing of a caller or a project is ever one.

Where ``ivr.runtime.metricfiles.prepare`` ran before this was imported, ``render`` answers for all workers of the port.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Metric, generate_latest
from prometheus_client.registry import Collector

from ivr.call.moving import HUNG_UP
from ivr.catalog.party import TransferOutcome
from ivr.runtime.door.admission import State
from ivr.runtime.endings import Ending, ending
from ivr.runtime.metricfiles import collect, shared
from ivr.trace.events import (
    BargedIn,
    CallEnded,
    DialogFailed,
    FirstAudio,
    FirstFrame,
    LookupEnded,
    SynthesisEnded,
    TraceEvent,
    TransferEnded,
)
from ivr.trace.report import COVERS
from ivr.trace.sound import MarkResolved, Outcome, SeamJoined, SegmentStarted, Strategy, Underrun

TEXT = "text/plain; version=0.0.4; charset=utf-8"
"""The content type that every version of Prometheus reads."""

OTHER = "other"
"""The label of what is in no fixed set."""

CAUSES = (
    *("calls", "rate", "connections", "late", "memory", "draining"),
    *("token", "metrics", "signature", "path", "request"),
)
"""Why something was refused: what was exceeded, or what was wrong with it."""

TRIGGERS = ("answer", "digit", "pause", "no-input", "value", "speech", "recording", "return")
SYNTHESIS_OUTCOMES = ("done", "failed", "cancelled")
LOOKUP_OUTCOMES = ("returned", "failed", "timed out", "cancelled")
TRANSFER_OUTCOMES = (*TransferOutcome, "refused", HUNG_UP)
GAPS = ("seam", "within")

TTFA_BUCKETS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0)
"""Seconds; a clip takes one or two milliseconds, a person notices a few hundred."""

LATENESS_BUCKETS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.19, 0.5, 1.0, 5.0)
"""Seconds; 190 ms is how late a wake may come before a caller hears it (docs/design.md)."""

KEEP = 1.0
"""Seconds for which one rendering answers all who ask: it takes 2 to 7 ms of the loop, 27 ms for eight workers."""

MOST_PENDING = 10_000
"""Calls whose first sound is known and its first frame is not yet, which takes one round of the event loop."""


class Metrics:
    """Counts what calls do and what the server decides. One in each process.

    ``watch`` takes 0.4 µs for an event that is not counted and 0.8 to 3 µs for one that is, 3 to 5 µs where the values
    are files that workers share.
    """

    def __init__(self, causes: Iterable[str] = CAUSES) -> None:
        """``causes``: the only labels that ``refused`` knows; others count as ``other``."""
        self._registry = CollectorRegistry()
        self._admitting = State.OPEN
        self._server_metrics(causes)
        self._call_metrics()
        self._sound_metrics()
        self._pending: dict[str, FirstAudio] = {}
        self._rendered: tuple[float, bytes] | None = None
        self._on: dict[type, Callable[[str, Any], None]] = {
            FirstAudio: self._first_audio,
            FirstFrame: self._first_frame,
            CallEnded: self._call_ended,
            SegmentStarted: self._segment,
            SeamJoined: self._seam,
            Underrun: self._underrun,
            MarkResolved: lambda _, event: self._marks[event.outcome](),
            BargedIn: lambda *_: self._barged_in.inc(),
            DialogFailed: lambda *_: self._dialog_failed.inc(),
            SynthesisEnded: lambda _, event: _tally(self._syntheses, event.outcome),
            LookupEnded: self._lookup_ended,
            TransferEnded: lambda _, event: _tally(self._transfers, event.outcome),
        }

    def watch(self, call: str, event: TraceEvent) -> None:
        """Count one event; see ``ivr.runtime.session.Watch``. Keeps nothing of a call that has ended."""
        door = self._on.get(type(event))
        if door is not None:
            door(call, event)

    def calls(self, now: int) -> None:
        """Calls in progress in this process."""
        self._calls.set(now)

    def refused(self, cause: str) -> None:
        """A call or connection was refused for one of the causes."""
        _tally(self._refused, cause)

    def malformed(self, kind: str) -> None:
        """A connection sent no request (``http``) or no UUID (``packet``) that can be read.

        Messages of calls are counted by ``watch``.
        """
        self._malformed[kind]()

    def late(self, seconds: float) -> None:
        """A wake of the event loop came so much later than it was due."""
        self._late.observe(seconds)

    def admission(self, state: State) -> None:
        """What happens to a new call from now on."""
        if state is not self._admitting:
            self._admission.labels(self._admitting).set(0)
            self._admission.labels(state).set(1)
            self._admitting = state

    def render(self) -> tuple[str, bytes]:
        """Content type and body of an answer to Prometheus; at most ``KEEP`` seconds old."""
        now = time.monotonic()
        if self._rendered is None or now - self._rendered[0] >= KEEP:
            self._rendered = (now, generate_latest(_Shown(self._registry)))
        return TEXT, self._rendered[1]

    def _server_metrics(self, causes: Iterable[str]) -> None:
        self._calls = self._gauge("ivr_calls", "Calls in progress")
        self._admission = self._gauge("ivr_admission", "Workers by what they do with a new call", "state")
        for state in State:
            self._admission.labels(state).set(0)
        self._admission.labels(self._admitting).set(1)
        self._refused = self._counters("ivr_refused", "Calls and connections refused", "cause", causes)
        self._malformed = self._counters(
            "ivr_malformed", "What broke a protocol", "kind", ("message", "websocket", "http", "packet"), other=False
        )
        self._late = Histogram(
            "ivr_loop_lateness_seconds",
            "Wakes of the event loop after they were due",
            buckets=LATENESS_BUCKETS,
            registry=self._registry,
        )

    def _call_metrics(self) -> None:
        self._ended = self._counters("ivr_calls_ended", "Calls that ended", "reason", Ending, other=False)
        self._ttfa = Histogram(
            "ivr_ttfa_seconds",
            "From a trigger to the first sound on the socket",
            ("strategy", "trigger"),
            buckets=TTFA_BUCKETS,
            registry=self._registry,
        )
        self._barged_in = self._counter("ivr_barge_ins", "Callers who interrupted")
        self._dialog_failed = self._counter("ivr_dialog_failures", "Dialogs that raised an error")
        self._syntheses = self._counters("ivr_syntheses", "Syntheses that ended", "outcome", SYNTHESIS_OUTCOMES)
        self._lookups = self._counters("ivr_lookups", "Lookups that ended", "outcome", LOOKUP_OUTCOMES)

        self._transfers = self._counters("ivr_transfers", "Transfers that ended", "outcome", TRANSFER_OUTCOMES)

    def _sound_metrics(self) -> None:
        self._seams = self._counters("ivr_seams", "Joins of segments, by what is behind", "strategy", Strategy)
        self._covers = self._counters("ivr_covers", "Covers for late words", "kind", COVERS, other=False)
        self._gaps = self._counters("ivr_gaps", "Unplanned silences", "where", GAPS, other=False)
        self._gap_samples = self._counters("ivr_gap_samples", "Samples of them", "where", GAPS, other=False)
        marks = self._counters("ivr_marks", "Marks resolved", "outcome", ("played", "cleared", "lost"), other=False)
        self._marks = {
            Outcome.PLAYED: marks["played"],
            Outcome.CLEARED: marks["cleared"],
            Outcome.ESTIMATED: marks["lost"],
        }

    def _first_audio(self, call: str, event: FirstAudio) -> None:
        self._let_go(call)
        self._pending[call] = event
        if len(self._pending) > MOST_PENDING:
            self._let_go(next(iter(self._pending)))

    def _first_frame(self, call: str, event: FirstFrame) -> None:
        self._let_go(call, event.took)

    def _let_go(self, call: str, took: float = 0.0) -> None:
        """Count the first sound that is pending, with ``took`` seconds of work; without a frame it is counted bare."""
        first = self._pending.pop(call, None)
        if first is not None:
            strategy = first.strategy if first.strategy in _STRATEGIES else OTHER
            trigger = first.trigger if first.trigger in TRIGGERS else OTHER
            self._ttfa.labels(strategy, trigger).observe(first.ttfa + took)

    def _call_ended(self, call: str, event: CallEnded) -> None:
        self._let_go(call)
        how = ending(event.reason)
        self._ended[how]()
        if how is Ending.MESSAGE or how is Ending.WEBSOCKET:
            self._malformed[how]()

    def _segment(self, _: str, event: SegmentStarted) -> None:
        cover = self._covers.get(event.strategy)
        if cover is not None:
            cover()

    def _seam(self, _: str, event: SeamJoined) -> None:
        _tally(self._seams, event.strategy)
        if event.gap > 0:
            self._gap("seam", event.gap)

    def _underrun(self, _: str, event: Underrun) -> None:
        self._gap("within", event.samples)

    def _gap(self, where: str, samples: int) -> None:
        self._gaps[where]()
        self._gap_samples[where](max(0, samples))

    def _lookup_ended(self, _: str, event: LookupEnded) -> None:
        # The one detail that is ours; a failed lookup's own begins with the kind of its error.
        over = event.outcome == "failed" and event.detail == "the call ended"
        _tally(self._lookups, "cancelled" if over else event.outcome)

    def _counter(self, name: str, what: str) -> Counter:
        return Counter(name, what, registry=self._registry)

    def _counters(
        self, name: str, what: str, label: str, values: Iterable[str], *, other: bool = True
    ) -> dict[str, Callable[..., None]]:
        """What counts one more, by label; all of them stand at 0 from the start, so that a first one is an increase."""
        counter = Counter(name, what, (label,), registry=self._registry)
        return {value: counter.labels(value).inc for value in (*values, *((OTHER,) if other else ()))}

    def _gauge(self, name: str, what: str, *labels: str) -> Gauge:
        return Gauge(name, what, labels, registry=self._registry, multiprocess_mode="livesum")


_STRATEGIES = frozenset(Strategy)


class _Shown(Collector):
    """What ``render`` shows: every worker's values where there are several, without times of creation."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._registry = registry

    def collect(self) -> Iterable[Metric]:
        """See ``Collector``."""
        directory = shared()
        for metric in self._registry.collect() if directory is None else collect(directory):
            metric.samples = [sample for sample in metric.samples if not sample.name.endswith("_created")]
            yield metric


def _tally(counters: Mapping[str, Callable[..., None]], label: str) -> None:
    counters.get(label, counters[OTHER])()
