from ivr.runtime.throttle import MOST_CAUSES, OTHERS, Throttled


def test_the_first_is_logged_and_the_rest_of_the_minute_is_counted():
    throttled = Throttled()
    assert throttled.see("too many calls", "refused a call from 192.0.2.1: too many calls", 0.0) == [
        "refused a call from 192.0.2.1: too many calls"
    ]
    for number in range(812):
        assert throttled.see("too many calls", "refused a call from 192.0.2.2", 1.0 + number / 100) == []
    assert throttled.due(59.9) == []
    assert throttled.due(60.0) == ["refused 812 calls more for 'too many calls' in the last minute"]
    assert throttled.due(61.0) == []
    assert len(throttled) == 0
    assert throttled.see("too many calls", "again", 90.0) == ["again"]
    assert throttled.due(200.0) == []


def test_a_count_that_nobody_asked_for_comes_before_the_next_line():
    throttled = Throttled("dropped", "connections")
    throttled.see("rate", "a", 0.0)
    throttled.see("rate", "b", 1.0)
    assert throttled.see("rate", "c", 100.0) == ["dropped 1 connections more for 'rate' in the last minute", "c"]


def test_causes_do_not_hide_each_other():
    throttled = Throttled()
    assert throttled.see("rate", "a", 0.0) == ["a"]
    assert throttled.see("token", "b", 30.0) == ["b"]
    throttled.see("rate", "a", 31.0)
    throttled.see("token", "b", 31.0)
    assert throttled.due(60.0) == ["refused 1 calls more for 'rate' in the last minute"]
    assert throttled.rest() == ["refused 1 calls more for 'token' in the last minute"]
    assert throttled.rest() == []


def test_twenty_thousand_causes_are_a_few_lines_and_little_memory():
    throttled = Throttled()
    lines = [line for n in range(20_000) for line in throttled.see(f"from 10.{n}", f"refused {n}", n / 2_000)]
    assert len(lines) == MOST_CAUSES + 1
    assert len(throttled) == MOST_CAUSES + 1
    (last,) = throttled.rest()
    assert last == f"refused {20_000 - MOST_CAUSES - 1} calls more for '{OTHERS}' in the last minute"


def test_a_cause_cannot_forge_a_line():
    throttled = Throttled()
    for _ in range(2):
        throttled.see("x\nERROR all is lost\x1b[2J" + "y" * 1000, "a", 0.0)
    (line,) = throttled.rest()
    assert line.isprintable() and len(line) < 160
