"""The pytest plugin as its users run it: tests that pass, tests that fail readably, and wrong use."""

import importlib
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from ivr.project.starter import starter_root
from ivr.simulator.emulated import EMULATED

pytest_plugins = ["pytester"]
ROOT = Path(__file__).parents[2]
PLUGIN = "ivr.simulator.pytest_plugin"
WITHOUT = ("-p", "no:cacheprovider", "-p", "no:ivr", "-p", PLUGIN)
"""By its module alone, whether or not it is installed as a plugin too."""


@pytest.fixture
def run(pytester):
    """Runs tests against the starter; answers the result, for whose text ``stdout`` is."""
    pytester.makeini(
        f"[pytest]\naddopts = --strict-markers\nfilterwarnings = error\nivr_project = {starter_root()}\n"
        "asyncio_default_fixture_loop_scope = function\n"
    )

    def go(text, *options):
        pytester.makepyfile(text)
        return pytester.runpytest_inprocess(*WITHOUT, *options)

    return go


def test_the_example_of_the_documentation_passes(run):
    text = (ROOT / "docs" / "scenarios.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```python\n(import pytest.*?)```", text, re.DOTALL)
    passed = len(re.findall("^def test_", example, re.MULTILINE))
    assert passed >= 3
    run(example).assert_outcomes(passed=passed)


def test_every_gateway(run):
    result = run(f"""
        import pytest

        @pytest.fixture(params={list(EMULATED)})
        def gateway(request):
            return request.param

        @pytest.mark.ivr(lookups={{"bank.balance": -3}})
        def test_it(call, gateway):
            call.hear(phrase="greeting")
            call.press(1)
            call.hear(phrase="overdrawn")
            call.press("9")
            call.ended()
            assert call.gateway == gateway and call.digits == "19"
            assert call.states[-1] == "goodbye" and not call.dead_air
            assert 0 <= call.ttfa < 0.3
            assert call.heard.startswith("Welcome") and call.heard.endswith("Goodbye.")
            assert "dialog ended" in call.reason and call.trace
    """)
    result.assert_outcomes(passed=len(EMULATED))


def test_all_that_a_caller_does(run, pytester):
    from ivr.media.tones import tone
    from ivr.media.wave import write_wav

    (pytester.path / "hello.wav").write_bytes(write_wav([tone(440, 0.5, 8000, -20)], 8000))
    result = run("""
        from datetime import datetime
        import pytest

        def test_it(call, clock, caller):
            caller.number = "+15550123"
            clock.date = datetime(2026, 11, 25, 15, 0)
            call.interrupt("press two", press="2")
            call.hear(phrase="hours")
            call.say("hello.wav")
            call.say(0.3)
            before, date = clock.now, clock.date
            clock.advance(0.5)
            call.wait(0.25)
            assert clock.now - before == pytest.approx(0.75) == (clock.date - date).total_seconds()
            assert date.tzinfo is not None and date.hour == 15
            call.silence()
            call.hear(strategy="clip")
            call.hang_up()
            assert call.reason and caller.number == "+15550123"

        def test_lookups_in_turn_and_by_a_function(call, caller):
            from ivr.simulator.driver import Answer
            asked = []
            def balance(caller):
                asked.append(caller)
                return Answer(5, delay=0.5) if len(asked) == 1 else OSError("the bank is shut")
            caller.lookups = {"bank.balance": balance}
            call.press(1)
            call.hear("five dollars")
            call.press(1)
            call.hear(phrase="unavailable")
            assert asked == [caller.number] * 2
    """)
    result.assert_outcomes(passed=2)


FAILING = {
    'call.hear(phrase="greeting"); call.hear("Nobody says this", within=2)': [
        "E *AssertionError: hear 'Nobody says this' within 2 s: heard instead: *'For your balance, press one.* at *",
        "E * at *s of the call over twilio; its last turns:",
        "E * 0.00 s  answer, clip after *",
        "E * states: welcome, main; digits: none",
    ],
    "call.press(9); call.ended(); call.press(1)": ["E *press 1: the call had ended at *: the dialog ended"],
    "call.hang_up(); call.hear('Welcome')": ["E *hear 'Welcome': the caller had hung up"],
    "call.press(1); call.wait(2)": ["E *bank.balance is answered: *give it one in `lookups`*"],
    "call.ttfa": ["E *no turn has had any sound yet"],
    "assert 'hours' in call.states": ["E *AssertionError: assert 'hours' in ()*"],
}


