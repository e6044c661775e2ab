import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.media.tones import tone
from ivr.media.wave import read_wav, write_wav
from ivr.pregen.files.mark import Mark, is_marked, is_no_sound, is_pointer, is_wreck, mark_of, signed

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


@pytest.mark.parametrize(
    "data", [b"", bytes(5000), signed(WAV, MARK)[:60], signed(WAV, MARK)[:90], signed(WAV, MARK)[:-1]]
)
def test_what_is_left_of_ours_is_a_wreck(data):
    assert is_wreck(data)


def edited(data):
    """The same words a little quieter, with a note of the program that did it beside ours."""
    mark, sound = (
        data[56 : 36 + 8 + int.from_bytes(data[40:44], "little")],
        data[36 + 8 + int.from_bytes(data[40:44], "little") :],
    )
    notes = b"INFOICMT" + len(mark).to_bytes(4, "little") + mark + b"ISFT" + (4).to_bytes(4, "little") + b"Lavf"
    return data[:36] + b"LIST" + len(notes).to_bytes(4, "little") + notes + sound[:-2] + b"xx"


SOMEBODYS = edited(signed(WAV, MARK))


@pytest.mark.parametrize(
    "data",
    [
        signed(WAV, MARK)[:-2] + b"xx",
        SOMEBODYS,
        SOMEBODYS[:-100],
        WAV,
        WAV[:-100],
        b"ID3" + WAV,
        b"RF64" + WAV[4:],
        b"abc",
    ],
)
def test_what_may_be_somebodys_is_none(data):
    assert not is_wreck(data)


POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n"


@pytest.mark.parametrize("data", [b"x", b"", WAV[:50], "<<<<<<< näher\r\n\t".encode() * 20, POINTER])
def test_what_nobody_can_have_recorded_is_no_sound(data):
    assert is_no_sound(data)


@pytest.mark.parametrize(
    "data", [WAV, signed(WAV, MARK), b"ID3\x04" * 50, b"\xd5" * 100, bytes(range(1, 256)), WAV[12:]]
)
def test_what_somebody_may_have_recorded_is_one(data):
    assert not is_no_sound(data)


def test_a_pointer_of_git_lfs_is_known():
    assert is_pointer(POINTER)
    assert not is_pointer(b"version 2 of this greeting")
