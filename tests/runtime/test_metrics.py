import json
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families
from ruamel.yaml import YAML
from runtime_bank import Babbler, open_house

import ivr.runtime.metrics as metrics_module
from ivr.errors import ConfigError
from ivr.runtime.door.admission import State
from ivr.runtime.endings import Ending, ending
from ivr.runtime.metricfiles import prepare
from ivr.runtime.metrics import CAUSES, MOST_PENDING, Metrics
from ivr.trace.events import (
    BargedIn,
    CallEnded,
    CallStarted,
    DialogFailed,
    DigitHeard,
    FirstAudio,
    FirstFrame,
    LookupEnded,
    SynthesisEnded,
)
from ivr.trace.sound import MarkResolved, Outcome, SeamJoined, SegmentStarted, Strategy, Underrun


@pytest.fixture(autouse=True)
def fresh(monkeypatch):
    monkeypatch.setattr(metrics_module, "KEEP", 0.0)


def read(metrics: Metrics) -> dict[str, float]:
    """Every sample by its name and labels, as Prometheus would write them."""
    return parsed(metrics.render()[1].decode())


def parsed(text: str) -> dict[str, float]:
    samples = [sample for family in text_string_to_metric_families(text) for sample in family.samples]
    return {_name(sample): sample.value for sample in samples}


def _name(sample):
    labels = ",".join(f"{key}={value}" for key, value in sample.labels.items())
    return f"{sample.name}{{{labels}}}" if labels else sample.name


def non_zero(metrics):
    return {name: value for name, value in read(metrics).items() if value and "bucket" not in name}


def started(strategy):
    return SegmentStarted("u1", "s1", strategy, "one moment", False, 0, 0.0, 0.0)


def joined(gap, strategy=Strategy.STREAM):
    return SeamJoined("u1", "s1", "s2", strategy, gap, 0.1, 0.5, 1.0, 2.0)


EVENTS = [
    CallStarted("c1", "MZ1", "2026-01-01T00:00:00+00:00", 0.0),
    FirstAudio("answer", "clip", 0.0, 0.0),
    FirstFrame(0.0013, 0.001),
    started(Strategy.CLIP),
    started(Strategy.FILLER),
    started(Strategy.HOLD),
    started(Strategy.FALLBACK),
    joined(0),
    joined(80),
    joined(0, Strategy.CLIP),
    Underrun("u1", "s1", 160, 1.0),
    MarkResolved("m1", Outcome.PLAYED, 1.0),
    MarkResolved("m2", Outcome.ESTIMATED, 1.0),
    MarkResolved("m3", Outcome.CLEARED, 1.0),
    DigitHeard("7", 1.0),
    BargedIn(800, "twelve dollars", True, 1.0),
    SynthesisEnded("s1", "done", "", False, 1.0),
    SynthesisEnded("s2", "failed", "it spoke of Mary", True, 1.0),
    LookupEnded("l1", "bank.balance", "returned", "1234.56", True, 1.0),
    LookupEnded("l2", "bank.balance", "failed", "ValueError: Mary", True, 1.0),
    LookupEnded("l3", "bank.balance", "failed", "the call ended", True, 1.0),
    LookupEnded("l4", "bank.balance", "timed out", "", True, 1.0),
    DialogFailed("KeyError", "bank.py:3", "Mary", 1.0),
    CallEnded("the caller hung up, or the platform ended the stream", 2.0),
]


def test_what_a_call_did_is_counted():
    metrics = Metrics()
    for event in EVENTS:
        metrics.watch("c1", event)
    assert non_zero(metrics) == {
        "ivr_admission{state=open}": 1,
        "ivr_calls_ended_total{reason=hangup}": 1,
        "ivr_ttfa_seconds_count{strategy=clip,trigger=answer}": 1,
        "ivr_ttfa_seconds_sum{strategy=clip,trigger=answer}": 0.0013,
        "ivr_covers_total{kind=filler}": 1,
        "ivr_covers_total{kind=hold}": 1,
        "ivr_covers_total{kind=fallback}": 1,
        "ivr_seams_total{strategy=stream}": 2,
        "ivr_seams_total{strategy=clip}": 1,
        "ivr_gaps_total{where=seam}": 1,
        "ivr_gap_samples_total{where=seam}": 80,
        "ivr_gaps_total{where=within}": 1,
        "ivr_gap_samples_total{where=within}": 160,
        "ivr_marks_total{outcome=played}": 1,
        "ivr_marks_total{outcome=cleared}": 1,
        "ivr_marks_total{outcome=lost}": 1,
        "ivr_barge_ins_total": 1,
        "ivr_syntheses_total{outcome=done}": 1,
        "ivr_syntheses_total{outcome=failed}": 1,
        "ivr_lookups_total{outcome=returned}": 1,
        "ivr_lookups_total{outcome=failed}": 1,
        "ivr_lookups_total{outcome=cancelled}": 1,
        "ivr_lookups_total{outcome=timed out}": 1,
        "ivr_dialog_failures_total": 1,
    }
    assert not re.search("Mary|twelve|1234|bank", metrics.render()[1].decode())


