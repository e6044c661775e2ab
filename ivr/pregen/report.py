"""What a build did, or would have to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from ivr.errors import Problem


@dataclass(frozen=True, slots=True)
class RenderReport:
    """Names of clips by what became of them; sorted."""

    check: bool
    """Whether nothing was written, on request."""
    ready: tuple[str, ...] = ()
    """Nothing was to be done."""
    rendered: tuple[str, ...] = ()
    """The voice said them."""
    recorded: tuple[str, ...] = ()
    """Made from what people recorded."""
    entered: tuple[str, ...] = ()
    """The file was right and the lock lacked it: a sound of the project's own, or a clip of a build that was killed."""
    missing: tuple[str, ...] = ()
    """These three only where nothing was written."""
    corrupt: tuple[str, ...] = ()
    stale: tuple[str, ...] = ()
    orphaned: tuple[str, ...] = ()
    """Files below ``audio/`` of phrases that are gone; they are left alone."""
    failed: Mapping[str, Problem] = field(default_factory=dict)
    """Clip to reason; all others were built."""
    problems: tuple[Problem, ...] = ()
    """Of the project's words and settings; what they are about was not built."""
    characters: int = 0
    """Sent to the voice, which is what hosted voices are paid by; with ``check``, what would be sent."""
    seconds: float = 0.0
    """Of speech rendered."""

    @property
    def ok(self) -> bool:
        """Whether every clip is there and right."""
        late = self.missing or self.corrupt or self.stale or (self.check and self.entered)
        return not (late or self.failed or self.problems)

    def as_json(self) -> dict[str, Any]:
        """Plain values, with ``ok``."""
        return {"ok": self.ok, **asdict(self)}
