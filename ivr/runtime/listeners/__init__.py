"""Websocket engines behind one seam, ``ivr.runtime.connection``; docs/performance.md compares them."""

from __future__ import annotations

from ivr.errors import ConfigError, MissingExtra
from ivr.runtime.connection import Listener

LISTENERS = ("websockets", "picows")


def listener(name: str) -> Listener:
    """The engine called ``name``. Raises ``ConfigError`` for another name, ``MissingExtra`` where it is not there."""
    match name:
        case "websockets":
            from ivr.runtime.listeners.sansio import SansIO

            return SansIO
        case "picows":
            try:
                from ivr.runtime.listeners.fast import Picows
            except ImportError:
                raise MissingExtra("fast", "the listener 'picows'") from None
            return Picows
        case _:
            raise ConfigError(f"no listener is called '{name}': use one of {', '.join(LISTENERS)}")
