"""What exploring found, for people and for programs. Personal data is masked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict
from typing import Any

from ivr.simulator.explore_differs import Difference
from ivr.simulator.explore_found import Branch, Explored
from ivr.simulator.explore_replay import ROUNDS
from ivr.trace.events import FirstAudio, StateEntered, TransferStarted
from ivr.trace.sound import SegmentStarted, Strategy

Mask = Callable[[str], str]
_COVERS = frozenset([Strategy.HOLD, Strategy.SILENCE])


def heard(branch: Branch, mask: Mask) -> Iterator[str]:
    """States, words and transfers of a branch, each a line."""
    said: list[str] = []
    entered = iter(branch.replayed.states[branch.replayed.since :])
    for event in branch.replayed.events:
        match event:
            case SegmentStarted(text=text, private=private, strategy=strategy) if strategy not in _COVERS and text:
                said.append(mask(text) if private else text)
            case StateEntered():
                yield from _words(said)
                yield f"[{next(entered)}]"
            case TransferStarted(to=to, private=private):
                yield from _words(said)
                yield f"(transfer to {mask(to) if private else to})"
            case _:
                pass
    yield from _words(said)


def _words(said: list[str]) -> Iterator[str]:
    if said:
        yield f'"{" ".join(said)}"'
        said.clear()


def ttfa(branch: Branch) -> float | None:
    """The longest wait for a first word in it, seconds."""
    return max((event.ttfa for event in branch.replayed.events if isinstance(event, FirstAudio)), default=None)


def tree(found: Explored, mask: Mask) -> Iterator[str]:
    """Lines for people: each branch below the choice that led to it."""
    yield from _branch(found.root, "", mask)
    yield ""
    wrongs = found.wrongs()
    for wrong, (first, *others) in wrongs.items():
        more = f" and {_some(len(others), 'way')} more" if others else ""
        yield f"wrong: {_path(first)}{more}: {wrong}"
    for state, why in found.unreached.items():
        yield f"not reached: state {state}: {why}"
    for (state, error, count), why in found.unclimbed.items():
        yield f"not reached: {state}, {error} {count}: {why}"
    yield from _differs(found)
    if found.unsaid:
        yield f"never said: {', '.join(found.unsaid)}"
    if found.loops:
        yield f"left after {ROUNDS} rounds, what comes behind more is not seen: {'; '.join(sorted(found.loops))}"
    if found.left:
        left = f"{found.left} branch was" if found.left == 1 else f"{found.left} branches were"
        yield f"cut: {left} left after {_some(found.calls, 'call')}; --most makes more"
    listened = [branch.replayed.listened for branch in found.branches()]
    judged = sum(each.judged for each in listened)
    if judged or any(each.findings for each in listened):
        right = judged - sum(len(each.misheard) for each in listened)
        unjudged = sum(len(each.unjudged) for each in listened)
        yield f"listening: {right} of {judged} utterances understood, {unjudged} cannot be judged"
    if found.hasty:
        tried = " and ".join(_some(count, what) for what, count in found.hasty.items())
        yield f"into words: {tried}; {len(found.differs) or 'nothing'} different"
    wrong_count = len(wrongs) + len({(each.did, each.what) for each in found.differs if each.wrong})
    yield (
        f"{_some(found.calls, 'call')}, {_some(len(found.states), 'state')} and {_some(len(found.rungs), 'rung')} of "
        f"ladders reached, {_some(len(found.unreached), 'state')} and {_some(len(found.unclimbed), 'rung')} not; "
        f"{wrong_count or 'nothing'} wrong"
    )


def _some(count: int, what: str) -> str:
    return f"{count} {what}{'s' * (count != 1)}"


def _differs(found: Explored) -> Iterator[str]:
    """What something into words led to, once for all the places where that was the same."""
    alike: dict[tuple[bool, str, str], list[Difference]] = {}
    for each in found.differs:
        alike.setdefault((each.wrong, each.did, each.what), []).append(each)
    for (wrong, did, what), those in alike.items():
        path = ", ".join(those[0].path) or "the beginning"
        others = f" and {len(those) - 1} more" if len(those) > 1 else ""
        yield f"{'wrong' if wrong else 'into words'}: {did} into the words behind {path}{others}: {what}"


def _path(branch: Branch) -> str:
    return ", ".join(branch.path) or "the beginning"


def _branch(branch: Branch, indent: str, mask: Mask) -> Iterator[str]:
    label = branch.path[-1] if branch.path else "a call comes in"
    wait = ttfa(branch)
    yield f"{indent}{label}" + (f"  ({wait * 1000:.0f} ms)" if wait is not None else "")
    for line in heard(branch, mask):
        yield f"{indent}    {line}"
    for wrong in branch.wrong:
        yield f"{indent}    !! {wrong}"
    for finding in branch.replayed.listened.unjudged:
        yield f"{indent}    ?? {finding}"
    if branch.replayed.point is None:
        yield f"{indent}    = {branch.replayed.reason or 'it never ends'}"
    elif branch.again:
        yield f"{indent}    = on as shown elsewhere"
    for below in branch.below:
        yield from _branch(below, indent + "  ", mask)


def as_dict(found: Explored, mask: Mask) -> dict[str, Any]:
    """The same for programs; ``ttfa`` and ``seconds`` are seconds."""
    branches = [
        {
            "path": list(branch.path),
            "heard": list(heard(branch, mask)),
            "ttfa": ttfa(branch),
            "dead_air": [{"start": d.start, "seconds": d.stop - d.start, "why": d.why} for d in branch.replayed.dead],
            "ended": branch.replayed.reason,
            "again": branch.again,
            "wrong": branch.wrong,
            "listened": {
                "judged": branch.replayed.listened.judged,
                "findings": [asdict(finding) for finding in branch.replayed.listened.findings],
            },
        }
        for branch in found.branches()
    ]
    return {
        "ok": not any(branch["wrong"] for branch in branches) and not any(each.wrong for each in found.differs),
        "wrong": [
            {"what": what, "ways": len(those), "first": list(those[0].path)} for what, those in found.wrongs().items()
        ],
        "calls": found.calls,
        "cut": found.left,
        "states": sorted(found.states),
        "rungs": [{"state": s, "error": error, "count": count} for s, error, count in sorted(found.rungs)],
        "unreached": found.unreached,
        "unclimbed": [{"state": s, "error": e, "count": c, "why": w} for (s, e, c), w in found.unclimbed.items()],
        "loops": sorted(found.loops),
        "unsaid": list(found.unsaid),
        "into_words": {
            "tried": dict(found.hasty),
            "differs": [{**asdict(each), "path": list(each.path)} for each in found.differs],
        },
        "branches": branches,
    }
