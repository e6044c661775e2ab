import numpy as np
import pytest

from ivr.errors import AudioError
from ivr.media.clip import make_clip
from ivr.media.format import ALAW_8K, L16_16K, MULAW_8K
from ivr.media.pcm import encode
from ivr.media.samples import empty, silence
from ivr.media.tones import tone


@pytest.mark.parametrize("format", [MULAW_8K, ALAW_8K, L16_16K])
def test_clips_are_whole_frames_padded_with_the_formats_silence(format):
    samples = tone(440, 0.05, format.rate, -20)
    clip = make_clip(samples, format, "word")
    padding = 3 * format.frame - len(samples)
    assert clip.samples == 3 * format.frame
    assert clip.payload == encode(samples, format) + format.silence(padding)


def test_parts_are_the_bytes_of_their_samples():
    clip = make_clip(tone(440, 0.06, 16000, -20), L16_16K)
    assert clip.part(10, 30) == clip.payload[20:60]
    assert clip.part(0, clip.samples) == clip.payload
    assert clip.part(5, 5) == b""


@pytest.mark.parametrize("span", [(-1, 5), (6, 5), (0, 481)])
def test_parts_lie_within_the_clip(span):
    clip = make_clip(tone(440, 0.06, 8000, -20), MULAW_8K, "word")
    with pytest.raises(AudioError, match="'word' has 480"):
        clip.part(*span)


def test_edges_are_measured():
    samples = np.concatenate((tone(997, 0.5, 8000, -20), tone(997, 0.5, 8000, -30)))
    clip = make_clip(samples, MULAW_8K)
    assert clip.head == pytest.approx(-23.01, abs=0.05)
    assert clip.tail == pytest.approx(-33.01, abs=0.05)


@pytest.mark.parametrize("samples", [empty(), silence(100)])
def test_silence_has_no_edges(samples):
    clip = make_clip(samples, MULAW_8K)
    assert clip.head == clip.tail == -np.inf
    assert clip.payload == b"\xff" * clip.samples
