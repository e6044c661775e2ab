"""One spelling for texts that sound the same: for the voice, and as the key of what was rendered."""

from __future__ import annotations

import unicodedata

_QUOTES = str.maketrans(dict.fromkeys("‘’‚‛′", "'") | dict.fromkeys("“”„‟″", '"'))
_JOINERS = "\u200c\u200d"
"""Format characters that change how a word is read in some scripts; all others are dropped."""


def normalise(text: str) -> str:
    """Unicode NFC, straight quotes, single spaces, nothing that cannot be heard; punctuation stays.

    ``normalise(normalise(text)) == normalise(text)``.
    """
    if text.isascii() and text.isprintable():
        return " ".join(text.split()) if "  " in text or text[:1] == " " or text[-1:] == " " else text
    heard = "".join(" " if char.isspace() else char for char in text if char.isspace() or _kept(char))
    return " ".join(unicodedata.normalize("NFC", heard.translate(_QUOTES)).split())


def _kept(char: str) -> bool:
    # Cc controls, Cf direction and zero-width marks, Cs halves of surrogate pairs, which no encoding takes.
    return char in _JOINERS or unicodedata.category(char) not in ("Cc", "Cf", "Cs")
