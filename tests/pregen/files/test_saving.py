from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from ivr.phrases.lock import LockEntry, dump, parse
from ivr.pregen.files.saving import Keeper, lock_of

ENTRY = LockEntry(
    "a", "a", "en-US", "A.", "rendered", "a.wav", "espeak-ng/1.52", "en-us", 0.5, 8000, -21.3, -20.0, -3.0, "k", "s"
)
ENTRIES = [
    replace(ENTRY, clip=f"c{n}", loudness=loudness, voice=voice)
    for n, (loudness, voice) in enumerate([(-21.37, "a"), (-19.01, "b"), (-33.3, "a"), (-20.0, "b"), (-17.77, "a")])
]


@given(st.permutations(ENTRIES))
def test_a_lock_is_the_same_in_whatever_order_clips_were_made(order):
    entries = {entry.clip: entry for entry in order}
    assert dump(lock_of(entries, (), -20.0)) == dump(lock_of({e.clip: e for e in ENTRIES}, (), -20.0))


def test_voices_are_not_judged_by_phrases_that_are_gone():
    entries = {entry.clip: entry for entry in ENTRIES}
    left = {name: entry for name, entry in entries.items() if entry.voice == "a"}
    assert lock_of(entries, entries.keys() - left.keys(), -20.0).voices == lock_of(left, (), -20.0).voices


def test_it_is_written_now_and_then_and_at_the_end(little, voice, monkeypatch):
    monkeypatch.setattr("ivr.pregen.files.saving.SAVE_EVERY", 0.0)
    keeper = Keeper(little.sources(), {})
    for number, entry in enumerate(ENTRIES[:2], start=1):
        keeper._next = 0.0
        keeper.enter(entry)
        assert len(parse((little.root / "audio/ivr.lock").read_text(), "lock").clips) == number
    keeper._next = float("inf")
    keeper.enter(ENTRIES[2])
    assert len(parse((little.root / "audio/ivr.lock").read_text(), "lock").clips) == 2
    assert keeper.save() is None
    assert len(parse((little.root / "audio/ivr.lock").read_text(), "lock").clips) == 3
