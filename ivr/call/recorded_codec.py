"""What the codec of a recorded call is asked to send, told as it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ivr.gateways.codec import Capabilities, Codec, Message, Prepared
from ivr.gateways.events import GatewayEvent


class RecordedCodec:
    """A codec that tells what it was asked to send; see ``Codec``."""

    def __init__(self, codec: Codec, sent: Callable[[str, str], None]) -> None:
        self._codec = codec
        self._sent = sent

    @property
    def listening(self) -> bool:
        """See ``Codec``."""
        return self._codec.listening

    @listening.setter
    def listening(self, listening: bool) -> None:
        """See ``Codec``."""
        self._codec.listening = listening

    @property
    def capabilities(self) -> Capabilities:
        """See ``Codec``."""
        return self._codec.capabilities

    @property
    def unknown(self) -> int:
        """See ``Codec``."""
        return self._codec.unknown

    def receive(self, message: Message) -> Sequence[GatewayEvent]:
        """See ``Codec``."""
        return self._codec.receive(message)

    def presume(self) -> Sequence[GatewayEvent]:
        """See ``Codec``."""
        return self._codec.presume()

    def prepare(self, payload: bytes) -> Prepared:
        """See ``Codec``."""
        return self._codec.prepare(payload)

    def media(self, prepared: Prepared) -> Message:
        """See ``Codec``."""
        return self._codec.media(prepared)

    def mark(self, name: str) -> Message | None:
        """See ``Codec``."""
        return self._tell(self._codec.mark(name), "mark", name)

    def clear(self) -> Message | None:
        """See ``Codec``."""
        return self._tell(self._codec.clear(), "clear")

    def pause(self) -> Message | None:
        """See ``Codec``."""
        return self._tell(self._codec.pause(), "pause")

    def resume(self) -> Message | None:
        """See ``Codec``."""
        return self._tell(self._codec.resume(), "resume")

    def hang_up(self) -> Message | None:
        """See ``Codec``."""
        return self._codec.hang_up()

    def answer(self) -> Message | None:
        """See ``Codec``."""
        return self._tell(self._codec.answer(), "answer")

    def probe(self) -> Message | None:
        """See ``Codec``."""
        return self._tell(self._codec.probe(), "probe")

    def _tell(self, message: Message | None, what: str, name: str = "") -> Message | None:
        if message is not None:
            self._sent(what, name)
        return message
