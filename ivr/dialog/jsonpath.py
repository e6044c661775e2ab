"""Where in a JSON document a value stands: the singular queries of JSONPath (RFC 9535 §2.3.5.1), and no others.

``$`` is the document, ``.name`` and ``['any name']`` a member, ``[0]`` an entry and ``[-1]`` the last one.
"""

from __future__ import annotations

import re
from typing import Any

_STEP = re.compile(
    r"""\.(?P<name>[^\W\d]\w*) | \[\s*'(?P<single>(?:[^'\\]|\\.)*)'\s*\] | \[\s*"(?P<double>(?:[^"\\]|\\.)*)"\s*\]
      | \[\s*(?P<index>0|-?[1-9][0-9]{0,8})\s*\]""",
    re.VERBOSE,
)
Steps = tuple[str | int, ...]


def steps(path: str) -> Steps:
    """Raises ``ValueError``, with the offset of the mistake as its argument."""
    if not path.startswith("$"):
        raise ValueError(0)
    found: list[str | int] = []
    at = 1
    while at < len(path):
        step = _STEP.match(path, at)
        if step is None:
            raise ValueError(at)
        if step["index"] is not None:
            found.append(int(step["index"]))
        else:
            quoted = step["single"] if step["single"] is not None else step["double"]
            found.append(step["name"] if quoted is None else re.sub(r"\\(.)", r"\1", quoted))
        at = step.end()
    return tuple(found)


def at(document: Any, path: str) -> Any:
    """The value there. Raises ``LookupError`` where there is none; the message shows the path and no value."""
    value = document
    for step in steps(path):
        match step, value:
            case str(), dict() if step in value:
                value = value[step]
            case int(), list() if -len(value) <= step < len(value):
                value = value[step]
            case _:
                raise LookupError(f"there is nothing at {path}")
    return value
