"""Questions that are told to come before any word, held against calls."""

import json
import random

from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.catalog.phrases_file import read_phrases
from ivr.dialog.dialog_file import read_dialog
from ivr.dialog.engine import Engine
from ivr.dialog.inspection.examine import Examined, examine
from ivr.dialog.inspection.times import Around
from ivr.dialog.line import Line
from ivr.dialog.repertoire import Repertoire
from ivr.dialog.requests import Ask, Entered, Handle, HangUp, Record, Returned, Run, Say, Sayable
from ivr.errors import LookupFailed

CALLS = 60
STEPS = 40
"""Requests of one call."""
NAMES = st.sampled_from("abcde")
CATALOGUE = read_phrases("locale: en-US\nphrases: {hello: Hello.}\n", "en.yaml")[0]


@st.composite
def dialogs(draw, name):
    def state():
        said = {"say": "hello"} if draw(st.integers(0, 3)) == 0 else {}
        failed = {"failed": draw(NAMES)} if draw(st.booleans()) else {}
        lookup = {"lookup": {"run": "shop.left", "as": "amount", **failed}}
        branch = {**lookup, "branch": [{"if": "amount > 1", "goto": draw(NAMES)}, {"goto": draw(NAMES)}]}
        menu = {"menu": {"options": {"1": draw(NAMES)}}}
        record = {"record": {"as": "message", "beep": draw(st.sampled_from(["yes", "no"])), "goto": draw(NAMES)}}
        other = {"dialog": {"run": draw(st.sampled_from(["main", "other"])), "goto": draw(NAMES)}}
        exits = [menu, record, {"goto": draw(NAMES)}, branch, other, {"return": "yes"}]
        return {**said, **draw(st.sampled_from(exits))}

    return {"dialog": name, "start": "a", "states": {each: state() for each in "abcde"}}


def asked(repertoire: Repertoire, seed: int) -> str | None:
    """The state that asks a caller who has heard nothing; None where somebody said something before."""
    drawn = random.Random(seed)
    engine = Engine(repertoire.answer("main", Line()))
    states: list[str] = []
    try:
        request = engine.start()
        for number in range(STEPS):
            match request:
                case None | HangUp() | Say() | Record(beep=True):
                    return None
                case Ask() | Record():
                    return states[-1]
                case Run():
                    request = engine.resume(Handle(str(number), "shop.left", False))
                case Returned():
                    failed = drawn.random() < 0.3
                    request = (
                        engine.throw(LookupFailed("shop.left", "")) if failed else engine.resume(drawn.choice([0, 5]))
                    )
                case Sayable():
                    request = engine.resume("")
                case Entered(state=state):
                    states.append(state)
                    request = engine.resume(None)
                case _:
                    request = engine.resume(None)
    except (LookupFailed, RecursionError):
        pass
    finally:
        engine.close()
    return None


@settings(max_examples=150, deadline=None)
@given(dialogs("main"), dialogs("other"))
def test_a_question_is_told_where_a_call_comes_to_it_in_silence(main, other):
    other["states"] = {f"other_{name}": state for name, state in other["states"].items()}
    text = json.dumps(other)
    for name in "abcde":
        text = text.replace(f'"{name}"', f'"other_{name}"')
    sources = {
        name: read_dialog(each, f"{name}.yaml")[0] for name, each in (("main", json.dumps(main)), ("other", text))
    }
    assert CATALOGUE is not None and None not in sources.values()
    repertoire = Repertoire({name: source.table for name, source in sources.items()})
    found = examine(Examined(sources, repertoire, (CATALOGUE,), "main", Around(14400.0, None)))
    told = {each.what.split("'")[1] for each in found if each.code == "unasked"}
    heard = {asked(repertoire, seed) for seed in range(CALLS)} - {None}
    assert heard <= told
    if not any("dialog" in state or "branch" in state for each in (main, other) for state in each["states"].values()):
        assert heard == told
