"""The page to print, as text and in a real browser."""

import re
from base64 import b64decode

import pytest
from chromium import PROGRAM, browser

from ivr.pregen.script.lines import Line
from ivr.pregen.script.page import as_page

LINES = "[...document.querySelectorAll('article')]"
EVIL = '<script>alert(1)</script>"&'


def line(number, text="Press one.", **changes):
    usual = {"locale": "en-US", "dialog": "main", "where": "menu", "prompt": "menu", "attempt": "", "phrase": "menu"}
    file = f"audio/recordings/menu_{number}.wav"
    rest = {"clip": "menu", "file": file, "before": "", "after": "", "goes_on": False, "seconds": 1.5, "recorded": ""}
    return Line(**{"number": number, "text": text, **usual, **rest, **changes})


def test_everything_is_escaped():
    fields = ("text", "before", "after", "phrase", "prompt", "where", "dialog", "attempt", "file", "recorded", "locale")
    page = as_page([line(1, **{name: EVIL for name in fields})], EVIL)
    assert "<script" not in page
    assert page.count("&lt;script&gt;") == len(fields) + 3  # the title stands twice, the locale too
    assert "default-src 'none'" in page


def test_it_says_what_a_talent_needs():
    page = as_page([line(7, goes_on=True, before="Welcome.", after="[twelve]", attempt="2 and later")], "Shop")
    for words in ("menu_7.wav", "Welcome.", "goes on", "[twelve]", "2 and later", "1.5 s", "1 line, 2 words", "☐"):
        assert words in page
    assert "☒" in as_page([line(1, recorded="audio/recordings/menu.flac")], "Shop")
    assert "There is nothing to record" in as_page([], "Shop")


def test_languages_are_marked():
    page = as_page([line(1, "שלום", locale="he-IL"), line(2, "Hallo", locale="de-DE")], "Shop")
    assert '<div class="words" lang="he-IL" dir="rtl">' in page and '<div class="words" lang="de-DE">' in page


@pytest.mark.skipif(PROGRAM is None, reason="no Chromium is installed")
def test_no_line_needs_two_sheets(tmp_path):
    lines = [line(each, "For your balance, press one. " * (1 + each % 7)) for each in range(1, 60)]
    lines.append(line(60, "long words " * 181, before="x " * 40, after="y " * 40))
    path = tmp_path / "script.html"
    path.write_text(as_page(lines, "Shop"), encoding="utf-8")
    profile = tmp_path / "profile"
    profile.mkdir()
    with browser(profile) as tab:
        tab.open(path)
        assert tab.see("document.querySelectorAll('article').length") == 60
        assert tab.see(f"{LINES}.every(e => getComputedStyle(e).breakInside == 'avoid')")
        tab.do("Emulation.setEmulatedMedia", media="print")
        # A4 and Letter without their margins: 182 mm and 188 mm wide, 267 mm and 249 mm high, at 96 dots per inch.
        for width, height in ((182, 267), (188, 249)):
            size = round(width / 25.4 * 96)
            tab.do("Emulation.setDeviceMetricsOverride", width=size, height=900, deviceScaleFactor=1, mobile=False)
            tallest = tab.see(f"Math.max(...{LINES}.map(e => e.getBoundingClientRect().height))")
            assert 500 < tallest < height / 25.4 * 96
        printed = b64decode(tab.do("Page.printToPDF", preferCSSPageSize=True)["data"])
        assert len(re.findall(rb"/Type\s*/Page\b", printed)) > 5
        assert tab.requests == [path.as_uri()] and tab.complaints == []
