"""Which locale stands in for which: one rule for phrases, prompts and voices.

A tag falls back to (BCP 47 tags, truncated as RFC 4647 §3.4 looks them up):

1. itself: ``zh-Hant-TW``
2. the same without its last part, and so on: ``zh-Hant``, ``zh``
3. the same language elsewhere: the project's own locale first, the others by their names
4. the project's own locale, and what stands in for that

It is asked for each phrase, so that a catalogue may lack some of them.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from functools import lru_cache

from ivr.catalog.phrase import Catalogue, Phrase, Prompt

TAG = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{1,8})*")


def fallbacks(tag: str, available: Collection[str], own: str) -> tuple[str, ...]:
    """Those of ``available`` that serve for ``tag``, the best first.

    Letters count alike in either case. Whoever takes the first one and asks again for that gets the same answer.
    """
    return _chain(tag, tuple(available), own)


@lru_cache(256)
def _chain(tag: str, available: tuple[str, ...], own: str) -> tuple[str, ...]:
    spelled = {name.lower(): name for name in available}
    order = dict.fromkeys([*_of_its_language(tag, spelled, own), *_of_its_language(own, spelled, own)])
    found = tuple(spelled[name] for name in order if name in spelled)
    # Behind the first one comes what stands in for that, wherever one began.
    return _chain(found[0], available, own) if found and found[0].lower() != tag.lower() else found


def _of_its_language(tag: str, spelled: Collection[str], own: str) -> list[str]:
    parts = tag.lower().split("-")
    wanted = ["-".join(parts[:count]) for count in range(len(parts), 0, -1)]
    elsewhere = sorted(name for name in spelled if name.partition("-")[0] == parts[0])
    return [*wanted, own.lower(), *elsewhere] if own.lower() in elsewhere else [*wanted, *elsewhere]


def merged(tag: str, catalogues: Mapping[str, Catalogue], own: str) -> Catalogue:
    """All that can be said in ``tag``: each name from the first of its fallbacks that has it.

    Its locale is that of the first; each phrase keeps the locale that it comes from, and is spoken in that.
    Raises ``KeyError`` where neither a catalogue of the language nor that of ``own`` is there.
    """
    chain = [catalogues[name] for name in fallbacks(tag, catalogues, own)]
    if not chain:
        raise KeyError(own)
    phrases: dict[str, Phrase] = {}
    prompts: dict[str, Prompt] = {}
    for catalogue in chain:
        known = phrases.keys() | prompts.keys()
        prompts |= {name: prompt for name, prompt in catalogue.prompts.items() if name not in known}
        phrases |= {name: phrase for name, phrase in catalogue.phrases.items() if name not in phrases}
    return Catalogue(chain[0].locale, phrases, prompts)


def borrowed(locale: str, catalogues: Mapping[str, Catalogue], own: str) -> dict[str, list[str]]:
    """The phrases that ``locale`` takes from others, by the locale that they come from."""
    found: dict[str, list[str]] = {}
    for name, phrase in merged(locale, catalogues, own).phrases.items():
        if phrase.locale != locale:
            found.setdefault(phrase.locale, []).append(name)
    return found
