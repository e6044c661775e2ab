"""The kinds of problems that ``ivr check`` tells apart; docs/check.md has the same tables."""

from __future__ import annotations

ERRORS = {
    "syntax": "the YAML of a file is broken",
    "value": "a value is not what its key takes",
    "file": "a file cannot be read, or stands where it does not belong",
    "python": "a module of prompts/*.py cannot be imported",
    "environment": "a variable of the environment names no setting, or holds no UTF-8",
    "twice": "two files have the same dialog, phrase, prompt or scenario",
    "clip": "a clip is missing, damaged, or not what its phrase says now (a warning: of fragments in `auto`)",
    "no-phrase": "a prompt or phrase that is said does not exist",
    "no-fragments": "only fragments may say a value, and it is a text, which has none",
    "no-locale": "there are no phrases for a locale",
    "no-voice": "the embedded voice does not speak the language of a locale, and no other is named for it",
    "no-function": "a function that is looked up does not exist",
    "no-dialog": "a dialog that is run or gone over to does not exist",
    "no-argument": "a dialog is run without a variable that it needs",
    "wrong-arguments": "a function in Python is looked up or run with other arguments than it takes",
    "endless": "states go round for ever without a wait",
    "dead-end": "no way leads from a state to the end of its call or dialog",
    "silence": "a caller who presses nothing never gets to an end",
    "rung-order": "the rungs of a ladder do not rise, or contradict themselves",
    "same-keys": "yes and no have the same key",
}
"""What makes calls go wrong, by code."""

WARNINGS = {
    "no-value": "a slot or expression needs a variable that has no value on any way there (a warning: on some way)",
    "unused-argument": "a dialog is given a variable that it never uses",
    "never-returns": "a dialog is run that never returns",
    "no-result": "a dialog whose result is kept returns without one",
    "runs-itself": "a dialog runs itself again and again",
    "wrong-keys": "a caller who presses wrong keys is asked for ever",
    "endless-retry": "a lookup that fails is made again for ever",
    "unreached": "no way leads to a state",
    "unused-dialog": "nothing runs a dialog",
    "unreached-rung": "a rung or limit of a ladder is never come to",
    "slow-option": "an option begins a longer one, so that it must wait",
    "hidden-command": "a command is hidden by an option or an answer",
    "back-nowhere": "there is no question to go back to",
    "digit-end": "a digit ends an answer of digits",
    "time-order": "a time-out is longer than the one around it",
    "uninterruptible": "words right before a question cannot be interrupted",
    "no-goodbye": "a call is ended without a word",
    "unasked": "a question is put before the caller has heard anything",
    "unheard": "words or questions where the caller has hung up",
    "untranslated": "a locale lacks a phrase or prompt, which is said in another one",
    "other-voice": "the words of a locale are said by a voice of another language",
    "unsayable": "a slot can never say what it is given (a warning: where it can say others that it is given)",
    "no-fallback": "covers are switched off, and no phrase stands in for a value that fails",
    "no-secret": "the environment lacks a secret that a lookup sends",
}
"""What can be meant, by code; some of it is an error where it cannot. ``ignore`` leaves out the warnings."""
