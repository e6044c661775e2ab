import errno

import pytest

from ivr.catalog.carriers import carrier
from ivr.errors import CutRefused, SpeechBroken, SpeechRefused, SpeechTimeout, SpeechUnavailable
from ivr.phrases.key import Delivery
from ivr.pregen.provider.despair import CUTS, FEW, MANY, Despair

ONE, OTHER = Delivery("one"), Delivery("other")


def after(errors, who=ONE):
    it = Despair()
    for error in errors:
        it.failed(who, error)
    return it


@pytest.mark.parametrize("status", [401, 402, 403, 407])
def test_a_key_that_is_refused_is_a_matter_of_everybody(status):
    assert not after([SpeechRefused(status, "no")] * (FEW - 1)).why(ONE)
    it = after([SpeechRefused(status, "no")] * FEW)
    assert f"{FEW} in a row failed" in it.why(ONE)
    assert it.why(OTHER) == it.why(ONE)


def test_a_voice_that_is_not_there_is_a_matter_of_that_voice():
    it = after([SpeechRefused(404, "no voice")] * FEW)
    assert "no voice" in it.why(ONE)
    assert not it.why(OTHER)


def test_words_that_are_refused_are_the_phrases_own_for_longer():
    assert not after([SpeechRefused(400, "bad words")] * (MANY - 1)).why(ONE)
    assert after([SpeechRefused(400, "bad words")] * MANY).why(ONE)


def test_a_provider_that_breaks_every_time_is_given_up():
    errors = [SpeechBroken("cut"), SpeechTimeout("late"), SpeechRefused(500, "oops")]
    assert not after((errors * MANY)[: MANY - 1]).why(OTHER)
    assert after((errors * MANY)[:MANY]).why(OTHER)


def test_texts_that_are_too_long_and_files_too_large_tell_of_themselves_alone():
    assert not after([SpeechRefused(413, "long")] * 99).why(ONE)
    assert not after([OSError(errno.EFBIG, "File too large")] * 99).why(ONE)
    assert not after([SpeechUnavailable("not asked")] * 99).why(ONE)


def test_a_full_disk_is_enough():
    assert after([OSError(errno.ENOSPC, "No space left on device")]).why(ONE) == "No space left on device"
    assert not after([OSError(errno.EIO, "I/O error")] * (FEW - 1)).why(ONE)
    assert after([OSError(errno.EIO, "I/O error")] * FEW).why(ONE)


def test_one_that_was_made_begins_the_row_anew():
    it = after([SpeechRefused(401, "no")] * (FEW - 1) + [SpeechRefused(404, "none")] * (FEW - 1))
    it.succeeded(ONE)
    it.failed(ONE, SpeechRefused(401, "no"))
    it.failed(ONE, SpeechRefused(404, "none"))
    assert not it.why(ONE)


def test_a_voice_whose_rests_do_not_serve_is_asked_for_no_more_sentences_of_that_form():
    it, within, final = Despair(), carrier("en-US", False), carrier("en-US", True)
    for _ in range(CUTS - 1):
        it.failed(ONE, CutRefused("no pause"), within)
        it.failed(ONE, CutRefused("no pause"), final)
    it.succeeded(ONE, final)
    for which in (within, final):
        assert not it.why(ONE, which)
        it.failed(ONE, CutRefused("no pause"), which)
    assert f"{CUTS} such sentences in a row could not be cut: no pause" in it.why(ONE, within)
    it.succeeded(ONE, final)
    assert it.why(ONE, within)
    assert not (it.why(ONE, final) or it.why(ONE) or it.why(OTHER, within))
