"""The recording list as a page to print: a line of it stands on one sheet, unless it is longer than that."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from ivr.pregen.script.lines import Line
from ivr.pregen.takes.recordings import RECORDINGS
from ivr.project.disk.layout import AUDIO
from ivr.trace.html.shell import digest, document, own
from ivr.trace.svg import safe

LONG = 600
"""Characters; more are set smaller."""
_RTL = ("ar", "fa", "he", "ur", "yi")


def as_page(lines: Sequence[Line], title: str) -> str:
    """HTML of its own: texts are escaped, and the policy (CSP 3) lets nothing run or load but its own style."""
    style = own("ivr.pregen.script", "script.css")
    policy = f"default-src 'none'; style-src '{digest(style)}'; img-src data:; base-uri 'none'; form-action 'none'"
    groups = groupby(lines, key=lambda each: (each.locale, each.dialog))
    parts = "\n".join(_group(*key, list(found)) for key, found in groups)
    body = f"""<header>
<h1>{safe(title)}</h1>
<p>{_sum(lines)}</p>
<ul>
<li>Read the <b>large words</b> alone. What stands small above and below them is what callers hear before and after;
values in [brackets] are examples and are spoken by the machine.</li>
<li><b>goes on ⟶</b> the sentence is not over: keep the voice up, as if the words below came next.</li>
<li>One file for each line, named as it says. WAV, 48 kHz, 24 bits, mono; half a second of quiet before and after.
Peaks between −12 and −3 dBFS; no compressor, no noise gate, the same distance to the microphone throughout.</li>
</ul>
</header>
{parts or "<p>There is nothing to record.</p>"}
"""
    return document(title, body, policy=policy, style=style)


def _sum(lines: Sequence[Line]) -> str:
    known = [line.seconds for line in lines if line.seconds is not None]
    words = sum(len(line.text.split()) for line in lines)
    length = f", about {sum(known):.0f} s of speech" if lines and len(known) == len(lines) else ""
    return f"{len(lines)} line{'' if len(lines) == 1 else 's'}, {words} word{'' if words == 1 else 's'}{length}"


def _group(locale: str, dialog: str, lines: Sequence[Line]) -> str:
    heading = f"<h2>{safe(dialog)} <small>{safe(locale)}</small></h2>"
    parts = groupby(lines, key=lambda each: (each.where, each.prompt))
    return f"<section>\n{heading}\n" + "\n".join(_prompt(*key, list(found)) for key, found in parts) + "\n</section>"


def _prompt(where: str, prompt: str, lines: Sequence[Line]) -> str:
    place = f"{safe(where)} · " if where else ""
    return f"<h3>{place}prompt <b>{safe(prompt)}</b></h3>\n" + "\n".join(map(_line, lines))


def _line(line: Line) -> str:
    language = line.locale.partition("-")[0]
    turned = ' dir="rtl"' if language in _RTL else ""
    before = f'<p class="near">{safe(line.before)}</p>' if line.before else ""
    mark = '<span class="on">goes on ⟶</span>' if line.goes_on else ""
    after = f'<p class="near">{mark} {safe(line.after)}</p>' if line.after or mark else ""
    file = safe(line.file.removeprefix(f"{AUDIO}/{RECORDINGS}/"))
    facts = [
        ("phrase", safe(line.phrase)),
        ("attempt", safe(line.attempt)),
        ("now", "" if line.seconds is None else f"{line.seconds:.1f} s"),
        ("recorded", safe(line.recorded.removeprefix(f"{AUDIO}/{RECORDINGS}/"))),
    ]
    told = "".join(f"<div><dt>{name}</dt><dd>{value}</dd></div>" for name, value in facts if value)
    read = f'<p class="read{" long" * (len(line.text) > LONG)}">{safe(line.text)}</p>'
    done = "☒" if line.recorded else "☐"
    return (
        f'<article><p class="number">{line.number}<span>{done}</span></p>\n'
        f'<div class="words" lang="{safe(line.locale)}"{turned}>{before}{read}{after}</div>\n'
        f'<div class="facts"><code>{file}</code><dl>{told}</dl></div></article>'
    )
