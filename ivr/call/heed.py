"""What of the caller's speech concerns the dialog: whether it interrupts, and whether the question waits for it."""

from __future__ import annotations

from ivr.catalog.bargein import BargeIn, By


class Heed:
    """Of one call."""

    def __init__(self) -> None:
        self.spoke = False
        """The caller has spoken since the words of the last question."""
        self.minds = False
        """Speech may interrupt words since the last answer, so that the question behind them waits for it."""
        self.talking_over = False
        """Speech has begun over words, which do not let themselves be interrupted yet."""
        self._answered = False

    def speech(self, begins: bool, *, saying: bool) -> None:
        """The caller begins to speak, or stops, while our own words sound or do not."""
        self.spoke = self.spoke or begins
        self.talking_over = begins and saying

    def words(self, policy: BargeIn | None = None) -> None:
        """Words are said, or a question is put behind them."""
        if self._answered:
            self.spoke = self._answered = False
        if policy is not None and By.SPEECH in policy.by:
            self.minds = True

    def answered(self) -> None:
        """The question was answered, or left."""
        self.minds, self._answered = False, True
