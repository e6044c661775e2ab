import numpy as np
import pytest

from ivr.errors import ClipError
from ivr.media.format import L16_16K, MULAW_8K
from ivr.media.loudness import loudness
from ivr.media.pcm import decode
from ivr.media.tones import tone
from ivr.phrases.store import PhraseStore


def store(**sounds):
    return PhraseStore(sounds, -20.0)


def test_clips_are_whole_frames_of_the_wire_at_the_target():
    clip = store(hello=(tone(500, 1.013, 22050, -30.0), 22050)).clip("hello", MULAW_8K)
    assert clip.format == MULAW_8K
    assert clip.samples == MULAW_8K.whole_frames(round(1.013 * 8000))
    assert loudness(decode(clip.payload, MULAW_8K), 8000) == pytest.approx(-20, abs=0.3)
    assert clip.name == "hello"


def test_all_callers_share_one_clip_for_each_format():
    made = store(hello=(tone(500, 0.5, 8000, -20.0), 8000))
    assert made.clip("hello", MULAW_8K) is made.clip("hello", MULAW_8K)
    assert made.clips(MULAW_8K) is made.clips(MULAW_8K)
    assert made.clip("hello", L16_16K) is not made.clip("hello", MULAW_8K)


def test_readers_cannot_change_what_others_share():
    with pytest.raises(TypeError):
        store(hello=(tone(500, 0.5, 8000, -20.0), 8000)).clips(MULAW_8K)["hello"] = None  # type: ignore[index]


def test_a_loop_keeps_its_length_and_its_silence():
    loop = np.concatenate((np.zeros(1600, np.float32), tone(500, 0.6, 8000, -20.0), np.zeros(1600, np.float32)))
    assert store(loop=(loop, 8000)).clip("loop", MULAW_8K).samples == len(loop)


def test_what_is_at_its_level_already_is_left_bit_for_bit_where_the_rates_agree():
    quiet = tone(500, 1.0, 16000, -40.0)
    made = PhraseStore({"quiet": (quiet, 16000)}, -20.0, levelled=["quiet"])
    assert loudness(decode(made.clip("quiet", L16_16K).payload, L16_16K), 16000) < -35
    assert loudness(decode(made.clip("quiet", MULAW_8K).payload, MULAW_8K), 8000) == pytest.approx(-20, abs=0.3)


def test_a_missing_clip_is_named_with_the_command_that_makes_it():
    with pytest.raises(ClipError, match=r"'nobody'.*ivr render"):
        store().clip("nobody", MULAW_8K)


class Changed(dict):
    """Sounds whose files have changed, once that is said."""

    gone = False

    def __getitem__(self, name):
        if self.gone:
            raise ClipError(f"'{name}' has changed")
        return super().__getitem__(name)


def test_a_file_that_changed_is_made_from_what_is_in_memory():
    sounds = Changed(hello=(tone(500, 0.5, 16000, -20.0), 16000))
    made = PhraseStore(sounds, -20.0)
    before = made.clip("hello", MULAW_8K)
    sounds.gone = True
    wide = made.clip("hello", L16_16K)
    assert wide.samples == before.samples * 2
    assert loudness(decode(wide.payload, L16_16K), 16000) == pytest.approx(-20, abs=0.3)
    assert made.clip("hello", MULAW_8K) is before


def test_a_file_that_changed_before_anything_was_made_of_it_is_told():
    sounds = Changed(hello=(tone(500, 0.5, 16000, -20.0), 16000))
    sounds.gone = True
    with pytest.raises(ClipError, match="changed"):
        PhraseStore(sounds, -20.0).clips(MULAW_8K)


def test_no_sound_is_held_beside_its_clips():
    class Counted(dict):
        asked = 0

        def __getitem__(self, name):
            self.asked += 1
            return super().__getitem__(name)

    sounds = Counted(hello=(tone(500, 0.5, 8000, -20.0), 8000))
    made = PhraseStore(sounds, -20.0)
    assert sounds.asked == 0
    made.clips(MULAW_8K), made.clips(MULAW_8K)
    assert sounds.asked == 1
