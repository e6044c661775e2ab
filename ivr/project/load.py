"""From a directory to a ``Project``, or to everything that is wrong with it."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from ivr.catalog.locales import merged
from ivr.catalog.party import Allowed
from ivr.catalog.phrase import Catalogue
from ivr.catalog.source import Source
from ivr.dialog.calendar import Calendar
from ivr.dialog.dialog_file import DialogSource, read_dialog_leniently
from ivr.dialog.inspection.reach import no_dialog
from ivr.dialog.table import SubDialog
from ivr.dialog.transfer_checks import refused_transfers
from ivr.dialog.value_checks import check_values, named_calendars
from ivr.errors import Problem, ProjectError, Severity
from ivr.phrases.lock import Lock
from ivr.phrases.store import PhraseStore
from ivr.project.audio.clips import qualified
from ivr.project.audio.sounds import SoundFiles, load_sounds
from ivr.project.audio.wanted import wanted
from ivr.project.checks.code import Provided, check_code
from ivr.project.checks.covered import check_covers, loops
from ivr.project.checks.examined import Known, examined
from ivr.project.checks.lacking import borrowed_words, unset_secrets, unspoken
from ivr.project.checks.readback import check_read_back
from ivr.project.checks.references import (
    Able,
    broken_modules,
    handed,
    measured,
    references,
    said_anywhere,
    said_by_settings,
    signatures,
    supposed,
    unknown,
)
from ivr.project.checks.said_values import check_given
from ivr.project.checks.tongues import tongues, voiced
from ivr.project.code.functions import import_functions
from ivr.project.code.mentioned import Mentioned, mentioned
from ivr.project.disk.files import listed, not_a_directory, read_text
from ivr.project.disk.layout import AUDIO, HOURS, LOCK, SETTINGS, command, prompts_of
from ivr.project.profiles.profile import wrong_profiles
from ivr.project.project import Project
from ivr.project.reading.found import Found
from ivr.project.reading.readable import Also, Readable
from ivr.project.reading.settings_and_lock import clashes, lock_of, settings_of
from ivr.project.reading.wordings import words_of
from ivr.project.settings.hours import read_hours
from ivr.project.settings.settings import Settings


def load(
    root: Path, environ: Mapping[str, str], *, clips: bool = True, thorough: bool = False, also: Also | None = None
) -> Project:
    """Read the project in ``root``; its own Python under ``prompts/`` is imported.

    With ``clips``, every sound is read and held against ``audio/ivr.lock``; without, the lock is read and nothing
    else of ``audio/``. ``thorough``: the dialogs are examined as a whole, latency profiles are read too, and what may
    be meant and mostly is not is among the project's warnings. ``also`` may find more, in what could be read. Raises
    ``ConfigError`` where there is no project, else ``ProjectError`` with every problem of every file.
    """
    prompts = prompts_of(root)
    files, problems = _read(prompts, environ)
    code = mentioned(prompts, _run(files), thorough=thorough)
    problems += _against_each_other(files, code, thorough)
    if thorough:
        tables = [dialog.table for dialog in files.dialogs.values()]
        wrong = wrong_profiles(prompts, tables, files.catalogues, files.functions)
        problems += [each for each in wrong if each.code not in files.settings.ignore]
    if also is not None:
        problems += also(_readable(root, files, code))
    settings = files.settings
    problems += unset_secrets(settings, files.dialogs, environ)
    lock = lock_of(root / AUDIO / LOCK, problems, needed=clips, root=root)
    catalogues = {locale: qualified(each, settings.locale) for locale, each in files.right.items()}
    if lock is not None and not files.lost.voice:
        problems += tongues(settings, files.words, voiced(catalogues, lock))
    if "ignore" in files.lost:
        problems = [problem for problem in problems if problem.severity is Severity.ERROR]
    if lock is None:
        raise ProjectError(problems)
    sounds = SoundFiles(root / AUDIO, {})
    needed = list(wanted(catalogues, settings))
    found = clashes(needed, root / AUDIO)
    if clips and not files.lost.voice:
        sounds, unready = load_sounds(needed, lock, root / AUDIO, settings, command("render", root))
        found += unready
    problems += found
    if any(problem.severity is Severity.ERROR for problem in problems):
        raise ProjectError(problems)
    return Project(
        root=root,
        settings=settings,
        catalogues=MappingProxyType(catalogues),
        tables=MappingProxyType({name: dialog.table for name, dialog in files.dialogs.items()}),
        functions=MappingProxyType(files.functions),
        lock=lock,
        store=PhraseStore(sounds, settings.loudness, _levelled(lock), sounds.rate),
        calendars=MappingProxyType(files.calendars),
        warnings=tuple(sorted(problems)),
    )


def _readable(root: Path, files: Found, code: Mentioned) -> Readable:
    """What is wrong is left out."""
    tables = {name: dialog.table for name, dialog in files.dialogs.items() if dialog.right}
    right = all(words.right for words in files.words.values()) and files.all_words and not files.lost.paths
    whole = right and not files.nameless and len(tables) == len(files.dialogs)
    return Readable(root, files.settings, files.catalogues, tables, files.functions, code.texts, whole, files.source)


def _read(prompts: Path, environ: Mapping[str, str]) -> tuple[Found, list[Problem]]:
    """What could be read, and what is wrong with each file by itself."""
    settings, source, problems, lost = settings_of(prompts / SETTINGS, environ)
    words, all_words = words_of(prompts / "phrases", problems)
    all_words = all_words and "locale" not in lost
    calendars, all_calendars = _calendars(prompts / HOURS, problems)
    dialogs = _dialogs(prompts / "dialogs", problems)
    functions, broken = import_functions(prompts)
    problems += broken
    nameless = _any_nameless(prompts, dialogs, broken)
    files = Found(
        lost.usable(settings),
        lost,
        source,
        words,
        all_words,
        calendars,
        all_calendars,
        dialogs,
        functions,
        broken,
        nameless,
    )
    return files, problems


def _against_each_other(files: Found, code: Mentioned, thorough: bool) -> list[Problem]:
    """What the files say of each other."""
    settings, source, dialogs = files.settings, files.source, files.dialogs
    spoken = _spoken(files.catalogues, settings)
    if not files.all_named:
        spoken = {locale: supposed(each, said_anywhere(settings, dialogs)) for locale, each in spoken.items()}
    found: list[Problem] = []
    able = Able.of(files.functions, code.plain)
    found += _named(settings, source, files.catalogues, [*dialogs, *able.dialogs], files, able.lookups)
    found += unspoken(settings, source, files.catalogues if files.all_words else {}, dialogs)
    found += check_covers(settings, source, spoken, dialogs)
    if "readback" not in files.lost:
        found += check_read_back(settings, source, files.words, all_words=files.all_named)
    found += said_by_settings(settings, source, spoken)
    found += measured(settings, source, spoken)
    for dialog in dialogs.values() if "transfer" not in files.lost else ():
        found += refused_transfers(dialog, Allowed.of(settings.transfer.allow))
    if "locale" not in files.lost and "cover" not in files.lost:
        found += borrowed_words(loops(settings, dialogs), settings, files.words)
    found += references(dialogs, spoken, files.functions, broken_modules(files.broken), code, files.given)
    found += signatures(dialogs, files.functions, able)
    in_code = {each.name for names in code.named.values() for each in names if each.kind == "calendar"}
    calendars = files.calendars if files.all_calendars else named_calendars(dialogs) | in_code
    provided = Provided(
        spoken if files.all_named else {},
        None if files.nameless else {*dialogs, *able.dialogs},
        able.lookups,
        None if files.broken else files.functions,
        calendars,
        None if "transfer" in files.lost else Allowed.of(settings.transfer.allow),
    )
    found += check_code(code, provided)
    found += check_values(dialogs, calendars, spoken, handed(dialogs, code, files.given))
    if not files.nameless:
        found += unknown(settings, source, dialogs, able)
    if thorough:
        all_slots = files.all_named and not any(words.unread for words in files.words.values())
        unsettled = files.lost.unsettled(dialogs)
        known = Known(unsettled, spoken, files.functions, code.texts, files.whole, all_slots, files.lost.unread)
        found += examined(settings, source, known)
        found += check_given(code.given_to_slots, spoken.values() if files.all_named else (), files.functions)
    return found


def _run(files: Found) -> set[str]:
    """The names that are run as dialogs."""
    states = [state for dialog in files.dialogs.values() for state in dialog.table.states.values()]
    return {files.settings.start, *(state.exit.dialog for state in states if isinstance(state.exit, SubDialog))}


def _levelled(lock: Lock) -> list[str]:
    return [name for name, entry in lock.clips.items() if entry.origin != "own"]


def _calendars(file: Path, problems: list[Problem]) -> tuple[dict[str, Calendar], bool]:
    """Those of the file, and whether that is all; a project need not have any."""
    if not os.path.lexists(file):
        return {}, True
    text = read_text(file)
    calendars, wrong = ({}, [text]) if isinstance(text, Problem) else read_hours(text, str(file))
    problems += wrong
    return dict(calendars), not wrong


def _spoken(catalogues: Mapping[str, Catalogue], settings: Settings) -> dict[str, Catalogue]:
    """What can be said in each locale, with all that it takes from others."""
    if settings.locale not in catalogues:
        return dict(catalogues)
    return {locale: merged(locale, catalogues, settings.locale) for locale in catalogues}


def _dialogs(directory: Path, problems: list[Problem]) -> dict[str, DialogSource]:
    if not os.path.lexists(directory):  # a project may have all its dialogs in Python
        return {}
    files, found = listed(directory, ".yaml")
    problems += found
    dialogs: dict[str, DialogSource] = {}
    for file in files:
        text = read_text(file)
        dialog, wrong = (None, [text]) if isinstance(text, Problem) else read_dialog_leniently(text, str(file))
        problems += wrong
        if dialog is None:
            continue
        if dialog.table.name in dialogs:
            other = Path(dialogs[dialog.table.name].source.file).name
            what = f"the dialog '{dialog.table.name}' is in {other} too"
            problems.append(dialog.source.problem(("dialog",), what, "give one of them another name", code="twice"))
        dialogs[dialog.table.name] = dialog
    return dialogs


def _named(
    settings: Settings,
    source: Source,
    catalogues: Mapping[str, Catalogue],
    dialogs: Sequence[str],
    files: Found,
    lookups: Collection[str],
) -> list[Problem]:
    """What the settings name and no file provides.

    ``dialogs``: tables and functions; ``lookups``: functions that are none.
    """
    found: list[Problem] = []
    if catalogues and files.all_words and settings.locale not in catalogues:
        what = f"no phrases for locale '{settings.locale}'"
        remedy = f"there are phrases for {', '.join(sorted(catalogues))}"
        found.append(source.problem(("locale",), what, remedy, code="no-locale"))
    if settings.start and settings.start not in dialogs and not files.nameless:
        what = f"no dialog '{settings.start}' under prompts/dialogs/, nor a function of that name in prompts/*.py"
        remedy = f"there are {', '.join(sorted(dialogs))}" if dialogs else "write it"
        if settings.start in lookups:
            what, remedy = no_dialog(settings.start, dialogs, lookups)
        found.append(source.problem(("start",), what, remedy, code="no-dialog"))
    return found


def _any_nameless(prompts: Path, dialogs: Mapping[str, DialogSource], modules: Sequence[Problem]) -> bool:
    directory = prompts / "dialogs"
    files, _ = listed(directory, ".yaml") if directory.is_dir() else ([], [])
    nameless = any(dialog.cuts.nameless for dialog in dialogs.values())
    return bool(modules) or not_a_directory(directory) is not None or len(files) > len(dialogs) or nameless
