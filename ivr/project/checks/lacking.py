"""What a project names or sends, and this machine or a locale lacks."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from ivr.catalog.locales import borrowed
from ivr.catalog.mistakes import listing
from ivr.catalog.phrase import Catalogue
from ivr.catalog.phrases_file import Words
from ivr.catalog.source import Path, Source
from ivr.dialog.dialog_file import DialogSource
from ivr.dialog.inspection.findings import Findings
from ivr.dialog.languages import speaks
from ivr.dialog.web import Env
from ivr.errors import Problem
from ivr.project.settings.settings import Settings


def unspoken(
    settings: Settings, source: Source, catalogues: Mapping[str, Catalogue], dialogs: Mapping[str, DialogSource]
) -> Iterator[Problem]:
    """Locales that are named and that nobody could speak; where no catalogue could be read, its mistakes were told."""
    rules = enumerate(settings.choose_locale)
    named: list[tuple[Source, Path, str | None]] = [
        (source, ("choose_locale", index, "locale"), rule.locale) for index, rule in rules
    ]
    for dialog in dialogs.values():
        states = dialog.table.states.values()
        named += [(dialog.source, ("states", state.name, "locale"), state.locale) for state in states]
    for file, path, locale in named if catalogues else ():
        if locale is not None and not speaks(locale, catalogues):
            what = f"no phrases for locale '{locale}', nor for its language"
            remedy = f"there are phrases for {', '.join(sorted(catalogues))}"
            yield file.problem(path, what, remedy, code="no-locale")


def borrowed_words(loops: Collection[str], settings: Settings, words: Mapping[str, Words]) -> Iterator[Problem]:
    """A warning for what a locale lacks and takes from another; ``loops``, which are held with, have no language."""
    catalogues = {locale: each.catalogue for locale, each in words.items() if each.catalogue is not None}
    for locale in catalogues:
        if not words[locale].whole or settings.locale not in catalogues:
            continue
        findings = Findings(words[locale].source, settings.ignore)
        for other, names in borrowed(locale, catalogues, settings.locale).items():
            if lacked := [name for name in names if name not in loops]:
                said = f"{'it is' if len(lacked) == 1 else 'they are'} said in {other}"
                what = f"{locale} has no {listing(lacked)}: {said}"
                findings.warn(("locale",), "untranslated", what, "add what is to be said otherwise")
        yield from findings.problems


def unset_secrets(
    settings: Settings, dialogs: Mapping[str, DialogSource], environ: Mapping[str, str]
) -> Iterator[Problem]:
    """A warning for each secret that a lookup sends and this environment lacks."""
    for dialog in dialogs.values():
        findings = Findings(dialog.source, settings.ignore)
        for state in dialog.table.states.values():
            step = state.lookup.http if state.lookup is not None else None
            for header, value in step.headers.items() if step is not None else ():
                if isinstance(value, Env) and not environ.get(value.name, "").strip():
                    path: Path = ("states", state.name, "lookup", "headers", header)
                    what = f"the environment has no {value.name}: the lookup will fail"
                    findings.warn(path, "no-secret", what, "set it where calls are answered")
        yield from findings.problems
