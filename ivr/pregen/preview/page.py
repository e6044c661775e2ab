"""The page as one file: filters, the two lists, the packed sounds and a player."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from ivr.pregen.preview.card import GOOD, NEAR, ORIGINS, STATES, Preview
from ivr.pregen.preview.places import places
from ivr.pregen.preview.rows import kinds, rows
from ivr.trace.html.shell import noted, own, shell
from ivr.trace.svg import safe

MB = 1_000_000
BESIDE = {"todo": "to be mended", "off": "off the target", "high": "peaks too high", "warned": "with warnings"}
ORDERS = {
    "": "as written",
    "id": "by id",
    "-seconds": "longest first",
    "seconds": "shortest first",
    "-level": "loudest first",
    "level": "quietest first",
}


def page(shown: Preview) -> str:
    """HTML of its own. Nothing of a project becomes markup: all texts are escaped, see ``shell``."""
    title = f"Prompts of {shown.project}" if shown.project else "Prompts"
    packed = [(number, card.sound.packed) for number, card in enumerate(shown.cards) if card.sound]
    sounds = "".join(f'<template id="s{number}">{data}</template>\n' for number, data in packed if data)
    body = f"""<main>
<h1>{safe(title)}</h1>
<p class="sum">{safe(_sum(shown))}</p>
{noted(_notes(shown), "What is not in this page")}
{_tools(shown)}
<section id="list" aria-label="Clips"><ol id="clips">
{rows(shown)}
</ol></section>
<section id="said" aria-label="Turns" hidden>
{places(shown)}
</section>
<p id="nothing" hidden>Nothing matches. <button type="button" id="all">Show all</button></p>
<noscript><p>Without JavaScript this list is all there is to see; nothing can be heard.</p></noscript>
</main>
{_PLAYER}
{sounds}"""
    linked = any(card.sound and not card.sound.packed for card in shown.cards)
    media = "blob: 'self' file:" if linked else "blob:"
    package = "ivr.pregen.preview"
    return shell(title, body, style=own(package, "preview.css"), script=own(package, "preview.js"), media=media)


def _sum(shown: Preview) -> str:
    seconds = sum(card.sound.seconds for card in shown.cards if card.sound)
    states = Counter(card.state for card in shown.cards)
    told = ", ".join(f"{states[state]} {state}" for state in STATES if states[state] and state != "live")
    live = states["live"]
    clips = len(shown.cards) - live
    beside = f" and {live} live phrase{'' if live == 1 else 's'}" if live else ""
    length = f"{int(seconds) // 60}:{int(seconds) % 60:02d} min" if seconds >= 60 else f"{seconds:.1f} s"
    recorded = sum(card.origin == "recorded" for card in shown.cards)
    told += f"; {recorded} recorded" if recorded else ""
    target = f"{shown.target:g} LUFS ± {NEAR} LU".replace("-", "−")
    return f"{clips} clip{'' if clips == 1 else 's'}{beside}, {length} of sound: {told}. Target {target}."


def _notes(shown: Preview) -> list[str]:
    if not shown.left_out:
        return list(shown.notes)
    room = f"{shown.limit / MB:g} MB of sound are in this page" if shown.limit else "No sound is in this page"
    what = f"{shown.left_out} of its players play the files themselves and need them where they are"
    return [*shown.notes, f"{room}; {what} (--audio-limit)."]


def _tools(shown: Preview) -> str:
    counts = Counter(kind for card in shown.cards for kind in kinds(card, shown.target))
    names = {**BESIDE, **{state: state for state in STATES if state not in GOOD}}
    names |= {"ready": "ready", "entered": "not in the lock", "live": "live"}
    state = [(kind, f"{name} ({counts[kind]})") for kind, name in names.items() if counts[kind]]
    locales = [(name, name) for name in sorted({card.locale for card in shown.cards})]
    voices = [(name, name) for name in sorted({card.voice for card in shown.cards if card.voice})]
    origins = [(name, name) for name in ORIGINS if any(card.origin == name for card in shown.cards)]
    return f"""<form class="tools" role="search" aria-label="Clips">
<div class="views" role="group" aria-label="View">
<button type="button" data-view="list" aria-pressed="true">Clips</button>
<button type="button" data-view="said" aria-pressed="false">Turns</button></div>
<label>Find <input type="search" id="find" placeholder="words, id, file" autocomplete="off"></label>
{_select("kinds", "State", "all", state)}
{_select("locale", "Locale", "all", locales)}
{_select("voice", "Voice", "all", voices)}
{_select("origin", "Origin", "all", origins)}
{_said(shown.dialogs, shown.prompts)}
<label id="sorting">Order <select id="order">{_options(ORDERS.items())}</select></label>
<output id="count" role="status"></output>
<button type="button" id="through">▶ Play all in order</button>
<span class="hint"><kbd>space</kbd> play <kbd>↑</kbd> <kbd>↓</kbd> move <kbd>a</kbd> play all <kbd>t</kbd> turns
<kbd>/</kbd> find</span>
</form>"""


def _select(name: str, label: str, every: str, options: Sequence[tuple[str, str]]) -> str:
    inside = f'<option value="">{every}</option>{_options(options)}'
    return f'<label>{label} <select class="by" data-by="{name}">{inside}</select></label>'


def _said(dialogs: Mapping[str, frozenset[str]], prompts: Mapping[str, frozenset[str]]) -> str:
    inside = '<option value="">anywhere</option>'
    start = 0
    for label, names in (("dialogs", list(dialogs)), ("prompts", [f"prompt {name}" for name in prompts])):
        options = [(str(place), name) for place, name in enumerate(names, start)]
        start += len(options)
        if options:
            inside += f'<optgroup label="{label}">{_options(options)}</optgroup>'
    return f'<label>Said in <select class="by" data-by="in">{inside}</select></label>'


def _options(options: Iterable[tuple[str, str]]) -> str:
    return "".join(f'<option value="{safe(value)}">{safe(text)}</option>' for value, text in options)


_PLAYER = """<aside class="player" aria-label="Player"><audio id="sound" controls preload="auto"></audio>
<p id="now" role="status">Nothing is playing.</p></aside>"""
