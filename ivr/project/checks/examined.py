"""What ``ivr check`` looks at beyond what stops a server: the dialogs as a whole, and settings against each other."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from ivr.catalog.phrase import Catalogue
from ivr.catalog.source import Source
from ivr.dialog.dialog_file import DialogSource
from ivr.dialog.inspection.examine import Examined, examine
from ivr.dialog.inspection.findings import Findings, Unread
from ivr.dialog.inspection.rungs import written
from ivr.dialog.inspection.times import Around
from ivr.dialog.ladder_shapes import commands, handlers
from ivr.dialog.repertoire import Repertoire
from ivr.errors import Problem
from ivr.project.checks.covered import check_fallback, check_order
from ivr.project.code.functions import Functions
from ivr.project.settings.settings import Settings


@dataclass(frozen=True, slots=True)
class Known:
    """What could be read of a project."""

    dialogs: Mapping[str, DialogSource]
    catalogues: Mapping[str, Catalogue]
    """By locale, each with what it takes from others."""
    functions: Functions
    mentioned: Collection[str]
    """Texts in the project's own code."""
    whole: bool
    """Whether all dialogs are known that are run."""
    all_slots: bool
    """Whether all slots of all phrases are known."""
    unread: Unread
    """What must not be judged of the settings."""


def examined(settings: Settings, source: Source, known: Known) -> list[Problem]:
    """Errors and warnings."""
    tables = {name: dialog.table for name, dialog in known.dialogs.items()}
    own = known.catalogues.get(settings.locale)
    what = Examined(
        known.dialogs,
        Repertoire(tables, known.functions, handlers(settings.on), commands(settings.commands)),
        sorted(known.catalogues.values(), key=lambda catalogue: catalogue is not own),
        settings.start,
        Around(settings.serve.call_length, settings.cover.patience if settings.cover.enabled else None),
        known.mentioned,
        settings.ignore,
        known.whole,
        known.all_slots,
    )
    findings = Findings(source, settings.ignore, known.unread)
    written(source.at(("on",)), ("on",), findings)
    _times(settings, findings)
    check_fallback(settings, what.catalogues, findings)
    return [*examine(what), *check_order(settings, known.dialogs), *findings.problems]


def _times(settings: Settings, findings: Findings) -> None:
    voice, cover = settings.voice, settings.cover
    if cover.enabled and cover.grace >= cover.patience:
        what = f"a cover begins after {cover.grace:g} s and is given up after {cover.patience:g} s"
        findings.warn(("cover", "grace"), "time-order", what, "make grace shorter than patience")
    if cover.enabled and voice.provider == "http" and voice.first_audio > cover.patience:
        what = (
            f"the voice may take {voice.first_audio:g} s, but after {cover.patience:g} s the caller hears the fallback"
        )
        findings.warn(("voice", "first_audio"), "time-order", what, "make it shorter than cover.patience")
    if len(voice.url) > 1 and voice.hedge is not None and voice.hedge >= voice.first_audio:
        what = f"the next region is asked after {voice.hedge:g} s, but a request ends after {voice.first_audio:g} s"
        findings.warn(("voice", "hedge"), "time-order", what, "make hedge shorter than first_audio")
