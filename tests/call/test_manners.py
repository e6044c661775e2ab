"""docs/dialog.md row by row: each test begins with the number of its row."""

from __future__ import annotations

import pytest
from manners import KEPT, attempts, call, listened, seconds, silent, states, tables, typed
from toy import drive, make_plan

from ivr.dialog.commands import Act, Command
from ivr.dialog.ladders import Event, Handlers, Rung, Target
from ivr.errors import HungUp
from ivr.media.private import Private
from ivr.simulator.driver import Answer
from ivr.trace.events import BargedIn, Listening, LookupStarted, PromptSkipped, StateEntered
from ivr.trace.sound import SegmentStarted, Strategy, UtteranceHeard

COLLECT = """\
  a: {{say: main, collect: {{as: x, digits: {digits}{more}, goto: b}}}}
  b: {{lookup: {{run: bank.keep, as: y, with: {{x: x}}}}, goto: c}}
  c: {{say: bye, hang_up: yes}}
"""


def collect(digits: str, more: str = "") -> str:
    return COLLECT.format(digits=digits, more=f", {more}" if more else "")


def collected(keys: str, digits: str, more: str = "", every: float = 0.2, **options):
    """A caller who types ``keys`` 4 s into the call, one ``every`` so many seconds."""
    presses = [(4.0 + every * number, key) for number, key in enumerate(keys)]
    return run_collect(digits, presses, more, **options)


def run_collect(digits: str, presses, more: str = "", **options):
    return call(collect(digits, more), presses, lookups=KEPT, **options)


MENU = """\
  a: {{say: main, menu: {{options: {{1: b}}{more}}}}}
  b: {{say: bye, hang_up: yes}}
"""


def menu(more: str = "", keys=(), **options):
    return call(MENU.format(more=f", {more}" if more else ""), keys, **options)


# ---- when silence counts


@pytest.mark.parametrize("path", [0.0, 0.1])
def test_T1_the_first_silence_counts_from_the_last_word_heard(path):
    run = menu(path_out=path, path_in=path)
    (at, length), *_ = listened(run)
    assert length == 5.0
    assert at == pytest.approx(seconds("main") + 2 * path, abs=0.06)  # the start of the stream has its way, too
    assert silent(run)[0] == pytest.approx(at + 5.0)


def test_T2_a_key_ends_it():
    run = menu(keys=[(5.0, "1")])
    assert silent(run) == []
    assert states(run) == ["a", "b"]


def test_T3_each_key_begins_the_silence_between_keys():
    run = collected("123", "4-8", every=2.5)
    assert [length for _, length in listened(run)[:4]] == [5.0, 3.0, 3.0, 3.0]
    assert [at for at, _ in listened(run)[1:4]] == pytest.approx([4.0, 6.5, 9.0])


def test_T4_when_it_is_over_what_was_typed_is_the_answer_or_no_match():
    assert typed(collected("1234", "4-8"), "bank.keep") == ["1234"]
    run = collected("123", "4-8")
    assert typed(run)[:1] != ["123"]
    assert attempts(run, "main")[:2] == [1, 2]


def test_T5_the_limit_in_all_counts_from_the_first_key():
    run = collected("12345", "4-8", "in_all: 4s", every=1.1)
    assert typed(run) == ["1234"]
    (lookup,) = run.of(LookupStarted)
    assert lookup.at == pytest.approx(8.0)


def test_T6_a_wait_for_a_lookup_is_no_silence_of_the_callers():
    states_ = """\
  a: {lookup: {run: bank.keep, as: x}, branch: [{if: x > 1, goto: b}, {goto: b}]}
  b: {say: main, menu: {options: {1: c}}}
  c: {say: bye, hang_up: yes}
"""
    run = call(states_, [(3.0, "1")], lookups={"bank.keep": Answer(1, 7.0)})
    assert silent(run) == []
    assert run.of(Listening) == []  # the key that was kept answers at once
    assert states(run) == ["a", "b", "c"]


def test_T7_a_key_during_the_last_pause_of_a_prompt_answers_at_once():
    with_pause = MENU.replace("say: main", "say: [greeting, main]").format(more="")
    pause = seconds("greeting") + 0.15
    run = call(with_pause, [(pause, "1")])
    (entered,) = [event for event in run.of(StateEntered) if event.state == "b"]
    assert entered.at == pytest.approx(pause)


# ---- what completes an answer


