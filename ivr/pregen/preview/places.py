"""The list of turns: what is said together, by attempt, so that clips are heard as a caller hears them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ivr.catalog.phrase import Literal, Slot
from ivr.pregen.preview.card import GOOD, Card, Preview, Take, Turn
from ivr.pregen.preview.rows import words
from ivr.trace.svg import safe


def places(shown: Preview) -> str:
    """All turns in their order."""
    numbers = {card.clip: (number, card) for number, card in enumerate(shown.cards)}
    groups = [*shown.dialogs, *shown.prompts]
    dialogs = len(shown.dialogs)
    return "\n".join(_turn(turn, numbers, groups, dialogs) for turn in shown.turns)


def _turn(turn: Turn, numbers: Mapping[str, tuple[int, Card]], groups: Sequence[str], dialogs: int) -> str:
    where = [
        str(place)
        for place, name in enumerate(groups)
        if (name == turn.dialog if place < dialogs else name in turn.prompts)
    ]
    named = f"{turn.dialog} › {turn.name}" if turn.dialog else f"prompt {turn.name}"
    about = " · ".join([*turn.prompts, turn.locale] if turn.dialog else [turn.locale])
    takes = "\n".join(_take(take, named, turn, numbers) for take in turn.takes)
    return (
        f'<section class="turn" data-locale="{safe(turn.locale)}" data-in="{" ".join(where)}">'
        f'<h3>{safe(named)}</h3> <span class="soft">{safe(about)}</span>\n<ul>{takes}</ul></section>'
    )


def _take(take: Take, named: str, turn: Turn, numbers: Mapping[str, tuple[int, Card]]) -> str:
    said = " ".join(_phrase(name, parts, numbers) for name, parts in take.phrases)
    return (
        f'<li class="take"><button type="button" class="play" tabindex="-1" '
        f'aria-label="play {safe(named)}, {safe(take.label)}">▶</button>'
        f'<div class="what"><b class="label">{safe(take.label)}</b> '
        f'<p class="said" lang="{safe(turn.locale)}">{said}</p></div></li>'
    )


def _phrase(name: str, parts: Sequence[Literal | Slot], numbers: Mapping[str, tuple[int, Card]]) -> str:
    """Each part is a piece that is heard by itself: a clip of the page, or what is live."""
    found = []
    for part in parts:
        text = words([part])
        if isinstance(part, Slot):
            found.append(f'<span data-live="{safe(part.name)}">{text}</span>')
        elif part.clip in numbers:
            number, card = numbers[part.clip]
            state = "" if card.state in GOOD else f' <span class="state {safe(card.state)}">{safe(card.state)}</span>'
            found.append(
                f'<a href="#c{number}" data-clip="{number}" tabindex="-1" title="{safe(part.clip)}">{text}</a>{state}'
            )
        else:
            found.append(f'<span data-gone="{safe(name)}" title="{safe(name)} is not on this page">{text}</span>')
    return " ".join(found)
