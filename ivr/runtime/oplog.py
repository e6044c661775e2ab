"""The log for operators: lines or JSON, without caller data, tokens, or the texts of errors.

The house's own lines hold kinds, names, places and addresses. What is here is a net under them, and under the lines of
libraries: paths behind a gateway's name, telephone numbers, values in tracebacks and in asyncio's reports of failures.
"""

from __future__ import annotations

import logging
import re
from datetime import UTC, datetime
from typing import Any, TextIO

import orjson

from ivr.runtime.faults import frames

GATEWAYS = ("twilio", "asterisk", "audiosocket")
"""First parts of paths behind which a token may stand."""

KNOWN = (*GATEWAYS, "healthz", "metrics")
"""First parts of paths that may be shown."""

QUIET = ("websockets", "httpx", "httpcore", "asyncio")
"""Libraries whose warnings matter and whose information does not."""

_TOKEN = re.compile(rf"/({'|'.join(GATEWAYS)})/+[^\s\"'<>()]+")
_NUMBER = re.compile(r"\+\d{6,15}(?!\d)")
_CALL = "call %s: "
_VALUES = re.compile(r"[(<\[{=\n]")


def shown_path(path: str) -> str:
    """A path for the log: what stands behind a gateway's name may be a token, and so may a name that is not known."""
    first, _, rest = path.partition("?")[0].strip("/").partition("/")
    if first not in KNOWN:
        return "/…" if first else "/"
    return f"/{first}/…" if rest else f"/{first}"


def shown_fault(why: str) -> str:
    """What is wrong with a request, for the log and the reply, without the part of it that the parser quotes."""
    what, colon, _ = why.partition(":")
    return what if colon else why


def masked(text: str) -> str:
    """``text`` without tokens in paths and without telephone numbers in their international form."""
    return _NUMBER.sub("+…", _TOKEN.sub(r"/\1/…", text))


class Lines(logging.Formatter):
    """Lines for people, as ``ivr serve`` prints them."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        """See ``logging.Formatter``; without what a library quotes."""
        parts = [f"{self.formatTime(record)} {record.levelname:<7} {_message(record)}", *_fault(record)]
        return masked("\n".join(parts))


class JsonLines(logging.Formatter):
    """One object a line: ``time`` (RFC 3339, UTC), ``level``, ``logger``, ``message``, and where there is one ``call``.

    A fault has ``error``, the kind, and ``frames``, where it was raised; neither holds values.
    """

    def format(self, record: logging.LogRecord) -> str:
        """See ``logging.Formatter``."""
        message, call = _message(record), getattr(record, "call", None)
        if call is None and isinstance(record.msg, str) and record.msg.startswith(_CALL) and record.args:
            call = record.args[0] if isinstance(record.args, tuple) else None
            message = message.removeprefix(_CALL % (call,))
        moment = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        data: dict[str, Any] = {
            "time": moment.replace("+00:00", "Z"),
            "level": record.levelname,
            "logger": record.name,
            "message": _whole(masked(message)),
        }
        if call is not None:
            data["call"] = _whole(str(call))
        fault = _fault(record)
        if fault:
            data["error"] = fault[0]
            data["frames"] = _whole("\n".join(fault[1:]))
        return orjson.dumps(data).decode()


class _Handler(logging.StreamHandler[TextIO]):
    def handleError(self, record: logging.LogRecord) -> None:
        """Where the log cannot be written there is nobody to tell; logging itself would print the values."""


def handler(json: bool = False, stream: TextIO | None = None) -> logging.Handler:
    """Writes the log to ``stream``, standard error for None."""
    made = _Handler(stream)
    made.setFormatter(JsonLines() if json else Lines())
    return made


def setup(json: bool = False) -> None:
    """Configure the log of ``ivr serve``, unless whoever embeds it has configured one."""
    logging.basicConfig(level=logging.INFO, handlers=[handler(json)])
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)


def _message(record: logging.LogRecord) -> str:
    try:
        message = record.getMessage()
    except Exception:  # the values do not fit the text; logging itself would print both
        return f"a line that cannot be written, of {record.filename}:{record.lineno}"
    if record.name == "asyncio":
        # "Exception in callback Telling._tell([DigitHeard(…": what was called may be shown, and not with what.
        return _VALUES.split(message, maxsplit=1)[0].rstrip()
    return message


def _fault(record: logging.LogRecord) -> list[str]:
    """The kind of a record's exception, and its frames; empty for none."""
    error = record.exc_info[1] if record.exc_info else None
    return [] if error is None else [type(error).__name__, *frames(error).splitlines()]


def _whole(text: str) -> str:
    """Without halves of surrogate pairs, which cannot be written as UTF-8."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