def test_K1_a_menu_takes_a_key_at_once_unless_a_longer_option_begins_with_it():
    longer = """\
  a: {say: main, menu: {options: {1: b, 12: c, 3: b}}}
  b: {say: bye, hang_up: yes}
  c: {say: legal, hang_up: yes}
"""
    entered = {}
    for keys in ("3", "1", "12"):
        run = call(longer, [(4.0 + n / 5, key) for n, key in enumerate(keys)])
        (last,) = [event for event in run.of(StateEntered) if event.state != "a"]
        entered[keys] = (last.state, last.at)
    assert entered == {"3": ("b", 4.0), "1": ("b", 7.0), "12": ("c", pytest.approx(4.2))}


def test_K2_a_key_that_no_option_begins_with_is_no_match_at_once():
    run = menu("no_match: {say: not_known}", keys=[(4.0, "7")])
    said = next(event for event in run.of(SegmentStarted) if event.text == "That is no choice.")
    assert said.at == pytest.approx(4.0)


def test_K3_a_fixed_number_of_digits_is_complete_with_the_last():
    run = collected("12345678", "8")
    assert typed(run) == ["12345678"]
    assert run.of(LookupStarted)[0].at == pytest.approx(5.4)


def test_K4_a_range_is_complete_with_the_most_the_terminator_or_the_pause():
    for keys, digits, at in (("123456", "4-6", 5.0), ("1234#", "4-6", 4.8), ("1234", "4-6", 7.6)):
        run = collected(keys, digits)
        assert typed(run) == [keys.rstrip("#")]
        assert run.of(LookupStarted)[0].at == pytest.approx(at)
    assert typed(collected("1234*", "4-6", 'end: "*"')) == ["1234"]


def test_K5_the_terminator_alone_or_behind_too_few_keys_is_no_match():
    for keys in ("#", "12#"):
        run = collected(keys, "4-6", "no_match: {say: not_known}")
        assert run.said()[:3] == ["main", "not_known", "main"]


def test_K6_a_terminator_behind_a_complete_answer_is_swallowed():
    run = collected("123456#", "4-6")
    assert typed(run) == ["123456"]
    assert run.of(BargedIn) == []
    assert run.ended == "the dialog ended"


def test_K7_an_answer_must_be_valid():
    more = "valid: 'x.startsWith(\"4\")', no_match: {say: not_known}"
    run = run_collect(
        "4", [(4.0 + n / 10, key) for n, key in enumerate("1234")] + [(8.0 + n / 10, "4") for n in range(4)], more
    )
    assert run.said()[:3] == ["main", "not_known", "main"]
    assert typed(run) == ["4444"]


def test_K8_a_confirmation_takes_yes_and_no():
    confirm = """\
  a: {say: main, confirm: {yes: b, no: c, no_match: {say: not_known}%s}}
  b: {say: bye, hang_up: yes}
  c: {say: legal, hang_up: yes}
"""
    assert states(call(confirm % "", [(4.0, "1")])) == ["a", "b"]
    assert states(call(confirm % "", [(4.0, "2")])) == ["a", "c"]
    assert call(confirm % "", [(4.0, "3")]).said()[:2] == ["main", "not_known"]
    assert states(call(confirm % ", keys: {yes: 9, no: 0}", [(4.0, "0")])) == ["a", "c"]


@pytest.mark.parametrize("key", ["*", "#", "A"])
def test_K9_a_key_that_is_no_digit_is_no_match_once_the_answer_is_complete(key):
    again = [(8.0 + n / 10, digit) for n, digit in enumerate("1234")]
    run = run_collect("4", [(4.0, "1"), (4.1, key), (4.2, "3"), (4.3, "4"), *again], "no_match: {say: not_known}")
    assert run.said()[:3] == ["main", "not_known", "main"]
    assert typed(run) == ["1234"]


# ---- interrupting and typing ahead


def test_B1_a_key_during_words_clears_them_and_answers():
    run = menu(keys=[(0.5, "1")])
    (barge,) = run.of(BargedIn)
    assert barge.at == 0.5
    assert states(run) == ["a", "b"]


PROTECTED = """\
  a: {say: [legal, main], menu: {options: {1: b}}}
  b: {say: bye, hang_up: yes}
"""


def test_B2_a_key_during_protected_words_answers_when_they_were_heard():
    run = call(PROTECTED, [(0.3, "1")])
    heard = run.of(UtteranceHeard)[0]
    (entered,) = [event for event in run.of(StateEntered) if event.state == "b"]
    assert entered.at == pytest.approx(heard.at, abs=0.15)
    assert entered.at > seconds("legal") - 0.1


