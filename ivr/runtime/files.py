"""Every call is an open file: take as many as the system lets this process have."""

from __future__ import annotations

from contextlib import suppress


def raise_file_limit() -> int | None:
    """Raise the soft limit on open files to the hard one. Returns what holds; None where the system has none."""
    try:
        import resource
    except ImportError:  # Windows
        return None
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with suppress(ValueError, OSError):  # macOS and some sandboxes refuse it; fewer calls are better than none
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]
