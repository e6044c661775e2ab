"""What `ivr render` says of a build at its end."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence

from ivr.catalog.mistakes import listing
from ivr.errors import Problem, Severity
from ivr.phrases.fragments import is_fragment, locale_of
from ivr.pregen.orphans import CHANGED, LAST
from ivr.pregen.report import Planned, RenderReport, alike, of_one_kind
from ivr.project.audio.speakers import NO_VOICE
from ivr.project.disk.layout import command
from ivr.project.settings.prices import Price, money
from ivr.project.sources import Sources

FEW = 10
"""Orphans that have lines of their own."""
_LEFT = {CHANGED: "they are not as a build made them", LAST: "they are all that is left of their recordings"}
NAMES = ("missing", "corrupt", "stale", "rendered", "copied", "recorded", "entered")


def show(report: RenderReport, sources: Sources, price: Price | None, *, dry: bool) -> None:
    """Clips on standard output, what is wrong on standard error, and last what it cost."""
    if dry:
        for one in report.planned:
            print(_planned(one))
    else:
        for word in NAMES:
            for line in _named(getattr(report, word)):
                print(f"{word:9} {line}")
    for line in _orphaned(report, sources):
        print(f"{'orphaned':9} {line}")
    for problem in report.unreachable:
        print(f"{'unsaid':9} {problem}")
    if report.unsure:
        print(f"which phrases nobody says is not known: {report.unsure}")
    _wrong(report)
    print(_end(report, sources, price, dry=dry))


def _named(clips: Sequence[str]) -> Iterator[str]:
    """Each clip on its line, and those fragments of a locale that share their state on one: there are hundreds."""
    fragments: dict[str, list[str]] = {}
    for name in clips:
        if is_fragment(name):
            fragments.setdefault(locale_of(name), []).append(name)
        else:
            yield name
    for locale, names in fragments.items():
        yield f"{len(names)} fragments of {locale}: {listing(names)}" if len(names) > 1 else names[0]


def _orphaned(report: RenderReport, sources: Sources) -> Iterator[str]:
    """Each on its line, but many with the same fate, and the fragments of a locale, on one."""
    collects = f"`{command('gc', sources.root)}`"
    together: dict[tuple[str, str], list[str]] = {}
    for file in report.orphaned:
        locale = locale_of(file) if is_fragment(file) else ""
        together.setdefault((report.left.get(file, ""), locale), []).append(file)
    for (left, locale), files in together.items():
        if len(files) > (1 if locale else FEW):
            what = f"{len(files):,} fragments of {locale}" if locale else f"{len(files):,} clips"
            does = f"leaves them: {_LEFT[left]}" if left else "removes them"
            yield f"{what} below {sources.audio} (no phrase uses them; {collects} {does}): {listing(files)}"
        else:
            does = f"leaves it: {left}" if left else "removes it"
            yield from (f"{sources.audio / file} (no phrase uses it; {collects} {does})" for file in files)


def _planned(one: Planned) -> str:
    if one.recording:
        return f"{one.state:9} {one.clip}: from audio/{one.recording}"
    if one.twin:
        return f"{one.state:9} {one.clip}: as audio/{one.twin} says it"
    return f"{one.state:9} {one.clip}: {one.characters} characters by {one.voice}: “{one.text}”"


def _wrong(report: RenderReport) -> None:
    for problem, *more in of_one_kind(report.problems):
        print(problem, file=sys.stderr)
        if more:
            lines = listing([str(each.line) for each in more])
            print(f"  and {len(more)} more of this kind, in line{'s' * (len(more) > 1)} {lines}", file=sys.stderr)
    for first, *others in alike(report.failed):
        print(report.failed[first], file=sys.stderr)
        if others:
            print(f"  and {len(others)} more for the same reason: {listing(others)}", file=sys.stderr)


def _end(report: RenderReport, sources: Sources, price: Price | None, *, dry: bool) -> str:
    cost = f"({report.characters:,} characters{_money(report, price)})"
    failed = len(report.failed) + sum(_about_clips(problem, sources) for problem in report.problems)
    recordings = sum(bool(one.recording) for one in report.planned)
    twins = sum(bool(one.twin) for one in report.planned)
    said = len(report.planned) - recordings - twins
    if dry:
        by = f" by {report.provider}" if report.provider else ""
        made = f"{said} would be rendered{by} {cost}"
        made += f", {twins} copied" if twins else ""
        made += f", {recordings} made from recordings" if recordings else ""
        return f"{made}, {len(report.ready)} unchanged, {failed} cannot be made"
    if report.check:
        todo = f"{said} to render {cost}"
        todo += f", {twins} to copy" if twins else ""
        todo += f", {recordings} to make from recordings" if recordings else ""
        todo += f", {failed} cannot be made" if failed else ""
        todo += f", {len(report.orphaned)} orphaned" if report.orphaned else ""
        todo += f", {len(report.unreachable)} unsaid" if report.unreachable else ""
        return f"{len(report.ready)} clips right, {todo}"
    made = f"{len(report.rendered)} rendered {cost}"
    made += f", {len(report.copied)} copied" if report.copied else ""
    made += f", {len(report.recorded)} made from recordings" if report.recorded else ""
    made += f", {len(report.not_asked)} not asked for" if report.not_asked else ""
    return f"{made}, {len(report.ready)} unchanged, {failed} failed"


def _about_clips(problem: Problem, sources: Sources) -> bool:
    """Whether something was not made because of it that is not among the clips that failed: settings make no clips."""
    elsewhere = problem.file == sources.written.file or problem.code in ("environment", NO_VOICE)
    return problem.severity is Severity.ERROR and not elsewhere


def _money(report: RenderReport, price: Price | None) -> str:
    if not report.characters:
        return ""
    if price is None:
        return f", price unknown: add prices: {{{report.provider}: …}} to prompts/ivr.yaml"
    return f", {money(price.of(report.characters))} {price.currency}"
