"""Messages to the far end, and a rig that drives it by its own timers."""

from __future__ import annotations

import json
from base64 import b64encode

from ivr.testing.twilio import TwilioFarEnd

CLEAR = '{"event":"clear","streamSid":"MZ1"}'
TENTH = bytes(range(1, 101)) * 8  # 100 ms of mu-law


def media(sound: bytes, sid: str = "MZ1") -> str:
    return json.dumps({"event": "media", "streamSid": sid, "media": {"payload": b64encode(sound).decode()}})


def mark(name: str) -> str:
    return json.dumps({"event": "mark", "streamSid": "MZ1", "mark": {"name": name}})


class Rig:
    """A far end driven by its own timers, as a heap driver does, with all that reached the runtime."""

    def __init__(self, at: float = 0.0, **options) -> None:
        self.far_end = TwilioFarEnd(**options)
        self.came: list[tuple[float, dict]] = []
        self.far_end.connect(at)

    def run(self, until: float) -> TwilioFarEnd:
        while (due := self.far_end.next_timer()) is not None and due <= until:
            self.far_end.handle_timer(due)
            self.came += [(round(due, 9), json.loads(message)) for message in self.far_end.messages(due)]
        self.far_end.handle_timer(until)
        return self.far_end

    def send(self, at: float, *messages: str | bytes) -> TwilioFarEnd:
        self.run(at)
        for message in messages:
            self.far_end.receive(message, at)
        return self.far_end

    @property
    def events(self) -> list[str]:
        return [data["event"] for _, data in self.came]

    @property
    def echoes(self) -> list[tuple[float, str]]:
        return [(at, data["mark"]["name"]) for at, data in self.came if data["event"] == "mark"]
