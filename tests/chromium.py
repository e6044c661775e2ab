"""A headless Chromium, driven by its DevTools protocol over the websockets that are here anyway.

https://chromedevtools.github.io/devtools-protocol/ (version 1.3, the stable one).
"""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from websockets.sync.client import ClientConnection, connect

PROGRAM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
PATIENCE = 30.0
"""Seconds that a busy machine may take for anything."""

KEYS = {
    "Enter": (13, "\r"),
    "Escape": (27, ""),
    "Tab": (9, ""),
    " ": (32, " "),
    "End": (35, ""),
    "Home": (36, ""),
    "ArrowLeft": (37, ""),
    "ArrowUp": (38, ""),
    "ArrowRight": (39, ""),
    "ArrowDown": (40, ""),
}
"""Virtual key codes, and what the key writes."""


class Tab:
    """One page, and what it asked of the network and told the console."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._number = 0
        self.requests: list[str] = []
        self.complaints: list[str] = []
        self.loads = 0
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.do(f"{domain}.enable")

    def do(self, method: str, **params: Any) -> dict[str, Any]:
        """Call a method of the protocol and wait for its answer."""
        self._number += 1
        self._socket.send(json.dumps({"id": self._number, "method": method, "params": params}))
        while True:
            message = json.loads(self._socket.recv(timeout=PATIENCE))
            if message.get("id") == self._number:
                assert "error" not in message, (method, message)
                return message["result"]
            self._note(message)

    def _note(self, message: dict[str, Any]) -> None:
        params = message.get("params", {})
        match message.get("method"):
            case "Page.loadEventFired":
                self.loads += 1
            case "Network.requestWillBeSent":
                self.requests.append(params["request"]["url"])
            case "Runtime.exceptionThrown":
                self.complaints.append(str(params["exceptionDetails"]))
            case "Runtime.consoleAPICalled":
                self.complaints.append(str(params["args"]))
            case "Log.entryAdded":
                self.complaints.append(str(params["entry"]))

    def see(self, expression: str) -> Any:
        """The value of an expression, or of its promise."""
        found = self.do("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in found, found
        return found["result"].get("value")

    def until(self, condition: str) -> None:
        """Wait for a condition in the page."""
        stop = time.monotonic() + PATIENCE
        while not self.see(f"new Promise(done => setTimeout(() => done(Boolean({condition})), 10))"):
            assert time.monotonic() < stop, f"it never came to {condition}"

    def reload(self) -> None:
        """Load the page again; what is asked before its load event may be answered by neither page."""
        self._load("Page.reload")

    def _load(self, method: str, **params: Any) -> None:
        before = self.loads
        self.do(method, **params)
        while self.loads == before:
            self._note(json.loads(self._socket.recv(timeout=PATIENCE)))

    def open(self, path: Path) -> None:
        self._load("Page.navigate", url=path.as_uri())
        self.until("document.readyState === 'complete' && location.protocol === 'file:'")

    def press(self, *keys: str) -> None:
        """Real key strokes; ``Shift+Tab`` is not among them."""
        for key in keys:
            code, text = KEYS[key] if key in KEYS else (ord(key.upper()), key)
            stroke = {"key": key, "windowsVirtualKeyCode": code}
            self.do("Input.dispatchKeyEvent", type="keyDown", **stroke, **({"text": text} if text else {}))
            self.do("Input.dispatchKeyEvent", type="keyUp", **stroke)

    def click(self, selector: str) -> None:
        """A real click in the middle of an element."""
        self.see(f"document.querySelector({selector!r}).scrollIntoView({{block: 'center', behavior: 'instant'}})")
        x, y = self.see(
            f"(b => [b.x + b.width / 2, b.y + b.height / 2])(document.querySelector({selector!r})"
            ".getBoundingClientRect())"
        )
        for kind in ("mousePressed", "mouseReleased"):
            self.do("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    def media(self, **features: str) -> None:
        """What the reader's system prefers, such as ``prefers_color_scheme='dark'``."""
        wanted = [{"name": name.replace("_", "-"), "value": value} for name, value in features.items()]
        self.do("Emulation.setEmulatedMedia", features=wanted)

    def picture(self, path: Path, width: int = 1400, height: int = 900) -> None:
        """A screenshot."""
        self.do("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        path.write_bytes(b64decode(self.do("Page.captureScreenshot", format="png")["data"]))


@contextmanager
def browser(profile: Path) -> Iterator[Tab]:
    """A browser of its own, with one tab; ``profile`` is an empty directory for its files."""
    assert PROGRAM is not None
    # The pages are ours, and root in a container has no sandbox to offer.
    quiet = ("--no-sandbox", "--no-first-run", "--disable-background-networking", "--mute-audio", "--disable-gpu")
    words = [
        PROGRAM,
        "--headless=new",
        *quiet,
        "--remote-debugging-port=0",
        f"--user-data-dir={profile}",
        "about:blank",
    ]
    log = (profile / "log").open("wb")
    process = subprocess.Popen(words, stdout=log, stderr=log)
    try:
        with connect(_address(profile, process), max_size=None) as socket:
            yield Tab(socket)
    finally:
        process.terminate()
        process.wait(PATIENCE)
        log.close()


def _address(profile: Path, process: subprocess.Popen[bytes]) -> str:
    told = profile / "DevToolsActivePort"
    stop = time.monotonic() + PATIENCE
    while not (told.exists() and told.read_text().count("\n")):
        assert process.poll() is None, (profile / "log").read_text()
        assert time.monotonic() < stop, "Chromium did not say its port"
        time.sleep(0.02)
    port = told.read_text().splitlines()[0]
    pages = httpx.get(f"http://127.0.0.1:{port}/json/list", timeout=PATIENCE, trust_env=False).json()
    return next(page["webSocketDebuggerUrl"] for page in pages if page["type"] == "page")
