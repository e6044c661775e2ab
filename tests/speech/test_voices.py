import subprocess
import sys

import pytest

from ivr.errors import ConfigError
from ivr.speech.voices import made_by, open_voice


async def test_a_hosted_voice_is_named_by_its_host():
    voice = open_voice("http", url="https://voice.example.com/root", api_key="k")
    assert voice.name == "http:voice.example.com"
    assert made_by(voice.name, "http", "https://voice.example.com/root")
    assert not made_by(voice.name, "http", "https://other.example.com")
    assert not made_by(voice.name, "embedded")
    await voice.aclose()


async def test_the_embedded_voice_is_recognised_in_any_version():
    pytest.importorskip("espeakng_loader")
    voice = open_voice("embedded")
    assert made_by(voice.name, "embedded")
    assert made_by("espeak-ng/0.1", "embedded")
    assert not made_by(voice.name, "http", "https://voice.example.com")
    await voice.aclose()


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"provider": "clay"}, "embedded, http"),
        ({"provider": "http", "api_key": "k"}, "IVR_VOICE_URL"),
        ({"provider": "http", "url": "https://voice.example.com"}, "IVR_VOICE_API_KEY"),
    ],
)
def test_what_is_missing_is_named(options, told):
    with pytest.raises(ConfigError, match=told):
        open_voice(**options)


def test_only_the_chosen_voice_is_imported():
    code = "import sys, ivr.speech.voices; print([n for n in sys.modules if 'httpx' in n or 'espeak' in n])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"
