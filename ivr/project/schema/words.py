"""What an editor shows at each key of a dialog, a phrases file and the opening hours: a sentence for each.

By the name of the shape in the schema, and by the key; the file itself is named by its kind. docs/dialog.md and
docs/project.md say more.
"""

from __future__ import annotations

from collections.abc import Mapping

_ERRORS = {
    "no_input": "What is done when the caller is silent: a ladder, one rung for each time.",
    "no_match": "What is done when the caller's answer is none: a ladder, one rung for each time.",
    "max_errors": "After so many silences and wrong answers together (limit) the question is left.",
}
_GONE = {
    "lookup_failed": "What is done when a lookup has failed: a ladder; a rung without a target makes it again.",
    "hang_up": "Where to go when the caller has hung up: what follows may look up and set, and says nothing.",
}
_QUESTION = {
    **_ERRORS,
    "first_digit": "Silence from the last word heard to the first key, after which there is no input (5s).",
    "next_digit": "Silence after a key, after which what was typed is the answer (3s).",
    "in_all": "From the first key on; after that time what was typed is the answer.",
    "type_ahead": "no: keys that were pressed before the question are thrown away.",
}
_LOOKUP = {
    "as": "The variable that takes the value.",
    "timeout": "After that time the lookup has failed (8s).",
    "private": "no: the value is nobody's personal data, and stands in traces as it is.",
    "failed": "The state to go to when it fails; short for the state's on: {lookup_failed: {goto: …}}.",
}
_RUNG = {
    "count": "From which time on this rung holds; left out, one more than the rung before.",
    "say": "Prompts or phrases that are said first.",
    "dialog": "Go over to another dialog, which does not come back.",
    "hang_up": "yes: end the call, once the last word was heard.",
    "reprompt": "no: the question is asked again without its own words.",
    "limit": "Short form: so many times it is asked again, then it is left. Of max_errors: how many are too many.",
}
_PROJECT_LADDERS = {**_ERRORS, **_GONE}
_DIALOGS = {
    "dialog": {
        "dialog": "The dialog's name, by which others run it.",
        "start": "The state with which it begins.",
        "variables": "Its variables with their types; a dialog that declares one declares all.",
        "on": "Ladders that hold for all its states.",
        "commands": "Keys that mean the same at all its questions.",
        "ignore": "Codes of warnings of ivr check that are meant in this file.",
        "states": "Its states by name; each has exactly one way out.",
    },
    "StateShape": {
        "set": "Variables and the values (CEL) that they get first.",
        "lookup": "Starts a function of the project, or a request over HTTP, and goes on.",
        "locale": "What is said from here on is said in this locale, such as es-US.",
        "say": "A prompt or phrase, or several, to say.",
        "cover": "What covers the waits of this state, where the project's covers do not fit.",
        "on": "Ladders of this state: for its lookup, and for a caller who hangs up in it.",
        "commands": "Keys that mean something at this question; off hides one of the dialog or project.",
        "menu": "Way out: one of several keys leads on.",
        "collect": "Way out: keys are collected into a variable.",
        "confirm": "Way out: yes or no.",
        "record": "Way out: what the caller says is recorded into a variable.",
        "branch": "Way out: the first entry whose condition holds; the last has none.",
        "goto": "Way out: the next state.",
        "dialog": "Way out: runs another dialog, and goes on with what it returned.",
        "return": "Way out: back to the dialog that ran this one; yes, or a value.",
        "transfer": "Way out: moves the call to another party.",
        "hang_up": "Way out: yes ends the call, once the last word was heard.",
        "ignore": "Codes of warnings of ivr check that are meant in this state.",
    },
    "HandlersShape": _PROJECT_LADDERS,
    "ProjectHandlersShape": _PROJECT_LADDERS,
    "StateHandlersShape": _GONE,
    "ProjectRungShape": _RUNG,
    "RungShape": {**_RUNG, "goto": "Go to this state."},
    "ProjectGoShape": {"dialog": "The dialog that the key goes over to; it does not come back."},
    "GoShape": {
        "dialog": "The dialog that the key goes over to; it does not come back.",
        "goto": "The state that the key leads to.",
    },
    "MenuShape": {**_QUESTION, "options": "Keys, and the state that each of them leads to."},
    "CollectShape": {
        **_QUESTION,
        "as": "The variable that takes what was typed.",
        "digits": "How many: 8, or 4-12 for four to twelve.",
        "end": "The key that completes an answer; left out, # where the number of digits may differ.",
        "valid": "A condition (CEL) that the answer must fulfil; else it is no match.",
        "private": "no: what was typed is nobody's personal data.",
        "goto": "The next state.",
    },
    "ConfirmShape": {
        **_QUESTION,
        "yes": "The state after yes.",
        "no": "The state after no.",
        "keys": "The keys for yes and no; left out, 1 and 2.",
    },
    "ConfirmKeysShape": {"yes": "The key for yes (1).", "no": "The key for no (2)."},
    "RecordShape": {
        **_ERRORS,
        "as": "The variable that takes the recording; it is always personal data.",
        "longest": "The recording ends after that time (60s).",
        "silence": "Silence behind speech that ends it (3s).",
        "first_speech": "Silence before any speech, after which there is no input (5s).",
        "least": "Less speech than that is no match (1s).",
        "end": "The keys that end it (#); no is none.",
        "beep": "no: no tone before it.",
        "goto": "The next state.",
    },
    "BranchShape": {"goto": "The state to go to.", "if": "A condition in CEL; the last entry has none."},
    "SubDialogShape": {
        "run": "The dialog's name, or module.function of one in Python.",
        "as": "The variable that takes what it returns.",
        "with": "What the other dialog knows at its start: its variables and values (CEL).",
        "goto": "The next state, once it has returned.",
    },
    "ReturnShape": {"value": "What the dialog returns (CEL)."},
    "TransferShape": {
        "to": "+15551234, sip:user@host or an extension; anything else is CEL that gives one.",
        "timeout": "How long it may ring, 5s to 600s (30s).",
        "busy": "The state to go to where the other party is busy; left out, as failed.",
        "no_answer": "The state to go to where nobody answers; left out, as failed.",
        "failed": "The state to go to where the transfer failed; without any of the three the call ends.",
        "goto": "The state to go to when they have talked; left out, the call ends.",
    },
    "CoverShape": {
        "filler": "The phrase that is said first, such as: one moment; no is none.",
        "hold": "The sound that is played while it goes on; no is none.",
        "still": "The phrase that is said every so often; no is none.",
        "every": "How often the still phrase is said.",
        "fallback": "The phrase that is said instead of what does not come; no is none.",
        "grace": "How long it stays quiet before the filler.",
        "patience": "After that time the fallback is said.",
    },
    "LookupShape": {
        **_LOOKUP,
        "run": "The function of the project: module.function.",
        "with": "Its arguments by name, with their values (CEL).",
    },
    "HttpLookupShape": {
        **_LOOKUP,
        "get": "The URL that is asked; slots such as {account} hold CEL.",
        "post": "The URL that the body is sent to; it is never sent twice where it may have been done.",
        "put": "The URL that the body is put to.",
        "headers": "Headers by name; a secret is {env:NAME}.",
        "query": "What stands behind the ? of the URL, by name, with values (CEL).",
        "body": "JSON of mappings and lists, with CEL at its ends; not with get.",
        "json": "Where the value stands in the answer, such as $.balance; left out, the whole answer.",
        "retries": "Further attempts, 0 to 5 (1).",
        "on": "The state to go to by the status of the answer: 404, or 5xx for all from 500.",
    },
    "VariableShape": {
        "type": "What it may hold.",
        "private": "yes: what is put into it is personal data, whatever it was before.",
        "start": "Its value at the beginning of each run of the dialog.",
    },
}
_PHRASES = {
    "phrases": {
        "locale": "The locale of the whole file, such as en-US.",
        "phrases": "Phrases by name: a text with slots such as {amount:money}, or a sound.",
        "prompts": "Prompts by name: phrases in a row, by attempt, and what interrupts them.",
    },
    "SoundShape": {"sound": "A sound file of your own below audio/, such as hold.wav."},
    "PromptShape": {
        "say": "A phrase or several; a list of lists is one for each attempt.",
        "bargein": "What interrupts it: yes or digit, speech, any, or no.",
    },
    "BargeInShape": {
        "by": "What interrupts it: digit, speech or any.",
        "after": "How much of it must be heard before anything interrupts it.",
    },
}
_HOURS = {
    "hours": {"calendars": "Calendars by name, as conditions know them: hours.support.open."},
    "CalendarShape": {
        "timezone": "The zone of its times, by the IANA database: America/New_York.",
        "week": "Opening hours by day or span of days: mon-fri: [9:00-12:00, 13:00-17:30].",
        "holidays": "Days on which it is closed, by name: 12-25 for every year, or 2026-11-26.",
        "special": "Days that have other hours, or are closed; before week and holidays.",
    },
}
WORDS: Mapping[str, Mapping[str, str]] = {**_DIALOGS, **_PHRASES, **_HOURS}