def test_B3_keys_typed_ahead_answer_the_questions_to_come():
    twice = """\
  a: {say: legal, goto: b}
  b: {say: main, menu: {options: {1: c}}}
  c: {say: else, menu: {options: {2: d}}}
  d: {say: bye, hang_up: yes}
"""
    run = call(twice, [(0.2, "1"), (0.3, "2")])
    assert states(run) == ["a", "b", "c", "d"]
    assert [event.prompt for event in run.of(PromptSkipped)] == ["else"]


def test_B4_protected_words_are_said_in_spite_of_keys_typed_ahead():
    two = "  a: {say: main, menu: {options: {1: b}}}\n  b: {say: [legal, else], menu: {options: {2: c}}}\n"
    run = call(two + "  c: {say: bye, hang_up: yes}\n", [(0.2, "1"), (0.3, "2")])
    assert "legal" in run.said()
    heard = run.heard.played_samples(run.far.closed_at)
    assert heard > 8000 * seconds("legal", "bye")


def test_B5_words_that_no_question_follows_are_said_in_spite_of_keys_typed_ahead():
    run = call(
        "  a: {say: main, menu: {options: {1: b}}}\n  b: {say: [else, bye], hang_up: yes}\n", [(0.2, "1"), (0.2, "5")]
    )
    assert run.said()[-2:] == ["else", "bye"]


def test_B6_a_question_without_type_ahead_throws_away_what_came_before_it():
    two = """\
  a: {say: legal, menu: {options: {1: b}}}
  b: {say: else, menu: {options: {2: c}, type_ahead: no}}
  c: {say: bye, hang_up: yes}
"""
    ahead = call(two, [(0.2, "1"), (0.2, "2")])
    assert "else" in ahead.said()
    assert silent(ahead)
    run = call(two, [(0.2, "1"), (seconds("legal") + 0.3, "2")])
    assert states(run) == ["a", "b", "c"]
    assert len(run.of(BargedIn)) == 1


def test_B7_half_an_answer_typed_ahead_skips_the_words_before_the_rest():
    run = run_collect("4", [(0.1, "1"), (0.2, "2"), (2.0, "3"), (3.0, "4")])
    assert typed(run) == ["1234"]
    assert [length for _, length in listened(run)] == [3.0, 3.0, 3.0]


def test_B8_so_many_keys_are_kept():
    wait = "  a: {lookup: {run: bank.keep, as: x}, branch: [{if: x > 1, goto: b}, {goto: b}]}\n"
    read = "  b: {collect: {as: x, digits: 64, goto: c}}\n  c: {collect: {as: z, digits: 1-9, goto: d, no_input: {limit: 0, goto: d}}}\n"  # noqa: E501
    last = "  d: {lookup: {run: bank.keep, as: y, with: {x: x}}, say: bye, hang_up: yes}\n"
    keys = [(0.1 + n / 100, str(n % 10)) for n in range(70)]
    run = call(wait + read + last, keys, lookups={"bank.keep": Answer(1, 5.0)})
    assert typed(run)[-1] == "".join(str(n % 10) for n in range(64))
    assert len(silent(run)) == 1


def test_B9_the_last_words_cannot_be_interrupted():
    run = call("  a: {say: bye, hang_up: yes}\n", [(0.2, "1")])
    assert run.of(BargedIn) == []
    assert run.far.queue.samples >= 8000 * seconds("bye") - 160


# ---- silence and wrong answers


def test_L1_a_rung_says_its_words_then_the_questions_as_its_next_attempt():
    run = menu("no_input: [{say: still_there}, {say: not_known}]")
    assert run.said()[:5] == ["main", "still_there", "main", "not_known", "main"]
    assert attempts(run, "main") == [1, 2, 3]


def test_L2_without_reprompt_the_questions_words_are_not_said_again():
    run = menu("no_input: [{say: still_there, reprompt: no}]")
    assert run.said() == ["main", "still_there", "still_there"]


@pytest.mark.parametrize(
    ("rung", "then"),
    [("goto: b", ["a", "b"]), ("hang_up: yes", ["a"]), ("dialog: other", ["a", "o"])],
)
def test_L3_a_rung_may_leave_the_question(rung, then):
    main = "dialog: main\nstart: a\nstates:\n" + MENU.format(more=f", no_input: [{{say: still_there, {rung}}}]")
    other = "dialog: other\nstart: o\nstates:\n  o: {say: legal, hang_up: yes}\n"
    run = call(tables(main, other))
    assert run.said()[:2] == ["main", "still_there"]
    assert states(run) == then


