"""espeak-ng through ctypes. Only the worker process imports this file: the library is not thread-safe, holds its state
in globals, and is GPL-3.0-or-later.

Structures and constants are those of espeak-ng 1.52's ``speak_lib.h``.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from ivr.errors import SpeechBroken
from ivr.speech.espeak.protocol import Speak, Word
from ivr.speech.espeak.voices import Language, WordFilter, by_locale, by_tag, speakable, unknown, words_per_minute

Deliver = Callable[[tuple[Word, ...], bytes], bool]
"""Takes the words that begin in a chunk and the chunk (16-bit samples); False stops the synthesis."""

_SYNCHRONOUS = 2
_DONT_EXIT = 0x8000
"""Without it, missing data ends the whole process with status 0."""
_BUFFER_MS = 60
"""The library's floor; smaller values give 60 ms too."""
_RATE = 1
_UTF8 = 1
_WORD_EVENT = 1
_STOP, _GO_ON = 1, 0


class _EventId(ctypes.Union):
    _fields_ = (("number", ctypes.c_int), ("name", ctypes.c_char_p), ("string", ctypes.c_char * 8))


class _Event(ctypes.Structure):
    _fields_ = (
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", _EventId),
    )


class _Voice(ctypes.Structure):
    _fields_ = (
        ("name", ctypes.c_char_p),
        ("languages", ctypes.c_void_p),
        ("identifier", ctypes.c_char_p),
        ("gender", ctypes.c_ubyte),
        ("age", ctypes.c_ubyte),
        ("variant", ctypes.c_ubyte),
        ("xx1", ctypes.c_ubyte),
        ("score", ctypes.c_int),
        ("spare", ctypes.c_void_p),
    )


_CALLBACK = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.POINTER(_Event))


def locate() -> tuple[str, str]:
    """Paths of the library and of its data, as installed. Raises ``ImportError`` without the extra ``voice``."""
    import espeakng_loader

    return espeakng_loader.get_library_path(), espeakng_loader.get_data_path()


