"""Time-outs that are longer than those around them."""

from __future__ import annotations

from dataclasses import dataclass

from ivr.catalog.source import Path, Source
from ivr.dialog.checks import QUESTIONS
from ivr.dialog.inspection.findings import Findings
from ivr.dialog.listen import Listen
from ivr.dialog.table import LookupStep, Record, Table
from ivr.dialog.ways import question_of
from ivr.dialog.web import BACKOFF
from ivr.dialog.web_step import HttpStep

CALL_LENGTH = "serve.call_length of prompts/ivr.yaml"


@dataclass(frozen=True, slots=True)
class Around:
    """The project's own times, in seconds."""

    call_length: float
    patience: float | None
    """None: nothing covers lateness."""


def check_times(table: Table, source: Source, around: Around, findings: Findings) -> None:
    """Of one table. Times that nobody wrote, and that do no harm, get no word."""
    for state in table.states.values():
        question = question_of(state.exit)
        if question is not None:
            _question(question.listen, ("states", state.name, QUESTIONS[type(state.exit)]), around, findings)
        if isinstance(state.exit, Record):
            _recording(state.exit, ("states", state.name, "record"), source, around, findings)
        if state.lookup is not None and state.lookup.http is not None:
            _retries(state.lookup, state.lookup.http, ("states", state.name, "lookup", "retries"), source, findings)
        step, patience, where = state.lookup, around.patience, "cover.patience of prompts/ivr.yaml"
        if patience is not None and state.cover.patience is not None:
            patience, where = state.cover.patience, "the state's own cover.patience"
        if step is not None and patience is not None and step.timeout > patience:
            what = f"the lookup may take {step.timeout:g} s, but after {patience:g} s the caller hears the fallback"
            findings.warn(
                ("states", state.name, "lookup", "timeout"), "time-order", what, f"make it shorter than {where}"
            )


def _question(listen: Listen, top: Path, around: Around, findings: Findings) -> None:
    several = listen.most > 1 or any(len(option) > 1 for option in listen.options)
    if several and listen.within is not None and listen.between > listen.within:
        what = f"the answer may take {listen.within:g} s in all, and the pause after each key {listen.between:g} s"
        findings.warn((*top, "in_all"), "time-order", what, "make next_digit shorter than in_all")
    if listen.first >= around.call_length:
        key = "first_speech" if top[-1] == "record" else "first_digit"
        what = f"silence is answered after {listen.first:g} s, and the call ends after {around.call_length:g} s"
        findings.warn((*top, key), "time-order", what, f"make {key} shorter than {CALL_LENGTH}")


def _recording(record: Record, top: Path, source: Source, around: Around, findings: Findings) -> None:
    if record.least > record.longest:
        what = f"no recording can match: it ends after {record.longest:g} s, and wants {record.least:g} s of speech"
        findings.error((*top, "least"), "time-order", what, "make least shorter than longest")
    if record.silence >= record.longest and source.at((*top, "silence")) is not None:
        what = f"the silence that ends a recording takes {record.silence:g} s, and it ends after {record.longest:g} s"
        findings.warn((*top, "silence"), "time-order", what, "make silence shorter than longest")
    if record.longest >= around.call_length:
        what = f"a recording may take {record.longest:g} s, and the call ends after {around.call_length:g} s"
        findings.warn((*top, "longest"), "time-order", what, f"make longest shorter than {CALL_LENGTH}")


def _retries(step: LookupStep, http: HttpStep, path: Path, source: Source, findings: Findings) -> None:
    """Each pause is twice as long as the one before, and what would begin behind the time-out is not begun."""
    pauses = [BACKOFF * 2**attempt for attempt in range(http.retries)]
    if sum(pauses) >= step.timeout and source.at(path) is not None:
        made = sum(sum(pauses[: attempt + 1]) < step.timeout for attempt in range(http.retries))
        took = f"the pauses before {http.retries} further attempts take {sum(pauses):g} s"
        what = f"{took}, and the lookup {step.timeout:g} s"
        findings.warn(path, "time-order", what, f"write {made}, or give it a longer timeout")
