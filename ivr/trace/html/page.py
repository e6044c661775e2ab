"""The page as one file: list and packed calls."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ivr.trace.html.entry import Entry
from ivr.trace.html.listing import listing
from ivr.trace.html.shell import noted, own, shell
from ivr.trace.picture import COLOURS, STYLES
from ivr.trace.svg import safe

DARK = (
    "text{fill:#d9dee5}.page{fill:none}.lane,.tick{fill:#98a2ae}.grid{stroke:#2b323b}.middle{stroke:#39424d}"
    ".caller{fill:#cf8fcf}.ours{fill:#aebccb}.listening{fill:#1f3325}.wait{fill:#b58900;fill-opacity:.5}"
    ".state{fill:#252c35;stroke:#46505c}.onstate{fill:#c5ccd5}.soundless{fill:#8a94a0}"
    ".slack{fill:#3f7f52}.slack.low{fill:#8a3b43}.dot{stroke:#15191e}"
    ".figures.good,.left.good,.dot.good{fill:#7fc98a}.figures.bad,.left.bad,.dot.bad{fill:#ff7b72}"
    ".seam.good{stroke:#7fc98a}.seam.bad{stroke:#ff7b72}.work.bad{stroke:#ff7b72}.first{fill:#e8edf2}.gap{fill:#ff7b72}"
    + "".join(
        f".{strategy.value}{{fill:{edge};fill-opacity:.42;stroke:{edge}}}" for strategy, (_, edge) in COLOURS.items()
    )
    + ".silence{fill-opacity:.1}.tint{fill-opacity:.22;stroke:none}.tint.silence{fill-opacity:.06}"
)
"""Over the picture's own colours where the reader's system is dark."""


def page(entries: Sequence[Entry], title: str, notes: Sequence[str] = ()) -> str:
    """HTML of its own; ``entries`` in the order of the list. ``notes`` say what is not in it, and why.

    Nothing of a trace becomes markup: all texts are escaped, and the policy of ``shell`` stands behind that.
    """
    body = f"""<main id="list">
<h1>{safe(title)}</h1>
<p class="sum">{safe(_sum(entries))}</p>
{noted(notes, "What is not shown")}
{_TOOLS}
<div class="wide">{listing(entries)}</div>
<noscript><p>Without JavaScript this list is all there is to see.</p></noscript>
</main>
<main id="call" hidden>
<nav aria-label="Calls"><a class="back" href="#">← all calls</a>
<button type="button" class="before" title="k or ←">previous</button>
<button type="button" class="after" title="j or →">next</button>
<span class="place" role="status"></span><span class="hint"><kbd>j</kbd> <kbd>k</kbd> other calls
<kbd>space</kbd> play <kbd>esc</kbd> back</span></nav>
<h1 tabindex="-1"></h1>
<div class="shown"></div>
</main>
{"".join(_stored(index, each) for index, each in enumerate(entries))}"""
    style = own("ivr.trace.html", "timeline.css") + _pictures()
    return shell(title, body, style=style, script=own("ivr.trace.html", "timeline.js"))


_TOOLS = """<form class="tools" role="search" aria-label="Calls">
<label>Find <input type="search" id="find" placeholder="name, state, words, end" autocomplete="off"></label>
<label>Show <select id="kind"><option value="">all calls</option><option value="gaps">with dead air</option>
<option value="seams">with audible seams</option><option value="covers">with covers</option>
<option value="sound">with sound</option></select></label>
<output id="count" role="status"></output>
<span class="hint"><kbd>j</kbd> <kbd>k</kbd> move <kbd>enter</kbd> open <kbd>/</kbd> find</span>
</form>"""


def _sum(entries: Sequence[Entry]) -> str:
    gaps = [entry.figures.dead_air for entry in entries if entry.figures.gaps]
    covered = sum(bool(entry.figures.covers) for entry in entries)
    dead = f"{len(gaps)} with dead air (up to {max(gaps) * 1000:.0f} ms)" if gaps else "none with dead air"
    return f"The worst first: {dead}, {covered} with covers."


def _stored(index: int, entry: Entry) -> str:
    sound = f'<template id="s{index}">{entry.sound.wav}</template>\n' if entry.sound.wav else ""
    return f'<template id="t{index}">{entry.detail}</template>\n{sound}'


def _pictures() -> str:
    """The styles of pictures, for those within the page only."""
    light, dark = ("".join(_within(styles)) for styles in (STYLES + ".gap{fill:#d50000}", DARK))
    return f"{light}@media (prefers-color-scheme:dark){{{dark}}}"


def _within(styles: str) -> Iterable[str]:
    for rule in styles.split("}")[:-1]:
        selectors, _, body = rule.partition("{")
        yield f"{','.join(f'svg {each}' for each in selectors.split(','))}{{{body}}}"
