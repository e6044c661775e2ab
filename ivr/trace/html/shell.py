"""What pages have in common: one file, its style and script, and a policy that lets nothing else run or load."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from hashlib import sha256
from importlib.resources import files

from ivr.trace.svg import safe


def shell(title: str, body: str, *, style: str, script: str, media: str = "blob:") -> str:
    """The whole page. ``body`` is markup; ``style`` and ``script`` come behind those that all pages have.

    The policy (CSP 3) lets only this script and this style run, by their hashes, and nothing be loaded but ``media``:
    where sound may come from, as the policy writes it.
    """
    style, script = own("ivr.trace.html", "page.css") + style, own("ivr.trace.html", "page.js") + script
    policy = (
        f"default-src 'none'; script-src '{digest(script)}'; style-src '{digest(style)}'; "
        f"img-src data:; media-src {media}; base-uri 'none'; form-action 'none'"
    )
    schemes = '<meta name="color-scheme" content="light dark">\n'
    body = f'{body}<script type="module">{script}</script>\n'
    return document(title, body, policy=policy, style=style, meta=schemes)


def document(title: str, body: str, *, policy: str, style: str, meta: str = "") -> str:
    """HTML that tells nobody where it was opened; ``policy`` is its CSP, ``meta`` what its head has besides."""
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
{meta}<meta name="referrer" content="no-referrer">
<link rel="icon" href="data:,">
<title>{safe(title)}</title>
<style>{style}</style>
</head>
<body>
{body}</body>
</html>
"""


def noted(notes: Sequence[str], label: str) -> str:
    """What a page has to say of itself, as a list; empty for nothing."""
    said = "".join(f"<li>{safe(note)}</li>" for note in notes)
    return f'<ul class="notes" aria-label="{safe(label)}">{said}</ul>' if said else ""


def own(package: str, name: str) -> str:
    """A page's own style or script, from beside its code."""
    return files(package).joinpath(name).read_text(encoding="utf-8")


def digest(text: str) -> str:
    """A script or style as a policy names it."""
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"
