"""Every call is an open file: take as many as the system lets this process have."""

from __future__ import annotations

from contextlib import suppress


def raise_file_limit() -> None:
    """Raise the soft limit on open files to the hard one; nothing happens where there is none, or it may not be."""
    try:
        import resource
    except ImportError:  # not on Windows
        return
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
