"""Time-outs that are longer than those around them."""

from __future__ import annotations

from dataclasses import dataclass

from ivr.catalog.source import Path
from ivr.dialog.checks import QUESTIONS
from ivr.dialog.inspection.findings import Findings
from ivr.dialog.listen import Listen
from ivr.dialog.table import Table
from ivr.dialog.ways import question_of


@dataclass(frozen=True, slots=True)
class Around:
    """The project's own times, in seconds."""

    call_length: float
    patience: float | None
    """None: nothing covers lateness."""


def check_times(table: Table, around: Around, findings: Findings) -> None:
    """Of one table."""
    for state in table.states.values():
        question = question_of(state.exit)
        if question is not None:
            _question(question.listen, ("states", state.name, QUESTIONS[type(state.exit)]), around, findings)
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
        what = f"silence is answered after {listen.first:g} s, and the call ends after {around.call_length:g} s"
        remedy = "make first_digit shorter than serve.call_length of prompts/ivr.yaml"
        findings.warn((*top, "first_digit"), "time-order", what, remedy)
