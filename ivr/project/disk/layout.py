"""What stands where in a project's directory, and what to type for it."""

from __future__ import annotations

import shlex
from pathlib import Path

from ivr.errors import ConfigError
from ivr.project.disk.files import not_a_directory

PROMPTS, AUDIO = "prompts", "audio"
CALLS = Path(PROMPTS, "calls")
"""Scenarios, which are the simulator's to read."""
SETTINGS = "ivr.yaml"
LOCK = "ivr.lock"
HOURS = "hours.yaml"


def command(name: str, root: Path) -> str:
    """What to type for ``root``: ``ivr render DIR``, or without DIR for the current directory."""
    return f"ivr {name}" if root == Path() else f"ivr {name} {shlex.quote(str(root))}"


def prompts_of(root: Path) -> Path:
    """The directory of a project's words. Raises ``ConfigError`` where ``root`` holds no project."""
    prompts = root / PROMPTS
    if problem := not_a_directory(root) or not_a_directory(prompts):
        raise ConfigError(f"{problem.file}: {problem.what}: {problem.remedy}")
    if not prompts.is_dir():
        raise ConfigError(f"{root} holds no project (there is no {prompts}): make one with `{command('init', root)}`")
    return prompts
