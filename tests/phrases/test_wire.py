from hypothesis import given
from hypothesis import strategies as st

from ivr.media.clip import make_clip
from ivr.media.format import L16_8K, MULAW_8K
from ivr.media.tones import tone
from ivr.phrases.wire import REPEATS, PreparedClips


class Counted:
    def __init__(self):
        self.made = []

    def __call__(self, payload):
        self.made.append(payload)
        return ("prepared", payload)


def clip(format=MULAW_8K):
    return make_clip(tone(500, 0.2, 8000, -20.0), format)


def test_a_static_clips_span_is_prepared_once():
    prepare, static = Counted(), clip()
    prepared = PreparedClips(prepare, [static])
    first = prepared.get(static, 160, 320)
    assert prepared.get(static, 160, 320) is first
    assert prepare.made == [static.payload[160:320]]


def test_positions_are_samples_and_not_bytes():
    prepare, static = Counted(), clip(L16_8K)
    PreparedClips(prepare, [static]).get(static, 160, 320)
    assert prepare.made == [static.payload[320:640]]


def test_other_clips_pass_through_and_are_not_kept():
    prepare, live = Counted(), clip()
    prepared = PreparedClips(prepare)
    prepared.get(live, 0, 160)
    prepared.get(live, 0, 160)
    assert len(prepare.made) == 2
    assert prepared.kept == 0


def test_clips_of_equal_content_are_told_apart():
    prepare, static, twin = Counted(), clip(), clip()
    prepared = PreparedClips(prepare, [static])
    assert prepared.get(static, 0, 160) is not prepared.get(twin, 0, 160)


@given(st.lists(st.tuples(st.integers(0, 1600), st.integers(1, 400)), max_size=200))
def test_memory_is_bounded_by_the_clips_whatever_is_asked_for(spans):
    kept = []
    static = clip()
    prepared = PreparedClips(lambda payload: payload, [static])
    prepared.register(static)
    for start, length in spans:
        payload = prepared.get(static, start, start + length)
        assert payload == static.payload[start : start + length]
        kept.append((start, length))
    assert prepared.kept <= len(set(kept))
    assert sum(map(len, prepared._made.values())) <= REPEATS * len(static.payload)
