"""The files of ``prompts/phrases/``: each says its locale, and the words of one locale may stand in several."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from ivr.catalog.phrase import Catalogue
from ivr.catalog.phrases_file import Words, words_in
from ivr.catalog.source import Source, read
from ivr.errors import Problem
from ivr.project.disk.files import listed, read_text


def words_of(directory: Path, problems: list[Problem]) -> tuple[dict[str, Words], bool]:
    """By locale, and whether that is all. What is wrong is added to ``problems``."""
    files, found = _files(directory)
    problems += found
    if not files and not found:
        remedy = "write some, in a file such as en-US.yaml"
        problems.append(Problem(str(directory), 1, 1, "there are no phrases", remedy, code="no-phrase"))
    sources: list[Source] = []
    for file in files:
        text = read_text(file)
        if isinstance(text, Problem):
            problems.append(text)
        else:
            sources.append(read(text, str(file)))
    everything = not found and len(sources) == len(files)
    return _read(sources, problems, everything=everything)


def _files(directory: Path) -> tuple[list[Path], list[Problem]]:
    """Those of a directory, then those of the directories in it."""
    files, problems = listed(directory, ".yaml")
    below = sorted(directory.iterdir()) if not problems and directory.is_dir() else []
    for path in below:
        if path.name.startswith(".") or path in files or not path.is_dir():
            continue
        if path.is_symlink():  # it may lead in a circle
            what, remedy = "a link to a directory is not followed", "put the directory itself there"
            problems.append(Problem(str(path), 1, 1, what, remedy, code="file"))
            continue
        more, wrong = _files(path)
        files += more
        problems += wrong
    return files, problems


def _read(sources: Sequence[Source], problems: list[Problem], *, everything: bool) -> tuple[dict[str, Words], bool]:
    phrases = _by_locale(sources)
    unknown = not everything or any(source.at(("locale",)) is None for source in sources)
    found: dict[str, Words] = {}
    for source in sources:
        beside = phrases.get(str(source.at(("locale",))), {})
        words, wrong = words_in(source, beside, lenient=unknown)
        problems += wrong
        if words.catalogue is None:
            everything = False
            continue
        locale = words.catalogue.locale
        if (first := found.get(locale)) is not None:
            problems += _doubled(first, words)
            words = _both(first, words)
        found[locale] = words
    return {locale: _said(words) for locale, words in found.items()}, everything


def _by_locale(sources: Sequence[Source]) -> Mapping[str, Mapping[str, None]]:
    """The names of all phrases, as they are written."""
    found: defaultdict[str, dict[str, None]] = defaultdict(dict)
    for source in sources:
        if isinstance(names := source.at(("phrases",)), dict):
            found[str(source.at(("locale",)))].update(dict.fromkeys(map(str, names)))
    return found


def _doubled(first: Words, second: Words) -> Iterator[Problem]:
    """What stands in both, told of the second."""
    for kind, names in (("phrase", _doubles(first, second)), ("prompt", _double_prompts(first, second))):
        for name in sorted(names):
            path = (f"{kind}s", name)
            other = next(each for each in (first.source, *first.others) if each.at(path) is not None)
            line, _ = other.position(path, key=True)
            what = f"the {kind} '{name}' stands in {other.file}:{line} too"
            yield second.source.problem(path, what, "remove one of the two", key=True, code="twice")


def _both(first: Words, second: Words) -> Words:
    """What two files of one locale say; a phrase that both have is wrong in either."""
    assert first.catalogue is not None and second.catalogue is not None
    one, two = first.catalogue, second.catalogue
    catalogue = Catalogue(one.locale, {**one.phrases, **two.phrases}, {**two.prompts, **one.prompts})
    doubles = _doubles(first, second)
    right = first.right and second.right and not doubles and not _double_prompts(first, second)
    return Words(
        catalogue,
        first.source,
        first.unread | second.unread | doubles,
        first.whole and second.whole,
        right,
        (*first.others, second.source),
    )


def _said(words: Words) -> Words:
    """Its prompts without phrases that could not be read in another file."""
    if words.right or not words.others or words.catalogue is None:
        return words
    phrases = words.catalogue.phrases
    prompts = {
        name: replace(prompt, variants=tuple(tuple(n for n in each if n in phrases) for each in prompt.variants))
        for name, prompt in words.catalogue.prompts.items()
    }
    return replace(words, catalogue=replace(words.catalogue, prompts=prompts))


def _doubles(first: Words, second: Words) -> frozenset[str]:
    """The phrases that stand in both."""
    assert first.catalogue is not None and second.catalogue is not None
    return frozenset(first.catalogue.phrases.keys() & second.catalogue.phrases.keys())


def _double_prompts(first: Words, second: Words) -> frozenset[str]:
    assert first.catalogue is not None and second.catalogue is not None
    return frozenset(first.catalogue.prompts.keys() & second.catalogue.prompts.keys())
