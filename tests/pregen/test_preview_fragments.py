"""Fragments on the page: a group of their own, and values beside the same words in one piece."""

from pathlib import Path

import pytest
from pregen.cutting.sentences import spoken
from pregen.reading import Speaker, reads_back

from ivr.pregen.preview.cards import Reading
from ivr.pregen.preview.gather import gather
from ivr.pregen.preview.page import MB, page
from ivr.pregen.preview.readback import GROUP, compared, examples
from ivr.pregen.preview.room import Room


@pytest.fixture
def reading(little):
    project = reads_back(little)
    project.render(Speaker())
    return project


def shown(project, beside=((), ()), room=None):
    return gather(Reading(project.sources(), room or Room(MB), Path("preview.html")), None, compared=beside)


def test_fragments_stand_in_a_group_of_their_own(reading):
    cards = {card.clip: card for card in shown(reading).cards}
    four = cards["fragments/en-US/four"]
    assert (four.phrase, four.state, four.origin) == ("fragments en-US", "ready", "rendered")
    assert [part.text for part in four.parts] == ["Now,", "four", "- then."]
    assert shown(reading).prompts == {"fragments en-US": frozenset({"fragments en-US"})}
    assert sum(card.phrase == "fragments en-US" for card in cards.values()) == 10
    assert all(card.off(-20) is None for card in cards.values() if card.phrase == "fragments en-US")


def test_values_are_beside_the_same_words_in_one_piece(reading):
    sources, room = reading.sources(), Room(MB)
    some = examples(sources)
    assert [(each.kind, each.value, each.text) for each in some] == [("digits", "451", "four five one.")]
    cards, turns = compared(sources, room, some, {each.text: spoken(each.text) for each in some})
    assert [card.phrase for card in cards] == ["from fragments", "in one piece"]
    assert all(card.sound is not None and card.sound.packed for card in cards)
    lengths = [card.sound.seconds for card in cards]
    assert lengths[0] == pytest.approx(lengths[1], abs=0.15)
    assert [take.label for turn in turns for take in turn.takes] == ["from fragments", "in one piece"]
    made = page(shown(reading, (cards, turns), room))
    assert GROUP in made and "digits 451 (en-US) from fragments" in made


def test_what_cannot_be_heard_says_why(reading):
    (reading.root / "audio/fragments/en-US/four.wav").unlink()
    sources = reading.sources()
    cards, _ = compared(sources, Room(MB), examples(sources), {})
    assert [(card.state, card.why) for card in cards] == [
        ("missing", "a fragment is not there: run `ivr render`"),
        ("missing", "the voice did not say it"),
    ]


def test_a_project_that_reads_nothing_back_has_nothing_to_compare(little):
    assert examples(little.sources()) == []
