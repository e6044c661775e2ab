"""Settings some of which could not be read: what must not be judged by them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import inf
from typing import TYPE_CHECKING

from ivr.catalog.place import Path
from ivr.catalog.salvage import beside, may_be
from ivr.project.settings.settings import Settings

if TYPE_CHECKING:
    from ivr.dialog.dialog_file import DialogSource

_TOP = frozenset(Settings.model_fields)


@dataclass(frozen=True, slots=True)
class Lost:
    """The places that were left out; an empty path is the whole file."""

    paths: frozenset[Path] = frozenset()

    def __contains__(self, key: str) -> bool:
        """Whether some of what stands at a key of the top is missing."""
        return () in self.paths or any(may_be(path[0], key, _TOP) for path in self.paths)

    def unread(self, path: Path, code: str, *, warning: bool = False) -> bool:
        """See ``ivr.dialog.inspection.findings.Unread``."""
        if code == "rung-order":
            return beside(path, self.paths)
        return str(path[0]) in self or (warning and "ignore" in self)

    @property
    def voice(self) -> bool:
        """Whether it is not known how clips are rendered, and by which names."""
        return any(key in self for key in ("voice", "loudness", "clip_rate", "locale", "readback"))

    def usable(self, settings: Settings) -> Settings:
        """The settings, which judge nothing by what is missing: no covers, no limits, nobody who answers."""
        changes: dict[str, object] = {}
        if "cover" in self:
            changes["cover"] = settings.cover.model_copy(update={"enabled": False})
        if "serve" in self:
            changes["serve"] = settings.serve.model_copy(update={"call_length": inf})
        if "start" in self:
            changes["start"] = ""
        return settings.model_copy(update=changes) if changes else settings

    def unsettled(self, dialogs: Mapping[str, DialogSource]) -> Mapping[str, DialogSource]:
        """The dialogs, where a question may lead anywhere if the project's ladders or commands are missing."""
        if "on" not in self and "commands" not in self:
            return dialogs
        return {name: _vague(dialog) for name, dialog in dialogs.items()}


def _vague(dialog: DialogSource) -> DialogSource:
    from ivr.dialog.ways import question_of  # all of dialogs, which builds do without

    states = {
        name: replace(state, vague=state.vague or question_of(state.exit) is not None or state.lookup is not None)
        for name, state in dialog.table.states.items()
    }
    return replace(dialog, table=replace(dialog.table, states=states))
