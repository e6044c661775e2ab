"""What ``ivr plan --json`` prints: seconds and characters as numbers, money as exact texts."""

from __future__ import annotations

from math import isfinite
from typing import Any

from ivr.cli.plan_answer import Answer
from ivr.cli.plan_values import Fragments, Values
from ivr.project.settings.prices import Price, exact
from ivr.strategy.told import Bill, Percentiles, Phrase, Turn, Value


def plain(told: Answer) -> dict[str, Any]:
    """All of it."""
    return {
        "project": told.project,
        "profile": told.profile,
        "turns": [_turn(each) for each in told.turns],
        "python": [{"file": file, "line": each.line, "prompt": each.name} for file, each in told.python],
        "phrases": [_phrase(each) for each in told.phrases],
        "read_back": _read_back(told.values),
        "bill": {
            "provider": told.provider,
            "price": _price(told.price),
            "render": {"clips": told.clips, **_bill(told.now)},
            "from_recordings": told.recorded,
            "copied": told.copied,
            "blocked": list(map(str, told.blocked.values())),
            "calls": told.calls,
            "live_characters_per_call": _rounded(told.live),
            "measured_calls": None if told.measured is None else told.measured.calls,
            "afterwards": None if told.later is None else _bill(told.later),
        },
        "dialogs_in_python": list(told.plan.python),
        "notes": list(told.plan.notes),
        "unread": list(told.unread),
    }


def _turn(turn: Turn) -> dict[str, Any]:
    key = turn.key
    return {
        "dialog": key.dialog,
        "state": key.state,
        "cause": key.cause,
        "locale": turn.locale,
        "prompts": [{"prompt": prompt, "attempt": attempt} for prompt, attempt in key.prompts],
        "strategy": turn.strategy,
        "fits": turn.row.value,
        "per_call": _rounded(turn.per_call),
        "ttfa": _percentiles(turn.ttfa),
        "silence_behind_words": _percentiles(turn.behind),
        "lookups_before": list(turn.before),
        "lookups_beside": list(turn.beside),
        "segments": [
            {
                "handling": "pause" if piece.handling is None else piece.handling.value,
                "text": piece.text,
                "characters": _rounded(piece.characters),
                "seconds": _rounded(piece.seconds),
                "measured": piece.handling is None or piece.measured,
            }
            for piece in turn.pieces
        ],
        "values": [_value(each) for each in turn.values],
    }


def _value(value: Value) -> dict[str, Any]:
    return {
        "slot": value.slot,
        "phrase": value.phrase,
        "by": value.by,
        "characters": _rounded(value.characters),
        "assumed": value.assumed,
        "audio_before": _rounded(value.at_hand),
        "needed": _percentiles(value.needed),
        "covered": _rounded(value.covered),
        "from_fragments": _rounded(value.fragments),
        "more_audio": _rounded(value.more),
    }


def _read_back(told: Values) -> dict[str, Any]:
    return {
        "mode": told.mode,
        "kinds": [_fragments(each) | {"phrases": list(each.phrases)} for each in told.kinds],
        "locales": [_fragments(each) for each in told.locales],
        "live_in_every_mode": [
            {
                "locale": each.locale,
                "phrase": each.phrase,
                "slot": each.slot,
                "since": "readback.stream" if each.allowed else "kind",
            }
            for each in told.streamed
        ],
        "blocked": list(told.blocked),
        "live_characters_per_call": _rounded(told.saved),
    }


def _fragments(each: Fragments) -> dict[str, Any]:
    """Of a kind, or of all kinds of a locale."""
    named = {"kind": each.kind, "currency": each.currency or None} if each.kind else {}
    return named | {
        "locale": each.locale,
        "voice": each.voice,
        "fragments": each.needed,
        "in_memory": each.ready,
        "missing": each.missing,
        "stale": each.stale,
        "whole": _bill(each.whole),
        "render": _bill(each.now),
    }


def _phrase(phrase: Phrase) -> dict[str, Any]:
    return {
        "phrase": phrase.name,
        "locale": phrase.locale,
        "handling": phrase.handling,
        "text": phrase.text,
        "characters_fixed": phrase.fixed,
        "characters_live": _rounded(phrase.live),
        "per_call": _rounded(phrase.per_call),
        "cover": phrase.cover,
    }


def _price(price: Price | None) -> dict[str, Any] | None:
    return None if price is None else {"price": f"{price.price:f}", "per": price.per, "currency": price.currency}


def _bill(bill: Bill) -> dict[str, Any]:
    return {"characters": bill.characters, "money": None if bill.money is None else exact(bill.money)}


def _percentiles(found: Percentiles) -> dict[str, float | None] | None:
    return {f"p{percent}": _rounded(value) for percent, value in found.items()} or None


def _rounded(value: float | None) -> float | None:
    return None if value is None or not isfinite(value) else round(value, 6)
