"""The list of clips: an item each, with its words, its waveform and its figures."""

from __future__ import annotations

from collections.abc import Sequence

from ivr.catalog.phrase import Literal, Slot
from ivr.pregen.preview.card import GOOD, HIGHEST, ORIGINS, STATES, Card, Preview
from ivr.trace.svg import safe

TALL = 40
"""Height of a waveform, in units of its picture; a bar is two wide."""
MOST = 4
"""Names of dialogs and prompts that are told of a clip."""


def rows(shown: Preview) -> str:
    """All cards in their order; ``places`` of where they are said are those of ``page``."""
    groups = [*shown.dialogs.items(), *((f"prompt {name}", phrases) for name, phrases in shown.prompts.items())]
    return "\n".join(_row(number, card, shown.target, groups) for number, card in enumerate(shown.cards))


def kinds(card: Card, target: float) -> list[str]:
    """By what it can be chosen beside its state."""
    found = {
        "todo": card.state not in GOOD,
        "off": card.off(target) is not None,
        "high": card.high,
        "warned": bool(card.warnings),
    }
    return [card.state, *(name for name, holds in found.items() if holds)]


def _row(number: int, card: Card, target: float, groups: Sequence[tuple[str, frozenset[str]]]) -> str:
    sound = card.sound
    said = {place: name for place, (name, phrases) in enumerate(groups) if card.phrase in phrases}
    facts = {
        "kinds": " ".join(kinds(card, target)),
        "id": card.clip,
        "locale": card.locale,
        "voice": card.voice,
        "origin": card.origin,
        "in": " ".join(map(str, said)),
        "seconds": f"{sound.seconds:.3f}" if sound else "",
        "level": f"{sound.level:.2f}" if sound and sound.level is not None else "",
        "src": card.link if sound and not sound.packed else "",
    }
    data = " ".join(f'data-{name}="{safe(value)}"' for name, value in facts.items())
    return (
        f'<li class="clip" id="c{number}" {data}>{_button(card)}<div class="what">'
        f"<h3>{safe(card.clip)}</h3> {_state(card)}"
        f'<p class="said" lang="{safe(card.locale)}">{words(card.parts, card)}</p>'
        f"{_about(card, list(said.values()))}</div>"
        f"{_wave(card)}{_figures(card, target)}</li>"
    )


def _button(card: Card) -> str:
    if card.sound is None:
        return f'<button type="button" class="play" tabindex="-1" aria-label="{safe(card.clip)}: no sound">–</button>'
    return f'<button type="button" class="play" tabindex="-1" aria-label="play {safe(card.clip)}">▶</button>'


def _state(card: Card) -> str:
    word = "not in the lock" if card.state == "entered" else card.state
    by_whom = ' <span class="state recorded">recorded</span>' if card.origin == "recorded" else ""
    tip = safe(STATES.get(card.state, ""))
    return f'<span class="state {safe(card.state)}" title="{tip}">{safe(word)}</span>{by_whom}'


def words(parts: Sequence[Literal | Slot], card: Card | None = None) -> str:
    """A phrase with its slots marked; where it is ``card``'s, the words of other clips are set off."""
    found = []
    for part in parts:
        if isinstance(part, Slot):
            tip = f"live: a value of kind {part.kind}, said as the call runs"
            name = f"{{{part.name}:{part.kind}}}"
            found.append(f'<span class="slot" title="{safe(tip)}">{safe(name)}</span>{safe(part.ending)}')
        elif not part.text:
            about = f"a sound of your own{f': {card.file}' if card else ''}"
            found.append(f'<i class="own">{safe(about)}</i>')
        elif card is not None and part.clip != card.clip:
            found.append(f'<span class="other" title="of another clip: {safe(part.clip)}">{safe(part.text)}</span>')
        else:
            found.append(f"<span>{safe(part.text)}</span>")
    return " ".join(found)


def _about(card: Card, said: Sequence[str]) -> str:
    facts = [
        (card.locale, "locale"),
        (card.voice, "voice"),
        (card.origin, ORIGINS.get(card.origin, "")),
        (card.file, "file"),
        (
            f"said in {', '.join(said[:MOST])}{', …' if len(said) > MOST else ''}" if said else "",
            "dialogs and prompts that say it",
        ),
    ]
    tags = " ".join(f'<span title="{safe(tip)}">{safe(text)}</span>' for text, tip in facts if text)
    told = [card.why or STATES.get(card.state, "")] if card.state not in GOOD else []
    notes = "".join(f'<p class="why">{safe(note)}</p>' for note in (*told, *card.warnings))
    return f'<p class="about">{tags}</p>{notes}'


def _wave(card: Card) -> str:
    bars = card.sound.bars if card.sound else ()
    if not bars:
        return '<div class="wave"></div>'
    path = "".join(_bar(place, bar) for place, bar in enumerate(bars))
    return (
        f'<svg class="wave" viewBox="0 0 {2 * len(bars)} {TALL}" preserveAspectRatio="none" aria-hidden="true">'
        f'<path d="{path}"/></svg>'
    )


def _bar(place: int, hundredths: int) -> str:
    """Louder is taller, and what is quiet can still be seen: the height goes by the root."""
    half = max(1, round((hundredths / 100) ** 0.5 * (TALL / 2 - 1)))
    return f"M{2 * place + 1} {TALL // 2 - half}v{2 * half}"


def _figures(card: Card, target: float) -> str:
    sound = card.sound
    if sound is None:
        return '<dl class="figures"></dl>'
    cells = [("length", f"{sound.seconds:.2f} s", "")]
    if sound.level is None:
        cells.append(("level", "silent", ""))
    else:
        off = card.off(target)
        aside = "" if off is None else f"{abs(off):.2f} LU too {'loud' if off > 0 else 'quiet'}"
        cells.append(("level", f"{_signed(sound.level)} LUFS", aside))
    if sound.peak is not None:
        cells.append(
            ("peak", f"{_signed(sound.peak)} dBFS", f"over {HIGHEST:g} dBFS".replace("-", "−") if card.high else "")
        )
    told = "".join(
        f"<div><dt>{name}</dt><dd>{value}{f'<b>{aside}</b>' if aside else ''}</dd></div>"
        for name, value, aside in cells
    )
    return f'<dl class="figures">{told}</dl>'


def _signed(number: float) -> str:
    return f"{number:.1f}".replace("-", "−")
