"""From a directory to a ``Project``, or to everything that is wrong with it."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from ivr.catalog.locales import borrowed, merged
from ivr.catalog.mistakes import listing
from ivr.catalog.party import Allowed
from ivr.catalog.phrase import Catalogue, Phrase
from ivr.catalog.phrases_file import read_phrases
from ivr.catalog.source import Path as SourcePath
from ivr.catalog.source import Source
from ivr.dialog.calendar import Calendar
from ivr.dialog.checks import check_against, prompts_said
from ivr.dialog.dialog_file import DialogSource, read_dialog
from ivr.dialog.languages import speaks
from ivr.dialog.transfer_checks import refused_transfers
from ivr.dialog.value_checks import check_values
from ivr.dialog.web import Env
from ivr.errors import ConfigError, Problem, ProjectError
from ivr.phrases.lock import Lock, parse
from ivr.phrases.store import PhraseStore
from ivr.project.clips import Wanted, qualified, wanted
from ivr.project.files import listed, not_a_directory, read_text
from ivr.project.functions import Functions, import_functions
from ivr.project.hours import read_hours
from ivr.project.project import Project, command
from ivr.project.settings import Settings, read_settings
from ivr.project.sounds import Sounds, load_sounds

PROMPTS, AUDIO = "prompts", "audio"
SETTINGS = "ivr.yaml"
LOCK = "ivr.lock"
HOURS = "hours.yaml"
_ROLES = ("filler", "hold", "still", "fallback")


def load(root: Path, environ: Mapping[str, str], *, clips: bool = True) -> Project:
    """Read the project in ``root``; its own Python under ``prompts/`` is imported.

    With ``clips``, every sound is read and held against ``audio/ivr.lock``; without, the lock is read and nothing
    else of ``audio/``. Raises ``ConfigError`` where there is no project, else ``ProjectError`` with every problem of
    every file.
    """
    prompts = root / PROMPTS
    if problem := not_a_directory(root) or not_a_directory(prompts):
        raise ConfigError(f"{problem.file}: {problem.what}: {problem.remedy}")
    if not prompts.is_dir():
        raise ConfigError(f"{root} holds no project (there is no {prompts}): make one with `{command('init', root)}`")
    settings, source, problems = _settings(prompts / SETTINGS, environ)
    catalogues, origin = _catalogues(prompts / "phrases", problems)
    calendars = _calendars(prompts / HOURS, problems)
    dialogs = _dialogs(prompts / "dialogs", problems)
    functions, broken = import_functions(prompts)
    problems += broken
    spoken = _spoken(catalogues, settings)
    if settings is not None:
        problems += _named(
            settings, source, catalogues, {**dialogs, **functions}, _any_broken(prompts, dialogs, broken)
        )
        problems += _unspoken(settings, source, catalogues, dialogs)
        problems += _covers(settings, source, spoken)
        for dialog in dialogs.values():
            problems += refused_transfers(dialog, Allowed.of(settings.transfer.allow))
    problems += _references(dialogs, spoken, functions, {Path(each.file).stem for each in broken})
    problems += check_values(dialogs, calendars, spoken)
    lock = _lock(root / AUDIO / LOCK, problems, needed=clips, root=root)
    if settings is None or lock is None:
        raise ProjectError(problems)
    catalogues = {locale: qualified(each, settings.locale) for locale, each in catalogues.items()}
    sounds: Sounds = {}
    found = _clashes(list(wanted(catalogues)), root / AUDIO)
    if clips:
        sounds, unready = load_sounds(wanted(catalogues), lock, root / AUDIO, settings, command("render", root))
        found += unready
    if problems or found:
        raise ProjectError([*problems, *found])
    return Project(
        root=root,
        settings=settings,
        catalogues=MappingProxyType(catalogues),
        tables=MappingProxyType({name: dialog.table for name, dialog in dialogs.items()}),
        functions=MappingProxyType(functions),
        lock=lock,
        store=PhraseStore(sounds, settings.loudness, _rendered(lock)),
        calendars=MappingProxyType(calendars),
        warnings=(*_borrowed(catalogues, origin, settings), *_unset(dialogs, environ)),
    )


def _rendered(lock: Lock) -> list[str]:
    return [name for name, entry in lock.clips.items() if entry.origin == "rendered"]


def _settings(file: Path, environ: Mapping[str, str]) -> tuple[Settings | None, Source, list[Problem]]:
    text = read_text(file)
    if isinstance(text, Problem):
        return None, Source(str(file), {}), [text]
    return read_settings(text, str(file), environ)


def _calendars(file: Path, problems: list[Problem]) -> dict[str, Calendar]:
    """Those of the file; a project need not have any."""
    if not os.path.lexists(file):
        return {}
    text = read_text(file)
    calendars, wrong = ({}, [text]) if isinstance(text, Problem) else read_hours(text, str(file))
    problems += wrong
    return dict(calendars)


def _spoken(catalogues: Mapping[str, Catalogue], settings: Settings | None) -> dict[str, Catalogue]:
    """What can be said in each locale, with all that it takes from others."""
    if settings is None or settings.locale not in catalogues:
        return dict(catalogues)
    return {locale: merged(locale, catalogues, settings.locale) for locale in catalogues}


def _borrowed(catalogues: Mapping[str, Catalogue], origin: Mapping[str, Path], settings: Settings) -> Iterator[Problem]:
    """A warning for what a locale lacks and takes from another; the hold sound has no language."""
    for locale in catalogues:
        for other, names in borrowed(locale, catalogues, settings.locale).items():
            if lacked := [name for name in names if name != settings.cover.hold]:
                what = (
                    f"{locale} has no {listing(lacked)}: {'it is' if len(lacked) == 1 else 'they are'} said in {other}"
                )
                yield Problem(str(origin[locale]), 1, 1, what, "add what is to be said otherwise")


def _unset(dialogs: Mapping[str, DialogSource], environ: Mapping[str, str]) -> Iterator[Problem]:
    """A warning for each secret that a lookup sends and this environment lacks."""
    for dialog in dialogs.values():
        for state in dialog.table.states.values():
            step = state.lookup.http if state.lookup is not None else None
            for header, value in step.headers.items() if step is not None else ():
                if isinstance(value, Env) and not environ.get(value.name, "").strip():
                    path: SourcePath = ("states", state.name, "lookup", "headers", header)
                    what = f"the environment has no {value.name}: the lookup will fail"
                    yield dialog.source.problem(path, what, "set it where calls are answered")


def _catalogues(directory: Path, problems: list[Problem]) -> tuple[dict[str, Catalogue], dict[str, Path]]:
    """The catalogues by locale, and their files."""
    files, found = listed(directory, ".yaml")
    problems += found
    if not files and not found:
        problems.append(
            Problem(str(directory), 1, 1, "there are no phrases", "write some, in a file such as en-US.yaml")
        )
    catalogues: dict[str, Catalogue] = {}
    origin: dict[str, Path] = {}
    for file in files:
        text = read_text(file)
        catalogue, wrong = (None, [text]) if isinstance(text, Problem) else read_phrases(text, str(file))
        problems += wrong
        if catalogue is None:
            continue
        if catalogue.locale in catalogues:
            what = f"the phrases of {catalogue.locale} stand in {origin[catalogue.locale].name} too"
            problems.append(Problem(str(file), 1, 1, what, "keep the phrases of one locale in one file"))
        catalogues[catalogue.locale] = catalogue
        origin[catalogue.locale] = file
    return catalogues, origin


def _dialogs(directory: Path, problems: list[Problem]) -> dict[str, DialogSource]:
    if not os.path.lexists(directory):  # a project may have all its dialogs in Python
        return {}
    files, found = listed(directory, ".yaml")
    problems += found
    dialogs: dict[str, DialogSource] = {}
    for file in files:
        text = read_text(file)
        dialog, wrong = (None, [text]) if isinstance(text, Problem) else read_dialog(text, str(file))
        problems += wrong
        if dialog is None:
            continue
        if dialog.table.name in dialogs:
            other = Path(dialogs[dialog.table.name].source.file).name
            what = f"the dialog '{dialog.table.name}' is in {other} too"
            problems.append(dialog.source.problem(("dialog",), what, "give one of them another name"))
        dialogs[dialog.table.name] = dialog
    return dialogs


def _named(
    settings: Settings,
    source: Source,
    catalogues: Mapping[str, Catalogue],
    dialogs: Mapping[str, object],
    broken: bool,
) -> list[Problem]:
    """What the settings name and no file provides. ``dialogs``: tables and functions; not all, where one is broken."""
    found: list[Problem] = []
    if catalogues and settings.locale not in catalogues:
        what = f"no phrases for locale '{settings.locale}'"
        remedy = f"there are phrases for {', '.join(sorted(catalogues))}"
        found.append(source.problem(("locale",), what, remedy))
    if settings.start not in dialogs and not broken:
        what = f"no dialog '{settings.start}' under prompts/dialogs/, nor a function of that name in prompts/*.py"
        remedy = f"there are {', '.join(sorted(dialogs))}" if dialogs else "write it"
        found.append(source.problem(("start",), what, remedy))
    return found


def _unspoken(
    settings: Settings, source: Source, catalogues: Mapping[str, Catalogue], dialogs: Mapping[str, DialogSource]
) -> Iterator[Problem]:
    """Locales that are named and that nobody could speak; where no catalogue could be read, its mistakes were told."""
    rules = enumerate(settings.choose_locale)
    named: list[tuple[Source, SourcePath, str | None]] = [
        (source, ("choose_locale", index, "locale"), rule.locale) for index, rule in rules
    ]
    for dialog in dialogs.values():
        states = dialog.table.states.values()
        named += [(dialog.source, ("states", state.name, "locale"), state.locale) for state in states]
    for file, path, locale in named if catalogues else ():
        if locale is not None and not speaks(locale, catalogues):
            what = f"no phrases for locale '{locale}', nor for its language"
            yield file.problem(path, what, f"there are phrases for {', '.join(sorted(catalogues))}")


def _any_broken(prompts: Path, dialogs: Mapping[str, DialogSource], modules: Sequence[Problem]) -> bool:
    directory = prompts / "dialogs"
    files, _ = listed(directory, ".yaml") if directory.is_dir() else ([], [])
    return bool(modules) or not_a_directory(directory) is not None or len(files) > len(dialogs)


def _covers(settings: Settings, source: Source, catalogues: Mapping[str, Catalogue]) -> list[Problem]:
    found: list[Problem] = []
    for catalogue in catalogues.values() if settings.cover.enabled else ():
        for role in _ROLES:
            name = getattr(settings.cover, role)
            if name is None:
                continue
            phrase = catalogue.phrases.get(name)
            if phrase is None:
                what = f"no phrase '{name}' for locale '{catalogue.locale}', which is to be the {role}"
                remedy = "add it under prompts/phrases/, or set 'enabled: no' below cover"
                found.append(source.problem(("cover", role), what, remedy))
            elif phrase.slots:
                what = f"the {role} '{name}' has a slot"
                found.append(source.problem(("cover", role), what, "choose a phrase of fixed words: covers never wait"))
    return found


def _references(
    dialogs: Mapping[str, DialogSource], catalogues: Mapping[str, Catalogue], functions: Functions, broken: set[str]
) -> list[Problem]:
    """What dialogs name and nobody provides. Functions of modules that could not be imported get no second blame."""
    found: set[Problem] = set()
    for dialog in dialogs.values():
        runs = {state.lookup.run for state in dialog.table.states.values() if state.lookup is not None}
        known = {*functions, *(run for run in runs if run.partition(".")[0] in broken)}
        for catalogue in catalogues.values() or [_assumed(dialog)]:
            found.update(check_against(dialog, catalogue, known))
    return sorted(found)


def _assumed(dialog: DialogSource) -> Catalogue:
    """A catalogue that has whatever the dialog says; where no catalogue could be read, its mistakes were told."""
    said: set[str] = set()
    for state in dialog.table.states.values():
        said.update(name for _, name in prompts_said(state, dialog.source))
    return Catalogue("", {name: Phrase(name, "", "", ()) for name in said})


def _lock(file: Path, problems: list[Problem], *, needed: bool, root: Path) -> Lock | None:
    """The lock; an empty one where there is none yet and none is ``needed``."""
    if (misplaced := not_a_directory(file.parent)) is not None:
        problems.append(misplaced)
        return None
    if not needed and not os.path.lexists(file):
        return Lock()
    text = read_text(file)
    if isinstance(text, Problem):
        if not os.path.lexists(file):
            text = Problem(str(file), 1, 1, "nothing was rendered yet", f"run `{command('render', root)}`")
        problems.append(text)
        return None
    try:
        return parse(text, str(file), command("render", root))
    except ProjectError as error:
        problems += error.problems
        return None


def _clashes(clips: Sequence[Wanted], audio: Path) -> list[Problem]:
    """Rendered words that would be written over a sound of the project's own."""
    by_file: defaultdict[str, list[Wanted]] = defaultdict(list)
    for clip in clips:
        by_file[clip.file.casefold()].append(clip)
    found: list[Problem] = []
    for sharing in by_file.values():
        own = [clip for clip in sharing if clip.own]
        for clip in sharing if own else ():
            if not clip.own:
                what = f"phrase '{clip.phrase}' would be rendered over the sound of phrase '{own[0].phrase}'"
                found.append(Problem(str(audio / own[0].file), 1, 1, what, "rename one of the two"))
    return found
