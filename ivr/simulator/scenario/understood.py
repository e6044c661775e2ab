"""Whether the words of a scenario's call can be understood, as verdicts beside those of its steps."""

from __future__ import annotations

from dataclasses import replace

from ivr.simulator.listening import Ear
from ivr.simulator.scenario.model import Line
from ivr.simulator.scenario.report import Report, Verdict


def understood(report: Report, ear: Ear) -> Report:
    """``report`` with a verdict for each utterance that was not understood or cannot be judged, and one of them all.

    The call was made with audio. Raises ``ValueError`` where it was not.
    """
    line = report.scenario.line or Line()
    found = ear.listen(report.made, line.out)
    each = [
        Verdict(f"listening: '{finding.text}'", None if finding.why else False, finding.start, finding.verdict)
        for finding in found.findings
    ]
    right = found.judged - len(found.misheard)
    told = f"{right} of {found.judged} utterances, {len(found.unjudged)} cannot be judged"
    whole = Verdict("listening: understood", True if found.judged == right > 0 else None, report.made.seconds, told)
    return replace(report, verdicts=(*report.verdicts, *each, whole))
