"""Every call is an open file: take as many as the system lets this process have."""

from __future__ import annotations


def raise_file_limit() -> int | None:
    """Raise the soft limit on open files to the hard one. Returns it; None where the system has none to raise."""
    try:
        import resource
    except ImportError:  # Windows
        return None
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard
