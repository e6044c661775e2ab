"""The page of many calls in a real browser: by keyboard and mouse, from a file, with nothing asked of a network."""

from __future__ import annotations

from pathlib import Path

import pytest
from chromium import PROGRAM, Tab, browser
from recorded import HOSTILE, write_many

from ivr.cli.main import main

pytestmark = pytest.mark.skipif(PROGRAM is None, reason="there is no Chromium on this machine")

CALLS, HEARD = 199, 10
NAME = "document.querySelector('#call h1').textContent"
FOCUSED = "document.activeElement.textContent"
ORDER = "[...document.querySelectorAll('#calls tbody tr:not([hidden]) a')].map(a => a.textContent)"


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("calls")
    write_many(directory, CALLS, HEARD)
    assert main(["timeline", str(directory), "-o", str(directory / "all.html"), "--audio"]) == 0
    return directory / "all.html"


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory):
    with browser(tmp_path_factory.mktemp("profile")) as tab:
        yield tab


@pytest.fixture
def tab(started: Tab, file: Path):
    """The page, just opened; afterwards it has asked for nothing but itself and complained of nothing."""
    started.media()
    started.open(Path("/dev/null"))
    started.requests.clear()
    started.complaints.clear()
    started.open(file)
    yield started
    asked = [url for url in started.requests if not url.startswith(("data:", "blob:"))]
    assert {url.partition("#")[0] for url in asked} == {file.as_uri()}
    assert started.complaints == []


def opened(tab: Tab) -> str:
    tab.until("!document.getElementById('call').hidden")
    return tab.see(NAME)


def column(tab: Tab, number: int) -> list[str]:
    return tab.see(f"[...document.querySelectorAll('#calls tbody tr')].map(r => r.cells[{number}].dataset.v)")


def test_two_hundred_calls_the_worst_first(tab, file):
    assert file.stat().st_size < 5_000_000
    assert tab.see("document.querySelectorAll('#calls tbody tr').length") == CALLS + 1
    assert tab.see("document.getElementById('count').value") == "200 calls"
    dead = [float(value) for value in column(tab, 3)]
    assert dead == sorted(dead, reverse=True) and dead[0] > 0 == dead[-1]