def test_L4_the_highest_count_is_taken_and_of_several_the_innermost():
    main = """\
dialog: main
start: a
on:
  no_input: [{say: not_known}, {say: legal}]
states:
  a: {say: main, menu: {options: {1: b}, no_input: [{say: still_there}]}}
  b: {say: bye, hang_up: yes}
"""
    project = Handlers({Event.NO_INPUT: (Rung(1, ("news",)), Rung(4, ("sorry",), Target("b")))})
    run = call(tables(main, handlers=project))
    # 1: all have one, the question's own; 2: the dialog's; 3: the platform's, which ends the call.
    assert run.said() == ["main", "still_there", "main", "legal", "main"]
    assert run.ended == "the dialog ended"


def test_L5_events_count_by_themselves_and_anew_at_each_coming():
    ladders = "no_input: [{say: still_there}, {goto: b}], no_match: [{say: not_known}, {goto: b}]"
    run = menu(ladders, keys=[(8.0, "7")])
    assert run.said()[:5] == ["main", "still_there", "main", "not_known", "main"]
    again = """\
  a: {say: main, menu: {options: {1: b}, no_input: [{say: still_there}, {goto: b}]}}
  b: {say: else, goto: a}
"""
    run = call(again, until=60.0)
    assert run.said()[:6] == ["main", "still_there", "main", "else", "main", "still_there"]


@pytest.mark.parametrize("limit", [0, 1, 4])
def test_L6_a_limit_asks_again_so_often_and_leaves(limit):
    run = menu(f"no_input: {{say: still_there, limit: {limit}, goto: b}}")
    assert run.said() == ["main", *["still_there", "main"] * limit, "bye"]
    run = menu(f"no_input: {{say: still_there, limit: {limit}}}")
    assert run.said() == ["main", *["still_there", "main"] * limit]
    assert run.ended == "the dialog ended"


def test_L7_where_nothing_is_written_the_call_ends_after_three():
    assert menu().said() == ["main"] * 3
    assert menu(keys=[(4.0 + 4 * n, "7") for n in range(3)]).said() == ["main"] * 3


def test_L8_too_many_errors_of_a_question_a_dialog_or_a_call():
    limit = "max_errors: {limit: 2, say: legal, goto: b}"
    run = menu(limit, keys=[(8.0, "7")])
    assert run.said() == ["main", "main", "legal", "bye"]
    text = """\
dialog: main
start: a
on: {max_errors: {limit: 3, say: legal, goto: c}}
states:
  a: {say: main, menu: {options: {1: b}}}
  b: {say: else, menu: {options: {2: a}}}
  c: {say: bye, hang_up: yes}
"""
    keys = [(4.0, "7"), (7.0, "1"), (11.0, "7"), (15.0, "7")]
    run = call(tables(text), keys)
    assert run.said()[-2:] == ["legal", "bye"]
    assert [event.why for event in run.of(StateEntered)] == ["start", "option 1", "max_errors 3"]
    project = Handlers({Event.MAX_ERRORS: (Rung(1, ("legal",), Target(dialog="other")),)})
    other = "dialog: other\nstart: o\nstates:\n  o: {say: bye, hang_up: yes}\n"
    assert call(tables(text, other, handlers=project)).said() == ["main", "legal", "bye"]


def test_L9_attempts_rise_by_errors_and_begin_anew():
    again = """\
  a: {say: main, menu: {options: {1: b}}}
  b: {say: else, goto: a}
"""
    run = call(again, [(10.0, "1")], until=25.0)
    assert attempts(run, "main")[:4] == [1, 2, 1, 2]


# ---- commands

COMMANDS = """\
dialog: main
start: a
commands: {"*": back, "#": repeat, "0": {goto: z}}
states:
  a: {say: main, menu: {options: {1: b}}}
  b: {say: else, menu: {options: {1: a, 2: z}}%s}
  c: {say: greeting, collect: {as: x, digits: 3-6, goto: z}}
  z: {say: bye, hang_up: yes}
"""


def commanded(*keys, more="", start="a"):
    text = (COMMANDS % more).replace("start: a", f"start: {start}")
    return call(tables(text), keys)


def test_C1_repeat_says_the_same_attempt_again():
    run = commanded((4.0, "#"), (8.0, "#"))
    assert attempts(run, "main")[:3] == [1, 1, 1]
    assert attempts(run, "main")[3:] == [2, 3]


