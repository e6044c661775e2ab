"""What exploring makes up for lookups is what the slots of the project can say."""

import pytest
from explored import explore, little
from explored import wrongs as all_wrongs

from ivr.catalog.saying.kinds import SAYINGS
from ivr.trace.events import PromptSaid

STATES = """\
  a: {lookup: {run: bank.due, as: due, failed: c}, goto: b}
  b: {say: told, hang_up: yes}
  c: {say: bye, hang_up: yes}
"""


def wrongs(explored):
    """But for the silence around the lookup: this project has no covers."""
    return [wrong for wrong in all_wrongs(explored) if "dead air" not in wrong]


def found(tmp_path, kind, returns):
    code = f"from datetime import timedelta\n\n\ndef due(){returns}:\n    return None\n"
    return explore(little(tmp_path, STATES, f"  told: It is {{due:{kind}}}.\n", code))


@pytest.mark.parametrize("kind", sorted(SAYINGS))
@pytest.mark.parametrize("returns", ["", " -> str"])
def test_a_value_of_each_kind_is_made_up(tmp_path, kind, returns):
    explored = found(tmp_path, kind, returns)
    assert not wrongs(explored)
    prompts = {e.prompt for branch in explored.branches() for e in branch.replayed.events if isinstance(e, PromptSaid)}
    assert prompts == {"told", "bye"}


@pytest.mark.parametrize(("kind", "returns"), [("duration", " -> timedelta"), ("ordinal", " -> int")])
def test_numbers_that_the_slot_cannot_say_are_not_made_up(tmp_path, kind, returns):
    assert not wrongs(found(tmp_path, kind, returns))


def test_a_value_that_may_come_and_cannot_be_said_is_told(tmp_path):
    (wrong,) = wrongs(found(tmp_path, "date", " -> str | None"))
    assert "slot 'due': expected a date such as '2026-03-31', and got a value of type NoneType" in wrong
