"""What the figures of a run are of, and whether those of a stored one can stand beside them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import Any

from pydantic import BaseModel

from ivr.errors import ConfigError
from ivr.project.profiles.shapes import ProfileShape

LONGEST = 80
"""Letters of a value of the profile that are stored; of a longer one its hash is."""
MOST = 6
"""Differences that are told one by one."""


def profile_values(profile: ProfileShape) -> dict[str, str]:
    """Each value of a profile by its place (``voice.first_audio``), as a text that differs where it does."""
    return dict(_values(profile, ""))


def _values(value: Any, place: str) -> Iterator[tuple[str, str]]:
    match value:
        case BaseModel() if place.count(".") < 2:
            for name in type(value).model_fields:
                yield from _values(getattr(value, name), f"{place}.{name}" if place else name)
        case dict():
            for name, each in sorted(value.items()):
                yield f"{place}.{name}", _short(repr(each))
        case _:
            yield place, _short(repr(value))


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}… {sha256(text.encode()).hexdigest()[:16]}"


def other(stored: Mapping[str, Any], run: Mapping[str, Any]) -> list[str]:
    """What a stored run was made with, and this one was not, in words.

    Raises ``ConfigError`` where it is of another project: no figure of that tells anything here.
    """
    if stored.get("project") != run["project"]:
        what = f"the baseline is of the project '{stored.get('project')}', and this is '{run['project']}'"
        raise ConfigError(f"{what}: name this project's own, or make one with --write-baseline")
    found = [
        f"{name} ({_told(stored.get(name))}, now {_told(run[name])})"
        for name in ("calls", "seed", "gateway", "mix", "covers")
        if stored.get(name) != run[name]
    ]
    before, now = stored.get("profile_values", {}), run["profile_values"]
    for name in sorted(before.keys() | now.keys()):
        if before.get(name) != now.get(name):
            found.append(f"{name} of the profile")
    return found if len(found) <= MOST else [*found[:MOST], f"{len(found) - MOST} other things"]


def _told(value: Any) -> str:
    match value:
        case bool():
            return "on" if value else "off"
        case list():
            return " ".join(map(str, value))
    return str(value) or "none named"
