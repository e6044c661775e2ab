"""What `ivr render` says of a build at its end."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping

from ivr.catalog.mistakes import listing
from ivr.errors import Problem, Severity
from ivr.pregen.report import Planned, RenderReport
from ivr.project.layout import command
from ivr.project.prices import Price, money
from ivr.project.sources import Sources

NAMES = ("missing", "corrupt", "stale", "rendered", "copied", "recorded", "entered")


def show(report: RenderReport, sources: Sources, price: Price | None, *, dry: bool) -> None:
    """Clips on standard output, what is wrong on standard error, and last what it cost."""
    if dry:
        for one in report.planned:
            print(_planned(one))
    else:
        for word in NAMES:
            for name in getattr(report, word):
                print(f"{word:9} {name}")
    for file in report.orphaned:
        print(f"{'orphaned':9} {sources.audio / file} (no phrase uses it; `{command('gc', sources.root)}` removes it)")
    for problem in report.unreachable:
        print(f"{'unsaid':9} {problem}")
    if report.unsure:
        print(f"which phrases nobody says is not known: {report.unsure}")
    _wrong(report)
    print(_end(report, sources, price, dry=dry))


def _planned(one: Planned) -> str:
    if one.recording:
        return f"{one.state:9} {one.clip}: from audio/{one.recording}"
    if one.twin:
        return f"{one.state:9} {one.clip}: as audio/{one.twin} says it"
    return f"{one.state:9} {one.clip}: {one.characters} characters by {one.voice}: “{one.text}”"


def _wrong(report: RenderReport) -> None:
    for problem in report.problems:
        print(problem, file=sys.stderr)
    for first, *others in _alike(report.failed):
        print(report.failed[first], file=sys.stderr)
        if others:
            print(f"  and {len(others)} more for the same reason: {listing(others)}", file=sys.stderr)


def _end(report: RenderReport, sources: Sources, price: Price | None, *, dry: bool) -> str:
    cost = f"({report.characters:,} characters{_money(report, price)})"
    failed = len(report.failed) + sum(problem.severity is Severity.ERROR for problem in report.problems)
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


def _money(report: RenderReport, price: Price | None) -> str:
    if not report.characters:
        return ""
    if price is None:
        return f", price unknown: add prices: {{{report.provider}: …}} to prompts/ivr.yaml"
    return f", {money(price.of(report.characters))} {price.currency}"


def _alike(failed: Mapping[str, Problem]) -> Iterator[list[str]]:
    """Clips that failed for one reason, such as a voice that does not exist."""
    found: dict[str, list[str]] = {}
    for name, problem in failed.items():
        what = problem.what.replace(f"'{name}'", "").replace(f"{name}.wav", "")  # the file's name tells nothing more
        found.setdefault(what, []).append(name)
    yield from found.values()
