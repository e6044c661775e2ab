"""The sound devices that PortAudio knows, by name or number. All of it blocks."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

from ivr.errors import DeviceError

PULSE_LATENCY = "60"
"""Milliseconds. Behind ALSA's plug-in a PulseAudio stream underruns all the time unless it is told one."""

WITHOUT = "have the call without a device: --wav FILE"


@dataclass(frozen=True, slots=True)
class Found:
    """One device, for one direction."""

    index: int
    name: str
    rate: int
    """Hz, as it likes best."""
    channels: int


@dataclass(frozen=True, slots=True)
class Listed:
    """One device, for a list."""

    index: int
    name: str
    api: str
    inputs: int
    """Channels."""
    outputs: int
    """Channels."""
    rate: int
    """Hz, as it likes best."""
    default: str
    """``output``, ``input``, both or neither."""


def portaudio() -> Any:
    """The binding. Raises ``DeviceError`` where PortAudio is missing, with what to install."""
    os.environ.setdefault("PULSE_LATENCY_MSEC", PULSE_LATENCY)
    try:
        import sounddevice
    except OSError as error:
        raise DeviceError(
            f"the speaker needs PortAudio ({error}): on Debian and Ubuntu, apt install libportaudio2, with "
            f"libasound2-plugins where PulseAudio or PipeWire plays; or {WITHOUT}"
        ) from None
    return sounddevice


def listed() -> list[Listed]:
    """All that there are. Raises ``DeviceError`` as ``portaudio`` does."""
    sounddevice = portaudio()
    try:
        apis = sounddevice.query_hostapis()
        chosen_in, chosen_out = sounddevice.default.device
        api = apis[sounddevice.default.hostapi] if apis else {}
        marks = {
            "input": chosen_in if chosen_in >= 0 else api.get("default_input_device", -1),
            "output": chosen_out if chosen_out >= 0 else api.get("default_output_device", -1),
        }
        return [
            Listed(
                int(device["index"]),
                str(device["name"]),
                str(apis[device["hostapi"]]["name"]),
                int(device["max_input_channels"]),
                int(device["max_output_channels"]),
                round(device["default_samplerate"]),
                " and ".join(kind for kind, index in marks.items() if index == device["index"]),
            )
            for device in sounddevice.query_devices()
        ]
    except sounddevice.PortAudioError as error:
        raise DeviceError(f"the sound devices cannot be listed ({error})") from None


def find(wanted: str | None, kind: str) -> Found:
    """The device called ``wanted`` (part of a name, or a number), or the default; ``kind``: ``input`` or ``output``.

    Raises ``DeviceError`` where there is none, or more than one of that name.
    """
    sounddevice = portaudio()
    number = int(wanted) if wanted is not None and wanted.isascii() and wanted.isdigit() else None
    try:
        device = sounddevice.query_devices(wanted if number is None else number, kind)
    except (ValueError, sounddevice.PortAudioError) as error:
        raise DeviceError(_not_found(wanted, kind, number, error)) from None
    channels = int(device[f"max_{kind}_channels"])
    return Found(int(device["index"]), str(device["name"]), round(device["default_samplerate"]), channels)


def _not_found(wanted: str | None, kind: str, number: int | None, error: Exception) -> str:
    if wanted is None:
        nothing = "this machine has no {} that PortAudio can see"
        return f"{nothing.format('speaker')}; {WITHOUT}" if kind == "output" else nothing.format("microphone")
    option = "--device" if kind == "output" else "--input"
    if number is not None and not isinstance(error, ValueError):
        why = "there is no device of that number"
    else:
        first, *others = str(error).splitlines()  # one line each of those that a name fits
        why = f"{first} {', '.join(others)}" if others else first
    return f"{option} {wanted}: {why}; `ivr talk --list` tells what there is"