def test_through_the_list_by_keyboard_into_a_call_and_back(tab):
    names = tab.see(ORDER)
    assert tab.see(FOCUSED) == names[0]
    tab.press("j", "ArrowDown", "j", "k")
    assert tab.see(FOCUSED) == names[2]
    assert tab.see("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    tab.press("Enter")
    assert opened(tab) == names[2]
    assert tab.see("document.activeElement.tagName") == "H1"
    tab.press("j")
    tab.until(f"{NAME} === {names[3]!r}")
    assert tab.see("document.querySelector('.place').textContent") == "4 of 200"
    tab.press("j", "j", "k", "ArrowLeft", "ArrowLeft")
    tab.until(f"{NAME} === {names[2]!r}")
    tab.press("Escape")
    tab.until("!document.getElementById('list').hidden")
    assert tab.see(FOCUSED) == names[2]
    tab.press("End")
    assert tab.see(FOCUSED) == names[-1]


def test_the_tab_key_stops_once_in_the_list_and_reaches_every_head(tab):
    assert tab.see("document.querySelectorAll('#calls tbody a[tabindex=\"0\"]').length") == 1
    assert tab.see("document.querySelectorAll('#calls tbody a:not([tabindex])').length") == 0
    tab.see("document.getElementById('kind').focus()")
    tab.press("Tab")
    assert tab.see(FOCUSED) == "call"
    tab.press("Enter")
    assert tab.see("document.activeElement.closest('th').getAttribute('aria-sort')") == "ascending"


def test_sorting_both_ways_and_what_has_no_figure_last(tab):
    for heading, number in (("length", 2), ("covers", 5), ("turns", 8)):
        button = f"#calls thead th:nth-child({number + 1}) button"
        assert tab.see(f"document.querySelector({button!r}).textContent") == heading
        tab.click(button)
        falling = [float(value) for value in column(tab, number) if value]
        tab.click(button)
        rising = [float(value) for value in column(tab, number) if value]
        assert falling == sorted(falling, reverse=True) and rising == sorted(rising)
        assert falling[0] > falling[-1]
    first = tab.see(ORDER)
    tab.click("#calls thead th:nth-child(4) button")
    assert tab.see(ORDER) != first
    tab.reload()
    assert tab.see("!document.querySelector('[aria-sort]')")
    worst = tab.see(ORDER)
    tab.click("#calls thead th:nth-child(3) button")
    tab.click("#calls thead th:nth-child(4) button")
    assert column(tab, 3) == sorted(column(tab, 3), key=float, reverse=True)
    assert tab.see(ORDER) == worst  # what is alike stands in the order of the file
    tab.click("#calls thead th:nth-child(8) button")
    steps = column(tab, 7)
    assert "" not in steps[: len([step for step in steps if step])]


def test_finding_and_showing_some(tab):
    tab.press("/", "c", "a", "l", "l", "-", "0", "0")
    assert len(tab.see(ORDER)) == 10
    assert tab.see("document.getElementById('count').value") == "10 of 200 calls"
    tab.press("Enter", "j")
    assert tab.see(FOCUSED) == tab.see(ORDER)[1]
    tab.press("/", "Escape")
    assert len(tab.see(ORDER)) == CALLS + 1
    tab.see("(k => { k.value = 'gaps'; k.dispatchEvent(new Event('change')) })(document.getElementById('kind'))")
    assert len(tab.see(ORDER)) == (CALLS + 1) // 5


def test_a_call_shows_its_segments_seams_slack_states_and_turns(tab):
    tab.click("#calls tbody tr:nth-child(2) td:nth-child(3)")
    opened(tab)
    for style in ("bar.clip", "bar.stream", "seam", "slack", "state", "key", "flag.turn", "work.lookup"):
        assert tab.see(f"document.querySelectorAll('#call svg .{style}').length") > 0, style
    fill = "getComputedStyle(document.querySelector('#call svg .bar.stream')).fill"
    assert tab.see(fill) == "rgb(255, 220, 176)"
    assert tab.see("document.querySelectorAll('#call .turns tbody tr').length") >= 3
    tab.click("#call .back")
    tab.until("!document.getElementById('list').hidden")


def test_the_browsers_back_leads_to_the_list_and_an_address_into_a_call(tab, file):
    tab.press("Enter")
    first = opened(tab)
    tab.press("j")
    tab.until(f"{NAME} !== {first!r}")
    tab.see("history.back()")
    tab.until("!document.getElementById('list').hidden")
    tab.see("location.hash = '#c5'")
    assert opened(tab) == tab.see("document.querySelector('a[href=\"#c5\"]').textContent")


def test_sound_plays_where_there_is_some_and_is_told_where_there_is_none(tab):
    tab.press("/", *"call-002", "Enter", "Enter")
    assert opened(tab) == "call-002.jsonl"
    told = "document.querySelector('#call .facts').textContent"
    assert "MB of this page" in tab.see(told)
    tab.until("document.querySelector('#call audio').readyState >= 1")
    assert tab.see("document.querySelector('#call audio').duration") > 10
    tab.press(" ")
    tab.until("document.querySelector('#call audio').currentTime > 0.05")
    tab.press(" ")
    assert tab.see("document.querySelector('#call audio').paused") is True
    tab.click("#call .turns tbody tr:nth-child(2) button")
    at = tab.see("Number(document.querySelectorAll('#call [data-at]')[1].dataset.at)")
    tab.until(f"document.querySelector('#call audio').currentTime > {at}")
    tab.until("document.querySelector('#call svg .head').getAttribute('x1')")
    tab.press("Escape")
    tab.until("!document.getElementById('list').hidden")
    tab.press("/", "Escape", "/", *"call-150", "Enter", "Enter")
    tab.until(f"{NAME} === 'call-150.jsonl'")
    assert tab.see("document.querySelector('#call audio')") is None
    assert "no recording beside the trace" in tab.see(told)


def test_a_hostile_text_stays_text(tab):
    title = tab.see("document.title")
    tab.press("/", *"hostile", "Enter", "Enter")
    assert opened(tab) == "hostile.jsonl"
    tips = tab.see("[...document.querySelectorAll('#call svg title')].map(t => t.textContent)")
    assert any(HOSTILE in tip for tip in tips)
    assert tab.see("document.querySelectorAll('#call img, #call script, [onload], [onerror]').length") == 0
    assert tab.see("document.title") == title


def test_nothing_but_its_own_script_may_run_or_be_loaded(started, file):
    started.open(file)
    started.see(
        "window.refused = [];"
        "document.addEventListener('securitypolicyviolation', event => refused.push(event.effectiveDirective));"
        "document.body.insertAdjacentHTML('beforeend', '<p style=color:red><img src=x onerror=\"window.ran = 1\">');"
        "document.body.append(Object.assign(document.createElement('script'), {textContent: 'window.ran = 1'}));"
        "document.body.append(Object.assign(document.createElement('iframe'), {src: 'http://127.0.0.1:8/'}));"
        "fetch('http://127.0.0.1:8080/').catch(() => 0); 0"
    )
    started.until("refused.length >= 6")
    ways = ["connect-src", "frame-src", "img-src", "script-src-attr", "script-src-elem", "style-src-attr"]
    assert sorted(started.see("refused")) == ways
    assert started.see("window.ran") is None


def test_dark_and_light_and_without_motion(tab):
    ink, paper = ("getComputedStyle(document.body).color", "getComputedStyle(document.body).backgroundColor")
    light = tab.see(ink), tab.see(paper)
    assert "0.12s" in tab.see("getComputedStyle(document.querySelector('#calls tbody tr')).transition")
    tab.media(prefers_color_scheme="dark", prefers_reduced_motion="reduce")
    assert (tab.see(ink), tab.see(paper)) != light
    assert "0.12s" not in tab.see("getComputedStyle(document.querySelector('#calls tbody tr')).transition")
    tab.press("Enter")
    opened(tab)
    assert tab.see("getComputedStyle(document.querySelector('#call svg .tick')).fill") == "rgb(152, 162, 174)"
