"""What a check must not judge of a dialog some of which could not be read."""

from __future__ import annotations

from dataclasses import dataclass

from ivr.catalog.place import Path
from ivr.catalog.salvage import may_be
from ivr.dialog.shapes import DialogShape, StateShape

QUIET = frozenset(["cover", "locale", "ignore"])
"""Keys of a state that change nothing of where it leads, what it says and which variables it sets."""
QUIET_BELOW = frozenset(
    "first_digit next_digit in_all type_ahead longest silence first_speech least beep private timeout retries headers "
    "json".split()
)
"""The same of what stands in them, such as a question."""
TIMED = frozenset(["time-order", "slow-option"])
"""Codes that speak of such keys."""
_TOP = frozenset(field.alias or name for name, field in DialogShape.model_fields.items())
_OF_STATE = frozenset(field.alias or name for name, field in StateShape.model_fields.items())


@dataclass(frozen=True, slots=True)
class Cuts:
    """The places that were left out; an empty path is the whole file, of which something may be missing anywhere."""

    paths: frozenset[Path] = frozenset()

    @property
    def nameless(self) -> bool:
        """Whether the dialog's own name is not known."""
        return ("dialog",) in self.paths or () in self.paths

    @property
    def undeclared(self) -> bool:
        """Whether a declaration of a variable is missing."""
        return self._top("variables")

    @property
    def ignoring(self) -> bool:
        """Whether it may ignore more warnings than is known."""
        return self._top("ignore") or any(path[2:3] == ("ignore",) for path in self.paths)

    @property
    def sets_anything(self) -> bool:
        """Whether variables may get values in a part that is missing."""
        return self.undeclared or self._hides("set", "dialog") or self._hides("lookup", "collect", "record", below="as")

    @property
    def gives_anything(self) -> bool:
        """Whether other dialogs may be given values in a part that is missing."""
        return self._hides("dialog")

    @property
    def runs_anything(self) -> bool:
        """Whether other dialogs may be run or gone over to in a part that is missing."""
        elsewhere = (("dialog",), ("start",), ("ignore",), ("variables",))
        return any(not _quiet(path) for path in self.paths if path[:1] not in elsewhere)

    @property
    def stateless(self) -> bool:
        """Whether whole states may be missing, or where the end of a call leads."""
        return self._top("on") or () in self.paths or any(len(path) == 2 and path[0] == "states" for path in self.paths)

    def vague(self, state: str, shape: StateShape) -> bool:
        """Whether it may lead anywhere and set anything."""
        answered = (shape.menu, shape.collect, shape.confirm, shape.record, shape.lookup)
        if any(answered) and (self._top("on") or self._top("commands")):
            return True
        return () in self.paths or any(path[:2] == ("states", state) and not _quiet(path) for path in self.paths)

    def mute(self, path: Path, code: str) -> bool:
        """Whether what is missing may be all that is wrong at a place whose state is not vague."""
        if path[:1] != ("states",):
            return any(map(self._top, map(str, path[:1])))
        return code in TIMED and any(cut[:2] == path[:2] for cut in self.paths)

    def _top(self, key: str) -> bool:
        """Whether some of what stands there is missing."""
        return () in self.paths or any(may_be(path[0], key, _TOP) for path in self.paths)

    def _hides(self, *keys: str, below: str | None = None) -> bool:
        """The same of any state, or of one key in it."""
        ours = [path for path in self.paths if path[:1] == ("states",) and not _quiet(path)]
        if () in self.paths or any(len(path) == 2 for path in ours):
            return True
        there = [path for path in ours if any(may_be(path[2], key, _OF_STATE) for key in keys)]
        return any(below is None or len(path) == 3 or path[3] == below for path in there)


WHOLE = Cuts()
"""Nothing is missing."""


def _quiet(path: Path) -> bool:
    return path[:1] == ("states",) and bool(QUIET.intersection(path[2:3]) or QUIET_BELOW.intersection(path[3:4]))