def written(steps):
    """One test for each."""
    return "\n".join(f"def test_{number}(call, caller):\n    {each}\n" for number, each in enumerate(steps))


def test_a_failure_tells_what_was_heard_and_shows_only_the_test(run):
    result = run(written(FAILING))
    result.assert_outcomes(failed=len(FAILING))
    for number, wanted in enumerate(FAILING.values()):
        result.stdout.fnmatch_lines([f"*__ test_{number} __*", *wanted, f"test_*.py:{3 * number + 2}: AssertionError"])
    result.stdout.no_fnmatch_line("*led.py*")


def test_a_failure_can_be_expected_and_the_call_goes_on(run):
    run("""
        import pytest

        def test_it(call):
            with pytest.raises(AssertionError, match="Nobody"):
                call.hear("Nobody", within=1)
            call.press(9)
            call.hear(phrase="goodbye")
    """).assert_outcomes(passed=1)


WRONG = {
    "call.hear()": "nothing tells what is to be heard",
    "call.hear(phrase='greting')": "no phrase 'greting' with words: did you mean 'greeting'?",
    "call.hear(strategy='strem')": "no strategy 'strem': did you mean 'stream'?",
    "call.press('1x')": "'1x' has what is no key",
    "call.press('')": "'' has what is no key",
    "call.say('none.wav')": "none.wav: there is no such file",
    "call.interrupt(press=1)": "an interruption has one moment",
    "call.wait(1); caller.number = '1'": "the call has begun: set its number before",
    "caller.nummer = '1'": "nothing of a call is named 'nummer': did you mean 'number'?",
    "caller.lookups = {'bank.balanc': 1}; call.wait(1)": "nothing looks up 'bank.balanc': did you mean 'bank.balance'?",
}


def test_wrong_use_is_told_as_such(run):
    result = run(written(WRONG))
    result.assert_outcomes(failed=len(WRONG))
    told = re.findall("^E +ivr.errors.ConfigError: (.*)", result.stdout.str(), re.MULTILINE)
    assert len(told) == len(WRONG)
    for words, line in zip(WRONG.values(), told, strict=True):
        assert words in line


def test_wrong_marks_and_places_are_told(run):
    result = run("""
        import pytest

        @pytest.mark.ivr(gateway="twillio")
        def test_gateway(call):
            call.wait(1)

        @pytest.mark.ivr("twilio")
        def test_no_name(call): ...

        @pytest.mark.ivr(nummer="1")
        def test_name(call): ...

        @pytest.mark.ivr(project="nowhere")
        def test_project(call): ...
    """)
    result.assert_outcomes(failed=1, errors=3)
    for words in (
        "*there is no gateway 'twillio' to emulate*",
        "*write names in @pytest.mark.ivr*",
        "*nothing of a call is named 'nummer'*",
        "*nowhere holds no project*set ivr_project*",
    ):
        result.stdout.fnmatch_lines([words])


def test_the_nearest_marker_wins_and_a_fixture_can_be_overridden(run):
    run("""
        import pytest

        pytestmark = pytest.mark.ivr(lookups={"bank.balance": -3}, number="+15550111")

        @pytest.fixture(params=["twilio", "audiosocket"])
        def gateway(request):
            return request.param

        @pytest.mark.ivr(number="+15550112")
        def test_it(call, caller, gateway):
            assert caller.number == "+15550112" and caller.lookups == {"bank.balance": -3} and call.gateway == gateway
    """).assert_outcomes(passed=2)


def test_the_call_is_hung_up_behind_the_test(run):
    run("""
        kept = []

        def test_one(call):
            call.wait(1)
            kept.append(call)

        def test_two():
            assert kept[0].reason and kept[0].now == 1
    """).assert_outcomes(passed=2)


def test_the_entry_point_and_that_it_imports_nothing_heavy():
    entry = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["entry-points"]["pytest11"]
    assert entry == {"ivr": PLUGIN} and importlib.import_module(PLUGIN).call
    code = f"import sys, pytest; before = set(sys.modules); import {PLUGIN}; print(*sorted(set(sys.modules) - before))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True)
    assert done.stdout.split() == ["ivr", "ivr.simulator", PLUGIN]
