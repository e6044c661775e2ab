"""What ``ivr check`` looks at beyond what stops a server: the dialogs as a whole, and settings against each other."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from ivr.catalog.phrase import Catalogue
from ivr.catalog.source import Source
from ivr.dialog.dialog_file import DialogSource
from ivr.dialog.inspection.examine import Examined, examine
from ivr.dialog.inspection.findings import Findings
from ivr.dialog.inspection.rungs import written
from ivr.dialog.inspection.times import Around
from ivr.dialog.ladder_shapes import commands, handlers
from ivr.dialog.library import Library
from ivr.errors import Problem
from ivr.project.functions import Functions
from ivr.project.settings import Settings


@dataclass(frozen=True, slots=True)
class Known:
    """What could be read of a project."""

    dialogs: Mapping[str, DialogSource]
    catalogues: Mapping[str, Catalogue]
    functions: Functions
    texts: Mapping[str, Source]
    """The phrases' files by locale."""
    mentioned: Collection[str]
    """Texts in the project's own code."""
    whole: bool
    """Whether that is all of it."""


def examined(settings: Settings, source: Source, known: Known) -> list[Problem]:
    """Errors and warnings."""
    tables = {name: dialog.table for name, dialog in known.dialogs.items()}
    own = known.catalogues.get(settings.locale)
    what = Examined(
        known.dialogs,
        Library(tables, known.functions, handlers(settings.on), commands(settings.commands)),
        sorted(known.catalogues.values(), key=lambda catalogue: catalogue is not own),
        settings.start,
        Around(settings.serve.call_length, settings.cover.patience if settings.cover.enabled else None),
        known.mentioned,
        settings.ignore,
        known.whole,
    )
    findings = Findings(source, settings.ignore)
    written(source.at(("on",)), ("on",), findings)
    _times(settings, findings)
    return [*examine(what), *findings.problems, *_untranslated(settings, known.catalogues, known.texts)]


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


def _untranslated(
    settings: Settings, catalogues: Mapping[str, Catalogue], texts: Mapping[str, Source]
) -> Iterator[Problem]:
    """What some locale has and another lacks, at the place where it stands; sounds of one's own have no language."""
    for locale, catalogue in catalogues.items():
        findings = Findings(texts[locale], settings.ignore)
        lacking: dict[tuple[str, str], list[str]] = {}
        for other in catalogues.values():
            sections = (("phrases", catalogue.phrases, other.phrases), ("prompts", catalogue.prompts, other.prompts))
            for section, here, there in sections:
                for name in here.keys() - there.keys():
                    lacking.setdefault((section, name), []).append(other.locale)
        for (section, name), others in lacking.items():
            what = f"'{name}' is missing in {', '.join(sorted(others))}"
            remedy = f"add it to prompts/phrases/{sorted(others)[0]}.yaml, or remove it here"
            findings.warn((section, name), "untranslated", what, remedy, key=True)
        yield from findings.problems
