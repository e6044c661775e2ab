"""The engine: drives a dialog's coroutine from one request to the next. Pure; it neither waits nor says anything."""

from __future__ import annotations

from collections.abc import Coroutine
from contextlib import suppress
from typing import Any

from ivr.dialog.requests import Request
from ivr.errors import DialogBroken


class Engine:
    """One run of a dialog.

    ``resume`` and ``throw`` answer the request that the dialog waits on and return the next one, or None at its end.
    An error that the dialog does not catch comes out of them; so does ``DialogBroken`` for what is no request, and then
    it waits where it stands until it is closed.
    """

    def __init__(self, dialog: Coroutine[Any, Any, Any]) -> None:
        self.dialog = dialog
        self.ended = False

    def start(self) -> Request | None:
        """Run the dialog to its first request."""
        return self.resume(None)

    def resume(self, value: Any) -> Request | None:
        """Answer the request that the dialog waits on."""
        try:
            return self._checked(self.dialog.send(value))
        except StopIteration:
            self.ended = True
            return None
        except BaseException:
            self.ended = True
            raise

    def throw(self, error: Exception) -> Request | None:
        """Answer it with an error."""
        try:
            return self._checked(self.dialog.throw(error))
        except StopIteration:
            self.ended = True
            return None
        except BaseException:
            self.ended = True
            raise
        finally:
            del error  # it holds this frame, which would hold it

    def close(self) -> None:
        """End the dialog where it stands; it is never resumed again, whatever its clean-up raises."""
        self.ended = True
        with suppress(Exception):
            self.dialog.close()

    def _checked(self, request: Any) -> Request:
        if not isinstance(request, Request):
            raise DialogBroken(
                f"the dialog awaited {type(request).__name__}, which no call can answer: "
                "await the call's own methods only, and do I/O by call.run(function, *arguments)"
            )
        return request
