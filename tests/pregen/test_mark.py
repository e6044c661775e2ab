import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.media.tones import tone
from ivr.media.wave import read_wav, write_wav
from ivr.pregen.mark import Mark, is_marked, mark_of, signed

WAV = write_wav([tone(440, 0.1, 8000, -20)], 8000)
MARK = Mark("ab" * 16, "rendered", "espeak-ng/1.52", "en-us", -21.5, -20.0, -3.0)
LEVELS = st.none() | st.floats(-70, 0)


@given(st.builds(Mark, st.text(), st.just("recorded"), st.text(), st.text(), LEVELS, LEVELS, LEVELS))
def test_a_mark_is_read_as_it_was_written(mark):
    assert mark_of(signed(WAV, mark)) == mark


def test_a_marked_file_is_still_the_same_sound():
    samples, rate = read_wav(signed(WAV, MARK))
    assert (samples == read_wav(WAV)[0]).all()
    assert rate == 8000
    data = signed(WAV, MARK)
    assert int.from_bytes(data[4:8], "little") == len(data) - 8


def test_other_files_bear_no_mark():
    assert not is_marked(WAV)
    assert mark_of(WAV) is None
    assert mark_of(b"") is None


@pytest.mark.parametrize("cut", [40, 80, 150, 500, -1])
def test_a_file_that_was_cut_has_no_mark_that_counts(cut):
    assert mark_of(signed(WAV, MARK)[:cut]) is None


@given(st.integers(0, len(signed(WAV, MARK)) - 1), st.integers(1, 255))
def test_a_changed_byte_of_the_sound_is_noticed(place, change):
    data = bytearray(signed(WAV, MARK))
    data[place] ^= change
    found = mark_of(bytes(data))
    if found == MARK:  # the size in the RIFF header and the mark's own frame are no part of what is heard
        assert (read_wav(bytes(data))[0] == read_wav(WAV)[0]).all()


def test_a_damaged_file_is_still_known_as_ours():
    assert is_marked(signed(WAV, MARK)[:200])
