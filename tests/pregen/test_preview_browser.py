"""The preview in a real browser: by keyboard and mouse, from a file, with nothing asked of a network."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from chromium import PROGRAM, Tab, browser
from directory import Directory
from previewed import spoilt
from recorded import HOSTILE

from ivr.cli.main import main

pytestmark = pytest.mark.skipif(PROGRAM is None, reason="there is no Chromium on this machine")

NAMES = "[...document.querySelectorAll('.clip:not([hidden]) h3')].map(h => h.textContent)"
TAKES = "[...document.querySelectorAll('.take:not([hidden])')].map(t => t.textContent.trim())"
FOCUSED = "document.activeElement.ariaLabel"
NOW = "document.getElementById('now').textContent"
SOUND = "document.getElementById('sound')"
HEARD = f"{SOUND}.currentTime > 0.05"
CONTRAST = """
(() => {
  const numbers = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const light = (colour) => numbers(colour).slice(0, 3).map((c) => c / 255)
    .map((c) => (c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const ground = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = getComputedStyle(at).backgroundColor;
      if ((numbers(colour)[3] ?? 1) === 1) return colour;
    }
  };
  const found = [];
  for (const element of document.querySelectorAll('main *, #now')) {
    const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
    if (!own || element.closest('[hidden], option, noscript') || !element.checkVisibility()) continue;
    const [a, b] = [getComputedStyle(element).color, ground(element)].map(light);
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    found.push([ratio, element.className || element.tagName]);
  }
  return found;
})()
"""
"""Of each text on the page the ratio to what is behind it (WCAG 2.2, 1.4.3)."""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Directory:
    return spoilt(tmp_path_factory.mktemp("shop") / "it")


@pytest.fixture(scope="module")
def file(project: Directory) -> Path:
    assert main(["preview", str(project.root), "-o", str(project.root / "all.html")]) == 0
    return project.root / "all.html"


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory):
    with browser(tmp_path_factory.mktemp("profile")) as tab:
        yield tab


def opened(tab: Tab, file: Path) -> None:
    tab.media()
    tab.do("Emulation.clearDeviceMetricsOverride")
    tab.open(Path("/dev/null"))
    tab.requests.clear()
    tab.complaints.clear()
    tab.open(file)


@pytest.fixture
def tab(started: Tab, file: Path):
    """The page, just opened; afterwards it has asked for nothing but itself and complained of nothing."""
    opened(started, file)
    yield started
    asked = [url for url in started.requests if not url.startswith(("data:", "blob:"))]
    assert {url.partition("#")[0] for url in asked} == {file.as_uri()}
    assert started.complaints == []


def choose(tab: Tab, by: str, value: str) -> None:
    select = f"document.querySelector('[data-by={by}]')"
    assert tab.see(f"[...{select}.options].some(o => o.value === {value!r})"), value
    tab.see(f"(s => {{ s.value = {value!r}; s.dispatchEvent(new Event('change')) }})({select})")


def order(tab: Tab, value: str) -> list[str]:
    tab.see(f"(s => {{ s.value = {value!r}; s.dispatchEvent(new Event('change')) }})(document.getElementById('order'))")
    return tab.see(NAMES)


def test_it_shows_every_clip_and_what_is_wrong_with_it(tab):
    assert tab.see(NAMES) == [
        *("hello", "menu", "menu_again", "sum", "sum.2", "name_only (en-US)", "bye", "deaf", "wait", "sorry", "music"),
        *("es-US/hello", "es-US/menu", "es-US/bye"),
    ]
    states = "[...document.querySelectorAll('.clip')].map(r => [r.dataset.id, r.querySelector('.state').textContent])"
    found = dict(tab.see(states))
    assert found["menu_again"] == "stale" and found["deaf"] == "missing" and found["wait"] == "corrupt"
    assert found["es-US/bye"] == "orphaned" and found["hello"] == "ready"
    assert "it says “Press one.”" in tab.see("document.getElementById('c2').innerText")
    assert tab.see("document.getElementById('count').value") == "all 14 shown"
    assert tab.see("document.querySelectorAll('#c0 svg path').length") == 1


def test_it_plays_what_a_caller_hears(tab):
    tab.press(" ")
    tab.until(HEARD)
    length = tab.see("Number(document.getElementById('c0').dataset.seconds)")
    assert tab.see(f"{SOUND}.duration") == pytest.approx(length, abs=0.021)
    assert tab.see(NOW) == "hello: Hello and welcome."
    assert tab.see(FOCUSED) == "stop hello"
    tab.until("document.querySelector('#c0 .done')")
    tab.press(" ")
    assert tab.see(f"{SOUND}.paused") is True and tab.see(NOW) == "Nothing is playing."
    tab.click("#c3 .play")
    tab.until(HEARD)
    assert tab.see(NOW).startswith("sum: You have,")
    tab.press("ArrowRight", "ArrowRight", "ArrowRight", "ArrowRight")
    tab.until(f"{NOW} === 'Nothing is playing.'")
    assert tab.see("document.querySelectorAll('.now, .done').length") == 0


def test_what_has_no_sound_says_so(tab):
    tab.see(
        "window.told = []; new MutationObserver(() => told.push(document.getElementById('now').textContent))"
        ".observe(document.getElementById('now'), {childList: true})"
    )
    tab.click("#c7 .play")
    tab.until(f"told.length > 1 && {NOW} === 'Nothing is playing.'")
    assert "deaf: no sound" in tab.see("told")


def test_through_the_list_by_keyboard(tab):
    assert tab.see(FOCUSED) == "play hello"
    tab.press("ArrowDown", "j", "j", "ArrowUp")
    assert tab.see(FOCUSED) == "play menu_again"
    assert tab.see("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    tab.press("End")
    assert tab.see(FOCUSED) == "play es-US/bye"
    tab.press("Home", "ArrowUp")
    assert tab.see(FOCUSED) == "play hello"
    assert tab.see("document.querySelectorAll('.play[tabindex=\"0\"]').length") == 1
    tab.press("t")
    assert tab.see(FOCUSED).startswith("play main › top, first")
    assert tab.see("document.querySelectorAll('.take a[tabindex=\"0\"]').length") == 2
    tab.press("Tab")
    assert tab.see("document.activeElement.dataset.clip") == "0"


def test_all_is_played_in_order_from_where_one_is(tab):
    tab.see(
        "window.told = []; new MutationObserver(() => told.push(document.getElementById('now').textContent))"
        ".observe(document.getElementById('now'), {childList: true})"
    )
    choose(tab, "locale", "es-US")
    tab.press("a")
    tab.until(f"{HEARD} || told.length > 2")
    tab.until(f"told.length > 1 && {NOW} === 'Nothing is playing.'")
    said = [each.partition(":")[0] for each in tab.see("told") if each != "Nothing is playing."]
    assert said == ["es-US/hello", "es-US/menu", "es-US/bye"]
    tab.press("a")
    tab.until(HEARD)
    tab.press("Escape")
    assert tab.see(f"{SOUND}.paused") is True


def test_searching_and_filtering(tab):
    tab.press("/", *"balance", "Enter")
    assert tab.see(NAMES) == ["menu"]
    assert tab.see(FOCUSED) == "play menu" and tab.see("document.getElementById('count').value") == "1 of 14 shown"
    tab.press("/", "Escape")
    assert len(tab.see(NAMES)) == 14
    for by, value, names in (
        ("kinds", "stale", ["menu_again"]),
        ("kinds", "missing", ["deaf"]),
        ("kinds", "todo", ["menu_again", "deaf", "wait", "es-US/bye"]),
        ("voice", "es-419", ["es-US/hello", "es-US/menu", "es-US/bye"]),
        ("origin", "own", ["music"]),
        ("locale", "es-US", ["es-US/hello", "es-US/menu", "es-US/bye"]),
    ):
        choose(tab, by, value)
        assert tab.see(NAMES) == names, (by, value)
        choose(tab, by, "")
    places = (
        "Object.fromEntries([...document.querySelector('[data-by=in]').options].map(o => [o.textContent, o.value]))"
    )
    place = tab.see(places)
    choose(tab, "in", place["covers"])
    assert tab.see(NAMES) == ["wait", "sorry", "music"]
    choose(tab, "kinds", "missing")
    assert tab.see(NAMES) == [] and tab.see("document.getElementById('nothing').checkVisibility()")
    tab.click("#all")
    assert len(tab.see(NAMES)) == 14


def test_sorting_and_what_has_no_figure_last(tab):
    written = tab.see(NAMES)
    assert order(tab, "id") == sorted(written, key=str.casefold)
    value = "[...document.querySelectorAll('.clip')].map(r => r.dataset.{})"
    for name in ("seconds", "level"):
        for sign in ("", "-"):
            order(tab, sign + name)
            found = tab.see(value.format(name))
            numbers = [float(each) for each in found if each]
            assert numbers == sorted(numbers, reverse=bool(sign)) and numbers[0] != numbers[-1]
            assert found[: len(numbers)] == [each for each in found if each]
    assert order(tab, "") == written


def test_turns_are_heard_as_a_caller_hears_them(tab):
    tab.press("t")
    takes = tab.see(TAKES)
    assert any("no input 1" in take and "I did not hear anything." in take and "missing" in take for take in takes)
    tab.press("/", *"{amount", "Enter")
    assert len(tab.see(TAKES)) == 2  # in either locale
    tab.see(
        "window.told = []; new MutationObserver(() => told.push(document.getElementById('now').textContent))"
        ".observe(document.getElementById('now'), {childList: true})"
    )
    tab.press(" ")
    tab.until(f"told.length > 1 && {NOW} === 'Nothing is playing.'")
    said = [each.partition(":")[0] if each[:4] != "live" else each for each in tab.see("told")]
    assert [each for each in said if each[:7] != "Nothing"] == [
        "sum",
        "live: amount",
        "sum.2",
        "live: name",
        "live: name",
    ]
    tab.press("/", "Escape")
    choose(tab, "kinds", "stale")
    assert all("Press one now." in take for take in tab.see(TAKES)) and tab.see(TAKES)
    tab.click(".take:not([hidden]) a[data-clip='2']")
    tab.until("!document.getElementById('list').hidden")
    assert tab.see(FOCUSED) == "play menu_again"


def test_sounds_beyond_the_room_are_played_from_their_files(started, project):
    page = project.root / "linked.html"
    assert main(["preview", str(project.root), "-o", str(page), "--audio-limit", "0"]) == 0
    opened(started, page)
    assert "No sound is in this page" in started.see("document.querySelector('.notes').textContent")
    started.press(" ")
    started.until(HEARD)
    assert started.see(f"{SOUND}.currentSrc") == (project.root / "audio/hello.wav").as_uri()
    assert started.complaints == []
    started.press(" ", "End", " ")
    started.until(HEARD)
    asked = {url for url in started.requests if not url.startswith(("data:", "blob:"))}
    assert asked == {
        path.as_uri() for path in (page, *(project.root / "audio" / n for n in ("hello.wav", "es-US/bye.wav")))
    }


def test_a_file_that_has_gone_meanwhile_is_told_of_and_the_others_are_played(started, project):
    page = project.root / "gone.html"
    assert main(["preview", str(project.root), "-o", str(page), "--audio-limit", "0"]) == 0
    page.write_text(page.read_text().replace("./audio/hello.wav", "./audio/gone.wav"))
    opened(started, page)
    started.press(" ")
    started.until(f"{NOW}.startsWith('hello cannot be played here')")
    assert started.see("document.querySelectorAll('.now').length") == 0
    started.press("a")
    started.until(f"{NOW}.startsWith('menu:') && {HEARD}")
    started.press("Escape")


def test_hostile_texts_stay_texts(started, tmp_path):
    directory = spoilt(tmp_path / "it")
    quoted = json.dumps(HOSTILE.replace("{", ""))
    directory.replace("prompts/phrases/en-US.yaml", "hello: Hello and welcome.", f"hello: {quoted}")
    directory.replace("prompts/ivr.yaml", "project: Harbour & Sons", f"project: {quoted}")
    page = tmp_path / "hostile.html"
    assert main(["preview", str(directory.root), "-o", str(page)]) == 0
    opened(started, page)
    title = started.see("document.title")
    assert "<img src=x onerror=" in title and "<img src=x onerror=" in started.see(
        "document.getElementById('c0').textContent"
    )
    assert started.see("document.querySelectorAll('img, main script, [onload], [onerror]').length") == 0
    started.press(" ")
    started.until(HEARD)
    assert started.see("document.title") == title and started.complaints == []


def test_nothing_but_its_own_script_may_run_or_be_loaded(started, file):
    opened(started, file)
    started.see(
        "window.refused = [];"
        "document.addEventListener('securitypolicyviolation', event => refused.push(event.effectiveDirective));"
        "document.body.insertAdjacentHTML('beforeend', '<p style=color:red><img src=x onerror=\"window.ran = 1\">');"
        "document.body.append(Object.assign(document.createElement('audio'), {src: 'audio/hello.wav'}));"
        "fetch('http://127.0.0.1:8080/').catch(() => 0); 0"
    )
    started.until("refused.length >= 5")
    ways = ["connect-src", "img-src", "media-src", "script-src-attr", "style-src-attr"]
    assert sorted(started.see("refused")) == ways
    assert started.see("window.ran") is None


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_can_be_read(tab, scheme):
    tab.media(prefers_color_scheme=scheme)
    found = tab.see(CONTRAST)
    tab.press("t")
    found += tab.see(CONTRAST)
    assert len(found) > 100
    assert min(found)[0] >= 4.5, min(found)


def test_everything_has_a_name_and_fits_a_telephone(tab):
    nameless = (
        "[...document.querySelectorAll('button, input, select')]"
        ".filter(e => !(e.ariaLabel || e.textContent.trim() || e.closest('label')))"
    )
    assert tab.see(f"{nameless}.length") == 0
    tab.do("Emulation.setDeviceMetricsOverride", width=400, height=800, deviceScaleFactor=1, mobile=False)
    for _ in range(2):
        assert tab.see("document.documentElement.scrollWidth") <= 400
        wide = "[...document.querySelectorAll('main *, .player *')].filter(e => e.getBoundingClientRect().right > 400)"
        assert tab.see(f"{wide}.map(e => e.outerHTML.slice(0, 80))") == []
        tab.press("t")
