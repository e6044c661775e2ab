"""Where this platform keeps what can be made again."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path


def caches(environment: Mapping[str, str]) -> Path:
    """``ivr-runtime`` in the directory of caches."""
    home = Path.home()
    if sys.platform == "darwin":
        return home / "Library" / "Caches" / "ivr-runtime"
    if sys.platform == "win32":
        return Path(environment.get("LOCALAPPDATA") or home / "AppData" / "Local") / "ivr-runtime"
    named = Path(environment.get("XDG_CACHE_HOME", ""))  # XDG Base Directory Specification: no relative path counts
    return (named if named.is_absolute() else home / ".cache") / "ivr-runtime"
