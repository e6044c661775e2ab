"""The sentences inside which fragments are spoken, so that their pitch is that of words within or at the end of one.

A voice rests at the comma before the words, so that nothing runs into them. Behind those that go on stands a dash: it
asks for a rest that is short, while pitch, pace and loudness stay as they are within a sentence; at a comma there they
fell off (docs/fragments.md has figures). The words around are short, since providers count every character.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Carrier:
    """Words before and behind a fragment, with their spaces and punctuation."""

    before: str
    behind: str

    @property
    def final(self) -> bool:
        """Whether nothing is said behind the fragment."""
        return not any(char.isalpha() for char in self.behind)

    def around(self, text: str) -> str:
        """The whole sentence, as a voice is asked for it."""
        return f"{self.before}{text}{self.behind}"

    def inside(self, sentence: str) -> str:
        """The fragment of a sentence that was made by ``around``."""
        return sentence[len(self.before) : len(sentence) - len(self.behind)]


_CARRIERS: dict[str, tuple[Carrier, Carrier]] = {
    "en": (Carrier("Now, ", " - then."), Carrier("It is now, ", ".")),
    "es": (Carrier("Ahora, ", " - y bien."), Carrier("Y son ahora, ", ".")),
    "de": (Carrier("Also, ", " - und nun."), Carrier("Es sind nun, ", ".")),
    "fr": (Carrier("Alors, ", " - et bien."), Carrier("Et voici donc, ", ".")),
}
"""By language: the medial and the final one."""


def carrier(locale: str, final: bool) -> Carrier:
    """The sentence for a fragment of that form. Raises ``KeyError`` for a language that has none."""
    return _CARRIERS[locale.lower().partition("-")[0]][final]
