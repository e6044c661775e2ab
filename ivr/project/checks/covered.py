"""The phrases that cover lateness, in ``ivr.yaml`` and in the states of dialogs: whether there are such."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from ivr.catalog.mistakes import meant
from ivr.catalog.phrase import Catalogue
from ivr.catalog.source import Path, Source
from ivr.dialog.cover import ROLES
from ivr.dialog.dialog_file import DialogSource
from ivr.dialog.inspection.findings import Findings
from ivr.errors import Problem
from ivr.project.settings.settings import Settings

_Named = tuple[Source, Path, str, str]
"""Where it stands, the role and the phrase."""


def check_covers(
    settings: Settings, source: Source, catalogues: Mapping[str, Catalogue], dialogs: Mapping[str, DialogSource]
) -> list[Problem]:
    """Phrases that are missing, or that wait for a value; ``catalogues`` have what they take from others.

    What ``ivr.yaml`` names does not matter where covers are switched off, for most of it stands there by default.
    """
    found: set[Problem] = set()
    project = [(source, ("cover", role), role, getattr(settings.cover, role)) for role in ROLES]
    for catalogue in catalogues.values():
        if settings.cover.enabled:
            otherwise = "add it under prompts/phrases/, or set 'enabled: no' below cover"
            found.update(unfit((each for each in project if each[3] is not None), catalogue, otherwise))
        for dialog in dialogs.values():
            found.update(unfit(_of_states(dialog), catalogue, "add it under prompts/phrases/"))
    return sorted(found)


def loops(settings: Settings, dialogs: Mapping[str, DialogSource]) -> set[str]:
    """The phrases that are hold loops somewhere; usually sounds, which have no language."""
    return {
        settings.cover.hold,
        *(name for d in dialogs.values() for _, _, role, name in _of_states(d) if role == "hold"),
    }


def check_order(settings: Settings, dialogs: Mapping[str, DialogSource]) -> Iterator[Problem]:
    """A warning for each state whose grace is not over before its patience is."""
    for dialog in dialogs.values() if settings.cover.enabled else ():
        findings = Findings(dialog.source, settings.ignore)
        for state in dialog.table.states.values():
            own, usual = state.cover, settings.cover
            grace = usual.grace if own.grace is None else own.grace
            patience = usual.patience if own.patience is None else own.patience
            if grace >= patience and (own.grace, own.patience) != (None, None):
                path: Path = ("states", state.name, "cover", "grace" if own.grace is not None else "patience")
                what = f"a cover begins after {grace:g} s and is given up after {patience:g} s"
                findings.warn(path, "time-order", what, "make grace shorter than patience")
        yield from findings.problems


def check_fallback(settings: Settings, catalogues: Iterable[Catalogue], findings: Findings) -> None:
    """A warning where covers are switched off and nothing stands in for a value that fails."""
    name = settings.cover.fallback
    for catalogue in catalogues if not settings.cover.enabled else ():
        phrase = catalogue.phrases.get(name)
        if (phrase is None or phrase.slots) and any(each.slots for each in catalogue.phrases.values()):
            what = f"without a fallback a value that fails is silence, and '{name}' is none for '{catalogue.locale}'"
            remedy = f"add a phrase '{name}' of fixed words, or name another one as cover.fallback"
            findings.warn(("cover", "enabled"), "no-fallback", what, remedy)


def _of_states(dialog: DialogSource) -> Iterator[_Named]:
    for state in dialog.table.states.values():
        for role, name in state.cover.phrases.items():
            yield dialog.source, ("states", state.name, "cover", role), role, name


def unfit(named: Iterator[_Named], catalogue: Catalogue, otherwise: str) -> Iterator[Problem]:
    """Names of phrases that cannot cover anything."""
    for source, path, role, name in named:
        phrase = catalogue.phrases.get(name)
        if phrase is None and name in catalogue.prompts:
            yield source.problem(path, f"the {role} '{name}' is a prompt", "name a phrase: covers are one clip")
        elif phrase is None:
            what = f"no phrase '{name}' for locale '{catalogue.locale}', which is to be the {role}"
            remedy = meant(name, catalogue.phrases, otherwise)
            yield source.problem(path, what, remedy, code="no-phrase")
        elif phrase.slots:
            what = f"the {role} '{name}' has a slot"
            yield source.problem(path, what, "choose a phrase of fixed words: covers never wait")
