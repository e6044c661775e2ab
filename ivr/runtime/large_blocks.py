"""Memory of closed connections goes back to the system, where they were many and large."""

from __future__ import annotations

import ctypes
from contextlib import suppress

M_MMAP_THRESHOLD = -3
"""``mallopt(3)``."""

LARGE = 128 * 1024
"""Bytes from which a block is a mapping of its own."""


def map_large_blocks() -> None:
    """Keep glibc to its threshold of 128 KiB; nothing happens with another C library.

    Of its own accord it raises the threshold once such a block was freed, and from then on takes them from the heap,
    where every page that was ever touched stays. uvloop has a buffer of 256 KiB for each connection with TLS and mostly
    uses a page of it: a thousand strangers whose handshakes never end take 100 MB less so (``bench.siege --tls``).
    """
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).mallopt(M_MMAP_THRESHOLD, LARGE)