def test_what_the_server_decides_is_counted_and_an_unknown_cause_is_no_label():
    metrics = Metrics(["rate", "calls"])
    for cause in ("rate", "rate", "calls", "from +15551230099"):
        metrics.refused(cause)
    metrics.calls(7)
    metrics.malformed("http")
    metrics.admission(State.FULL)
    for late in (0.0005, 0.3):
        metrics.late(late)
    shown = non_zero(metrics)
    assert shown["ivr_refused_total{cause=rate}"] == 2
    assert (shown["ivr_refused_total{cause=calls}"], shown["ivr_refused_total{cause=other}"]) == (1, 1)
    assert (shown["ivr_calls"], shown["ivr_malformed_total{kind=http}"]) == (7, 1)
    assert [name for name in shown if "admission" in name] == ["ivr_admission{state=full}"]
    assert shown["ivr_loop_lateness_seconds_count"] == 2
    assert read(metrics)["ivr_loop_lateness_seconds_bucket{le=0.19}"] == 1
    assert "1555" not in metrics.render()[1].decode()


def test_every_counter_stands_at_zero_from_the_start():
    shown = read(Metrics())
    assert shown["ivr_refused_total{cause=draining}"] == shown["ivr_covers_total{kind=hold}"] == 0
    assert not [name for name in shown if "_created" in name]
    assert Metrics().render()[0].startswith("text/plain; version=0.0.4")


def test_the_documentation_names_every_metric_and_no_other():
    text = (Path(__file__).parents[2] / "docs" / "operations.md").read_text()
    rows = re.findall(r"^\| `(ivr_\w+)` \|", text, re.MULTILINE)
    families = text_string_to_metric_families(Metrics().render()[1].decode())
    assert sorted(rows) == sorted(f"{it.name}_total" if it.type == "counter" else it.name for it in families)
    rules = YAML(typ="safe").load(re.search(r"```yaml\n(groups:.*?)```", text, re.DOTALL)[1])
    named = {name for rule in rules["groups"][0]["rules"] for name in re.findall(r"ivr_\w+", rule["expr"])}
    assert {re.sub("_(bucket|count)$", "", name) for name in named} <= set(rows)
    for label in (*Ending, *CAUSES, *State):
        assert label in text


@pytest.mark.parametrize("last", [FirstAudio("digit", "stream", 0.1, 1.0), CallEnded("no stream began", 1.0)])
def test_a_first_sound_whose_frame_never_left_is_counted_by_itself(last):
    metrics = Metrics()
    metrics.watch("c1", FirstAudio("answer", "clip", 0.2, 0.0))
    metrics.watch("c1", last)
    metrics.watch("c2", FirstFrame(9.0, 1.0))
    assert read(metrics)["ivr_ttfa_seconds_sum{strategy=clip,trigger=answer}"] == 0.2


def test_labels_that_nobody_foresaw_are_other():
    metrics = Metrics()
    metrics.watch("c1", FirstAudio("+15551230099", "new", 0.2, 0.0))
    metrics.watch("c1", SynthesisEnded("s", "new", "", False, 1.0))
    metrics.watch("c1", CallEnded("Mary said goodbye", 1.0))
    assert set(non_zero(metrics)) == {
        "ivr_admission{state=open}",
        "ivr_ttfa_seconds_count{strategy=other,trigger=other}",
        "ivr_ttfa_seconds_sum{strategy=other,trigger=other}",
        "ivr_syntheses_total{outcome=other}",
        "ivr_calls_ended_total{reason=other}",
    }


@pytest.mark.parametrize(
    ("reason", "how"),
    [
        ("the dialog ended", Ending.DIALOG),
        ("the gateway closed the socket with 1000", Ending.SOCKET),
        ("the socket closed: [Errno 104] Connection reset by peer", Ending.SOCKET),
        ("the gateway sent a message that is no JSON object", Ending.MESSAGE),
        ("1007: text that is not UTF-8", Ending.WEBSOCKET),
        ("None: incorrect masking", Ending.WEBSOCKET),
        ("the gateway stopped reading", Ending.STUCK),
        ("", Ending.OTHER),
        ("4111111111111111", Ending.OTHER),
    ],
)
def test_reasons_fall_into_few_classes(reason, how):
    assert ending(reason) is how


def test_ten_thousand_calls_leave_nothing_behind():
    metrics = Metrics()
    for number in range(10):
        for event in EVENTS:
            metrics.watch(f"warm{number}", event)
    size = len(metrics.render()[1].splitlines())
    for number in range(10_000):
        for event in EVENTS[:3] if number % 2 else EVENTS[:2]:
            metrics.watch(f"c{number}", event)
        metrics.watch(f"c{number}", EVENTS[-1])
        metrics.watch(f"c{number}", FirstFrame(0.001, 2.0))
    assert metrics._pending == {}
    assert len(metrics.render()[1].splitlines()) == size
    assert read(metrics)["ivr_calls_ended_total{reason=hangup}"] == 10_010


def test_even_calls_that_never_end_are_forgotten():
    metrics = Metrics()
    for number in range(MOST_PENDING + 50):
        metrics.watch(f"c{number}", FirstAudio("answer", "clip", 0.2, 0.0))
    assert len(metrics._pending) == MOST_PENDING
    assert read(metrics)["ivr_ttfa_seconds_count{strategy=clip,trigger=answer}"] == 50


def test_who_asks_again_at_once_is_answered_the_same(monkeypatch):
    monkeypatch.setattr(metrics_module, "KEEP", 60.0)
    metrics = Metrics()
    first = metrics.render()
    metrics.calls(3)
    assert metrics.render() == first
    monkeypatch.setattr(metrics_module, "KEEP", 0.0)
    assert metrics.render() != first


def test_an_event_costs_microseconds():
    metrics = Metrics()
    best = float("inf")
    for _ in range(5):
        since = time.perf_counter()
        for _ in range(200):
            for event in EVENTS:
                metrics.watch("c1", event)
        best = min(best, time.perf_counter() - since)
    assert best / 200 / len(EVENTS) < 20e-6  # about 1 µs; the bound is for machines that are busy


async def test_a_real_call_is_counted(bank):
    metrics = Metrics()
    async with open_house(bank, Babbler()) as house:
        house.told.beside = metrics.watch
        async with house.call() as line:
            await line.until(FirstFrame)
            await line.press("9")
            await line.until(CallEnded)
    shown = non_zero(metrics)
    assert shown["ivr_calls_ended_total{reason=dialog}"] == 1
    assert shown["ivr_ttfa_seconds_count{strategy=clip,trigger=answer}"] == 1
    assert shown["ivr_ttfa_seconds_count{strategy=clip,trigger=digit}"] == 1
    assert 0 < shown["ivr_ttfa_seconds_sum{strategy=clip,trigger=answer}"] < 5
    assert shown["ivr_marks_total{outcome=played}"] >= 1
    assert metrics._pending == {}


# Workers, as processes.

WORKER = """
import sys
import ivr.runtime.metrics
from ivr.runtime.door.admission import State
from ivr.runtime.metrics import Metrics
ivr.runtime.metrics.KEEP = 0.0
metrics = Metrics()
metrics.calls(int(sys.argv[1]))
metrics.admission(State(sys.argv[2]))
for _ in range(int(sys.argv[1])):
    metrics.refused("rate")
    metrics.late(0.001)
print("ready", flush=True)
for _ in sys.stdin:
    print(metrics.render()[1].decode().replace(chr(10), chr(0)), flush=True)
"""

SUPERVISOR = """
import json, os, pathlib, signal, subprocess, sys
from ivr.runtime.metricfiles import bury, prepare, remove
place = pathlib.Path(sys.argv[1])
place.mkdir()
(place / "counter_1.db").write_bytes(b"an earlier run's")
(place / "mine.txt").write_text("kept")
assert prepare(place) == place
def work(calls, state):
    made = subprocess.Popen([sys.executable, "-c", sys.argv[2], str(calls), state], text=True,
                            stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    return made
workers = [work(1, "open"), work(4, "late")]
for worker in workers:
    assert worker.stdout.readline() == "ready\\n"
def scrape(worker):
    worker.stdin.write("scrape\\n")
    worker.stdin.flush()
    return worker.stdout.readline().replace(chr(0), chr(10))
shown = [scrape(workers[0])]
workers[1].kill()
workers[1].wait()
bury(workers[1].pid)
(place / "gauge_livesum_99.db").touch()  # one that died before its first value
shown.append(scrape(workers[0]))
workers[0].communicate()
remove(place)
print(json.dumps({"shown": shown, "left": os.listdir(place), "env": os.environ.get("PROMETHEUS_MULTIPROC_DIR")}))
"""


def test_one_worker_answers_for_all_of_them_and_for_one_that_died(tmp_path):
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", SUPERVISOR, str(tmp_path / "m"), WORKER],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    before, after = map(parsed, said["shown"])
    assert (before["ivr_calls"], after["ivr_calls"]) == (5, 1)
    assert (before["ivr_admission{state=open}"], before["ivr_admission{state=late}"]) == (1, 1)
    assert (after["ivr_admission{state=open}"], after["ivr_admission{state=late}"]) == (1, 0)
    for shown in (before, after):
        assert shown["ivr_refused_total{cause=rate}"] == 5  # what it counted before it died happened
        assert shown["ivr_loop_lateness_seconds_count"] == 5
        assert not [name for name in shown if "pid" in name or "_created" in name]
    assert (said["left"], said["env"]) == (["mine.txt"], None)


def test_workers_that_are_prepared_too_late_or_nowhere_are_a_mistake(tmp_path, monkeypatch):
    with pytest.raises(ConfigError, match="too late"):
        prepare(tmp_path)
    monkeypatch.delitem(sys.modules, "prometheus_client.values")
    (tmp_path / "place").write_text("in the way")
    with pytest.raises(ConfigError, match=r"cannot be kept in .*place"):
        prepare(tmp_path / "place" / "m")
