"""``readback:`` in ``prompts/ivr.yaml``: how numbers, money and other values are voiced."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator

from ivr.catalog.mistakes import Name
from ivr.catalog.readback import readable
from ivr.catalog.schema_marks import Also
from ivr.project.settings.voice import Section


def _several(value: Any) -> Any:
    """The environment has no lists: there a comma stands between."""
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


class ReadBackSettings(Section):
    """``readback:``, how values are voiced."""

    mode: Literal["stream", "fragments", "auto"] = "stream"
    """stream: by the voice, while the caller waits. fragments: from words rendered ahead, and never by the voice.

    auto: by the voice where its words are there when they are due, else from fragments.
    """
    currency: Literal["USD", "EUR", "GBP", "MXN", "CHF", "CAD"] = "USD"
    """Of money, by ISO 4217; it holds in every mode."""
    stream: Annotated[tuple[Name, ...], BeforeValidator(_several), Also({"type": "string"})] = ()
    """Phrases whose values go to the voice in every mode: their author allows that. In the environment with commas."""

    def only_fragments(self, phrase: str, kind: str, locale: str) -> bool:
        """Whether a value of that kind, in that phrase, is said from fragments and by nothing else."""
        return self.mode == "fragments" and phrase not in self.stream and readable(kind, locale)

    @property
    def without_fragments(self) -> str:
        """What to do where fragments cannot be had."""
        if self.mode == "auto":
            return "leave such values to the voice alone (readback.mode: stream)"
        return "let the voice say such values (readback.mode: auto or stream)"


STREAMS = ReadBackSettings()
"""A project that asks for nothing."""