class Library:
    """One loaded espeak-ng. Its owner must be the only one in the process.

    The voice's pitch flutter runs on from one utterance to the next and nothing resets it but a fresh load, so
    ``renew`` between utterances is what makes the same text give the same bytes.
    """

    def __init__(self, path: str, data: str) -> None:
        """Changes the working directory to ``data``: espeak cuts data paths off near 160 characters, "." is short."""
        try:
            os.chdir(data)
        except OSError as error:
            raise SpeechBroken(f"no espeak-ng data at '{data}': {error.strerror}") from error
        self._data = data
        self._path = path
        self._callback = _CALLBACK(self._on_chunk)
        self._deliver: Deliver | None = None
        self._words = WordFilter("")
        self._failure: BaseException | None = None
        self._languages: tuple[Language, ...] = ()
        self._names: dict[tuple[str, str], str] = {}
        self._name = ""
        self._lib = self._load()
        self._lib.espeak_Info.restype = ctypes.c_char_p
        self.version: str = self._lib.espeak_Info(None).decode("ascii", "replace")
        self._unload()
        self.unloads = not _resident(path)
        """Whether ``renew`` works here: some platforms keep a library for the life of the process."""
        self._lib = self._load()

    def speak(self, request: Speak, deliver: Deliver) -> None:
        """Synthesise, calling ``deliver`` per chunk. Returns when all is delivered or ``deliver`` said to stop.

        Raises ``Refusal`` for a voice, locale or speed that espeak does not have, ``SpeechBroken`` where espeak
        reports an error, and whatever ``deliver`` raised.
        """
        rate = words_per_minute(request.speed)
        self._choose(request.voice, request.locale)
        self._lib.espeak_SetParameter(_RATE, rate, 0)
        text = speakable(request.text)
        self._deliver, self._words, self._failure = deliver, WordFilter(text), None
        data = text.encode("utf-8", "replace")
        status = self._lib.espeak_Synth(data, ctypes.c_size_t(len(data) + 1), 0, 1, 0, _UTF8, None, None)
        if self._failure is not None:
            raise self._failure
        if status != 0:
            raise SpeechBroken(f"espeak_Synth returned {status}")

    def renew(self) -> None:
        """Load afresh and set the last voice again, so that the next utterance finds both done (1 ms and 3 ms)."""
        self._unload()
        self._lib = self._load()
        if self._name:
            self._set(self._name)

    def _load(self) -> Any:
        lib = ctypes.CDLL(self._path)
        self.rate: int = lib.espeak_Initialize(_SYNCHRONOUS, _BUFFER_MS, b".", _DONT_EXIT)
        if self.rate <= 0:
            raise SpeechBroken(f"espeak-ng found no usable data in '{self._data}': reinstall espeakng-loader")
        lib.espeak_SetSynthCallback(self._callback)
        return lib

    def _unload(self) -> None:
        self._lib.espeak_Terminate()
        _close(self._lib._handle)

    def _choose(self, voice: str, locale: str) -> None:
        """Leave the library fresh but for the voice: what was set or tried before must not be heard."""
        name = self._names.get((voice, locale)) or self._resolve(voice, locale)
        self._names[voice, locale] = name
        if name != self._name:
            self._name = name
            self.renew()

    def _resolve(self, voice: str, locale: str) -> str:
        self._name = ""
        if not voice:
            return by_locale(locale, self._list())
        if self._set(voice):
            return voice
        base, plus, variant = voice.partition("+")
        spoken_by = by_tag(base, self._list())
        if spoken_by is None or not self._set(spoken_by + plus + variant):
            raise unknown(voice, self._list())
        return spoken_by + plus + variant

    def _set(self, name: str) -> bool:
        """False where espeak has no such voice, and keeps the old one; a variant that it lacks it would ignore."""
        variant = name.partition("+")[2]
        if variant and not Path("voices", "!v", variant).is_file():
            return False
        return bool(self._lib.espeak_SetVoiceByName(name.encode("utf-8", "replace")) == 0)

    def _list(self) -> tuple[Language, ...]:
        if not self._languages:
            self._lib.espeak_ListVoices.restype = ctypes.POINTER(ctypes.POINTER(_Voice))
            listed = self._lib.espeak_ListVoices(None)
            self._languages = tuple(language for index in _until_null(listed) for language in _tags(listed[index]))
        return self._languages

    def _on_chunk(self, audio: int | None, count: int, events: Any) -> int:
        try:
            if not audio or not count or self._deliver is None:
                return _GO_ON
            words = tuple(self._words.words(_word_events(events)))
            return _GO_ON if self._deliver(words, ctypes.string_at(audio, count * 2)) else _STOP
        except BaseException as error:  # ctypes would print it and go on
            self._failure = error
            return _STOP


def _word_events(events: Any) -> Iterator[tuple[int, int, int]]:
    index = 0
    while events[index].type:
        event = events[index]
        if event.type == _WORD_EVENT:
            yield event.sample, event.text_position, event.length
        index += 1


def _until_null(pointers: Any) -> Iterator[int]:
    index = 0
    while pointers[index]:
        yield index
        index += 1


def _tags(voice: Any) -> Iterator[Language]:
    """``languages`` is a run of (priority byte, tag, NUL), ended by a zero priority."""
    identifier = voice.contents.identifier.decode("utf-8")
    address = voice.contents.languages
    while priority := ctypes.c_ubyte.from_address(address).value:
        tag = ctypes.string_at(address + 1)
        yield Language(tag.decode("ascii", "replace").lower(), priority, identifier)
        address += len(tag) + 2


def _close(handle: int) -> None:
    import _ctypes

    close = getattr(_ctypes, "dlclose", None) or _ctypes.FreeLibrary  # type: ignore[attr-defined, unused-ignore]
    close(handle)


def _resident(path: str) -> bool:
    """Whether the library is still in memory. Windows has no such question; it unloads at the last close."""
    only_if_loaded = getattr(os, "RTLD_NOLOAD", None)
    if only_if_loaded is None:
        return False
    try:
        again = ctypes.CDLL(path, mode=only_if_loaded)
    except OSError:
        return False
    _close(again._handle)
    return True
