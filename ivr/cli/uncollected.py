"""No search for cycles while something is made that stays to the end."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def uncollected() -> Iterator[None]:
    """Python's collector does not run within.

    It would walk all that was made so far again and again and find nothing: modules and a project are kept. A fifth
    of a check of a large project went there.
    """
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()