def test_C2_back_goes_to_the_question_before():
    assert states(commanded((4.0, "1"), (8.0, "*"), (12.0, "1"), (16.0, "2"))) == ["a", "b", "a", "b", "z"]
    run = commanded((4.0, "*"))
    assert states(run) == ["a"]
    assert attempts(run, "main")[:2] == [1, 1]


def test_C3_a_command_may_lead_elsewhere():
    run = commanded((4.0, "0"))
    assert states(run) == ["a", "z"]
    assert run.of(StateEntered)[-1].why == "command 0"
    other = "dialog: other\nstart: o\nstates:\n  o: {say: legal, hang_up: yes}\n"
    text = (COMMANDS % "").replace("{goto: z}", "{dialog: other}")
    run = call(tables(text, other), [(4.0, "0")])
    assert states(run) == ["a", "o"]
    assert run.of(StateEntered)[-1].why == "command 0"


def test_C4_inner_commands_hide_outer_ones():
    run = commanded((4.0, "1"), (8.0, "0"), more=', commands: {"0": off}')
    assert states(run) == ["a", "b"]  # no match, and silence afterwards
    run = commanded((4.0, "1"), (8.0, "0"), more=', commands: {"0": {goto: a}}')
    assert states(run)[:3] == ["a", "b", "a"]
    project = {"9": Command(Act.GO, Target(dialog="other")), "0": Command(Act.REPEAT)}
    other = "dialog: other\nstart: o\nstates:\n  o: {say: legal, hang_up: yes}\n"
    repertoire = tables(COMMANDS % "", other, commands=project)
    assert states(call(repertoire, [(4.0, "9")])) == ["a", "o"]
    assert states(call(repertoire, [(4.0, "0")])) == ["a", "z"]


def test_C5_an_option_is_no_command():
    text = COMMANDS.replace("options: {1: b}", "options: {1: b, 0: b}") % ""
    assert states(call(tables(text), [(4.0, "0")]))[:2] == ["a", "b"]


def test_C6_while_digits_are_collected_no_digit_is_a_command():
    assert states(commanded((4.0, "0"), (4.1, "0"), (4.2, "0"), (4.3, "#"), start="c")) == ["c", "z"]
    run = commanded((4.0, "1"), (4.1, "*"), (8.0, "1"), (8.1, "2"), (8.2, "3"), (8.3, "#"), start="c")
    assert run.said()[:2] == ["greeting", "greeting"]
    assert states(run) == ["c", "z"]


def test_C7_a_command_typed_ahead_is_obeyed_at_the_next_question():
    assert states(commanded((0.2, "1"), (0.3, "0"))) == ["a", "b", "z"]


# ---- lookups, other dialogs, the end

FAILING = {"bank.keep": Answer(error="it is down", delay=0.5)}


def test_D1_a_failed_lookup_is_answered_by_its_state_its_dialog_or_the_project():
    lookup = "lookup: {run: bank.keep, as: amount%s}, say: balance, goto: z"
    head = "dialog: main\nstart: a\n%sstates:\n"
    rest = "  b: {say: legal, goto: z}\n  z: {say: bye, hang_up: yes}\n"
    own = tables(head % "" + f"  a: {{{lookup % ', failed: b'}}}\n" + rest)
    dialog = tables(head % "on: {lookup_failed: {say: no_news, goto: b}}\n" + f"  a: {{{lookup % ''}}}\n" + rest)
    other = "dialog: other\nstart: o\nstates:\n  o: {say: legal, hang_up: yes}\n"
    project = Handlers({Event.LOOKUP_FAILED: (Rung(1, leave=Target(dialog="other")),)})
    theirs = tables(head % "" + f"  a: {{{lookup % ''}}}\n" + rest, other, handlers=project)
    assert states(call(own, lookups=FAILING)) == ["a", "b", "z"]
    run = call(dialog, lookups=FAILING)
    assert (states(run), run.said()[1]) == (["a", "b", "z"], "no_news")
    assert states(call(theirs, lookups=FAILING)) == ["a", "o"]


def test_D2_else_the_fallback_stands_in_for_the_value():
    run = call("  a: {lookup: {run: bank.keep, as: amount}, say: balance, hang_up: yes}\n", lookups=FAILING)
    assert Strategy.FALLBACK in [event.strategy for event in run.of(SegmentStarted)]


