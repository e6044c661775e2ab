"""The project that ships: a small bank, to try the runtime with and to start from."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

from ivr.errors import ConfigError
from ivr.project.disk.files import not_a_directory
from ivr.project.disk.layout import AUDIO, HOURS, PROMPTS, SETTINGS

SCHEMAS = ".schema"
"""Where in ``prompts/`` the schemas of its files stand."""
_KINDS = {
    SETTINGS: "settings",
    HOURS: "hours",
    "phrases": "phrases",
    "dialogs": "dialog",
    "profiles": "profile",
    "calls": "scenario",
}
"""Which schema describes a file, or the files of a directory."""
IGNORED = ("ivr.tokens", ".ivr.tokens.part", ".ivr.build", ".ivr.aside")
"""What a new project's ``.gitignore`` keeps out of its history."""


def starter_root() -> Path:
    """Where it stands: inside the installed package, or at the top of a source checkout."""
    package = Path(str(files("ivr")))
    for root in (package / "starter", package.parent):
        if (root / PROMPTS / SETTINGS).is_file() and (root / AUDIO).is_dir():
            return root
    raise ConfigError(f"the starter project is not part of this installation ({package}): install ivr-runtime again")


def project_root(directory: str | None) -> Path:
    """The project that is meant: ``directory``, else the current one if it has ``prompts/``, else the starter."""
    if directory is not None:
        return Path(directory)
    # Also where it is a file by mistake: to be told so, and not to be shown the starter in its place.
    return Path() if os.path.lexists(PROMPTS) else starter_root()


def copy_starter(target: Path, *, force: bool = False) -> tuple[Path, ...]:
    """Copy it to ``target``, a directory that is empty or does not exist; what was written, relative to it.

    With ``force`` other files may be there; those that the starter has too are replaced. A ``.gitignore`` is made, or
    gets the lines that it lacks. Raises ``ConfigError``.
    """
    source = starter_root()
    try:
        if target.exists() and not force and any(target.iterdir()):
            raise ConfigError(f"{target} is not empty: name another directory, or use --force to replace its files")
        written = tuple(_files(source))
        for place in (target, *sorted({target / above for file in written for above in file.parents})):
            if (problem := not_a_directory(place)) is not None:
                raise ConfigError(f"the starter cannot be copied to {target}: {problem.file}: {problem.what}")
        for file in written:
            (target / file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source / file, target / file)
        written += tuple(_schemas(target, written))
        _ignore(target / ".gitignore")
    except (OSError, shutil.Error) as error:
        why = getattr(error, "strerror", None) or error
        raise ConfigError(
            f"the starter cannot be copied to {target} ({why}): name a directory that can be written"
        ) from error
    return written


def _schemas(target: Path, written: tuple[Path, ...]) -> Iterator[Path]:
    """Puts the schemas beside the files that they describe, and their names into the first lines of these."""
    from ivr.project.schema.published import PUBLISHED, published  # the shapes of all files, which a copy alone needs

    for kind in PUBLISHED:
        schema = Path(PROMPTS, SCHEMAS, f"{kind}.json")
        (target / schema).parent.mkdir(exist_ok=True)
        (target / schema).write_text(published(kind), encoding="utf-8")
        yield schema
    for file in written:
        described = _KINDS.get(file.name, _KINDS.get(file.parent.name)) if file.suffix == ".yaml" else None
        if described is not None:
            above = "../" * (len(file.parent.parts) - 1)
            line = f"# yaml-language-server: $schema={above}{SCHEMAS}/{described}.json\n"
            path = target / file
            path.write_text(line + path.read_text(encoding="utf-8"), encoding="utf-8")


def _files(source: Path) -> Iterator[Path]:
    for top in (PROMPTS, AUDIO):
        for path in sorted((source / top).rglob("*")):
            file = path.relative_to(source)
            hidden = any(part.startswith((".", "__pycache__")) for part in file.parts)
            if path.is_file() and not hidden:
                yield file


def _ignore(path: Path) -> None:
    before = path.read_bytes() if path.exists() else b""
    there = {line.strip().removeprefix(b"/") for line in before.splitlines()}
    missing = [name for name in IGNORED if name.encode() not in there]
    if missing:
        ended = before if not before or before.endswith(b"\n") else before + b"\n"
        path.write_bytes(ended + "".join(f"{name}\n" for name in missing).encode())