OTHER = """\
dialog: pin
start: p
states:
  p: {say: main, collect: {as: pin, digits: 4, goto: q}}
  q: {branch: [{if: pin == wanted, goto: yes}, {goto: no}]}
  yes: {return: {value: "'right'"}}
  no: {return: {value: pin}}
"""
ASKING = """\
dialog: main
start: a
states:
  a: {set: {pin: "'none'"}, dialog: {run: pin, with: {wanted: "'1234'"}, as: result, goto: b}}
  b: {lookup: {run: bank.keep, as: y, with: {x: "[string(result), pin]"}}, say: bye, hang_up: yes}
"""


def test_D3_another_dialog_has_its_own_variables_and_returns_a_value():
    repertoire = tables(ASKING, OTHER)
    keys = [(4.0 + n / 10, key) for n, key in enumerate("1234")]
    run = call(repertoire, keys, lookups=KEPT)
    assert typed(run) == [["right", "none"]]
    assert states(run) == ["a", "p", "q", "yes", "b"]


def test_D4_what_is_returned_stays_private_and_the_answering_dialog_ends_the_call():
    seen = []

    async def main(line):
        seen.append(await line.dialog("pin", wanted="9999"))

    repertoire = tables(OTHER, functions={"m.main": main})
    keys = [(4.0 + n / 10, key) for n, key in enumerate("1234")]
    run = drive(make_plan(lambda line: repertoire.answer("m.main", line)), keys=keys)
    assert seen == [Private("1234")]
    assert run.ended == "the dialog ended"
    assert call("  a: {say: bye, return: yes}\n").ended == "the dialog ended"


def test_D5_going_over_to_another_dialog_does_not_come_back():
    over = OTHER.replace("return: {value: pin}", "say: legal, menu: {options: {1: p}, no_input: [{dialog: third}]}")
    third = "dialog: third\nstart: t\nstates:\n  t: {say: bye, hang_up: yes}\n"
    keys = [(4.0 + n / 10, "5") for n in range(4)]
    assert states(call(tables(ASKING, over, third), keys)) == ["a", "p", "q", "no", "t"]


def test_D6_after_the_caller_hung_up_a_dialog_may_look_up_and_says_nothing():
    text = """\
dialog: main
start: a
on: {hang_up: {goto: gone}}
states:
  a: {say: main, menu: {options: {1: a}}}
  gone: {set: {n: "40 + 2"}, lookup: {run: bank.keep, as: y, with: {x: n}}, say: bye, hang_up: yes}
"""
    run = call(tables(text), hang_up_at=1.0, lookups=KEPT)
    assert typed(run) == [42]
    assert states(run) == ["a", "gone"]
    assert "bye" not in run.said()
    assert run.trace[-1].reason.startswith("the caller hung up")


def test_D6_the_end_of_a_call_is_told_to_every_dialog_that_runs_and_to_the_project():
    outer = """\
dialog: main
start: a
on: {hang_up: {goto: gone}}
states:
  a: {dialog: {run: inner, goto: a}}
  gone: {lookup: {run: bank.keep, as: y, with: {x: "'outer'"}}, return: yes}
"""
    inner = """\
dialog: inner
start: b
on: {hang_up: {dialog: after}}
states:
  b: {say: main, menu: {options: {1: b}}}
"""
    after = "dialog: after\nstart: c\nstates: {c: {lookup: {run: bank.keep, as: y, with: {x: %r}}, return: yes}}\n"
    handlers = Handlers({Event.HANG_UP: (Rung(1, leave=Target(dialog="last")),)})
    last = after.replace("dialog: after", "dialog: last") % "'project'"
    run = call(tables(outer, inner, after % "'inner'", last, handlers=handlers), hang_up_at=1.0, lookups=KEPT)
    assert typed(run) == ["inner", "outer", "project"]
    assert [event.why for event in run.of(StateEntered)] == ["start", "start", "hang_up", "hang_up", "hang_up"]


def test_D7_a_goodbye_is_heard_before_the_call_ends():
    run = call("  a: {say: bye, hang_up: yes}\n", path_out=0.1, path_in=0.1)
    assert run.trace[-1].at >= seconds("bye") + 0.1


def test_a_dialog_that_catches_its_hang_up_may_not_speak_on():
    done = []

    async def main(line):
        try:
            await line.say("main")
            await line.ask()
        except HungUp:
            done.append("caught")
            try:
                await line.say("bye")
            except HungUp:
                done.append("again")
                raise

    run = drive(make_plan(main), hang_up_at=1.0)
    assert done == ["caught", "again"]
    assert run.said() == ["main"]
