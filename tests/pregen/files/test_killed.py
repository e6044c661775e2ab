"""A build that is killed, again and again, at any moment: nothing is lost, half or paid for twice."""

import asyncio
import random
import signal
from collections import Counter
from itertools import count

from hosted import hosted, hum, provider, runs

from ivr.pregen.files.mark import mark_of
from ivr.testing.provider import Behaviour

PHRASES = {f"line_{number}": f"This is line {number}." for number in range(300)}
FEW = {"one": "One.", "two": "Two."}
KILLS = 50
AT_ONCE = 4
NUMBERS = (1, 1, 2, 2, 3, 3, AT_ONCE + 1)
"""Requests by whose arrival a build is killed. The last one comes when a clip was made, however slow the machine is."""


class Clips:
    """Those of a project; each is looked at once, for none is ever written again."""

    def __init__(self, project) -> None:
        self._audio = project.root / "audio"
        self.names: set[str] = set()

    def texts(self):
        there = {path.stem for path in self._audio.glob("*.wav")}
        assert there >= self.names
        for name in there - self.names:
            assert mark_of((self._audio / f"{name}.wav").read_bytes()) is not None
        self.names = there
        return {PHRASES[name] for name in there}


def until(last):
    """Answers no request behind that one, so that on no machine a build is done before its last kill."""
    return lambda text, number: Behaviour(first_byte_delay=0.0 if number <= last else 600.0)


async def moment(chance, service, number):
    """Any moment of a build: at its start, or around the request of that number."""
    if chance.random() < 0.2:
        await asyncio.sleep(chance.uniform(0, 0.12))
    else:
        await service.request(number)
        await asyncio.sleep(chance.uniform(0, 0.02))


def texts(requests):
    return Counter(request.json["text"] for request in requests)


async def test_killed_at_fifty_moments_it_ends_as_if_undisturbed(tmp_path):
    chance = random.Random(7)
    in_flight: Counter[str] = Counter()
    async with provider() as service, runs() as build:
        smooth = hosted(tmp_path / "smooth", service.url, PHRASES)
        assert await build.once(smooth.root) == 0
        assert texts(service.requests) == Counter(PHRASES.values())
        project = hosted(tmp_path / "killed", service.url, PHRASES)
        clips = Clips(project)
        for _ in range(KILLS):
            there = clips.texts()
            before, number = len(service.requests), chance.choice(NUMBERS)
            service.behave = until(before + number + 2)
            await build.begin(project.root)
            await moment(chance, service, before + number)
            await build.kill()
            await service.quiet()
            asked = texts(service.requests[before:])
            lost = asked - Counter(clips.texts())
            assert not there & set(asked)
            assert lost.total() <= AT_ONCE
            in_flight += lost
        assert 0 < len(clips.names) < len(PHRASES)
        service.behave = Behaviour()
        assert await build.once(project.root) == 0
        assert texts(service.requests[len(PHRASES) :]) == Counter(PHRASES.values()) + in_flight
        assert project.audio() == smooth.audio()
        assert sorted(project.audio()) == sorted([*(f"{name}.wav" for name in PHRASES), "ivr.lock"])
        asked = len(service.requests)
        assert await build.once(project.root) == 0
        assert len(service.requests) == asked


async def test_killed_at_each_change_of_the_disk_it_ends_as_if_undisturbed(tmp_path):
    async with provider() as service, runs() as build:
        smooth = hosted(tmp_path / "smooth", service.url, FEW)
        assert await build.once(smooth.root) == 0
        for number in count(1):
            project = hosted(tmp_path / str(number), service.url, FEW)
            before = len(service.requests)
            died = await build.once(project.root, how=("die-at", number))
            await service.quiet()
            lost = texts(service.requests[before:]) - Counter(FEW[name] for name in FEW if clip(project, name).exists())
            assert await build.once(project.root) == 0
            assert project.audio() == smooth.audio()
            assert texts(service.requests[before:]) == Counter(FEW.values()) + lost
            if died == 0:
                break
            assert died == -signal.SIGKILL
        assert number >= 2 * (len(FEW) + 1)  # each clip, and the lock, is begun and put in its place


async def test_killed_in_the_middle_of_a_file_it_ends_as_if_undisturbed(tmp_path):
    async with provider() as service, runs() as build:
        smooth = hosted(tmp_path / "smooth", service.url, FEW)
        assert await build.once(smooth.root) == 0
        size = min(len(data) for data in smooth.audio().values())
        for at in (100, size // 2, size - 1):
            project = hosted(tmp_path / str(at), service.url, FEW)
            assert await build.once(project.root, how=("die-beyond", at)) == -signal.SIGXFSZ
            assert [name for name in project.audio() if name.endswith(".part")]
            assert await build.once(project.root) == 0
            assert project.audio() == smooth.audio()


async def moved_and_killed(tmp_path, before, after, renames):
    """A build of other words in the same places, killed at each change of the disk; the ``renames`` are free."""
    async with provider() as service, runs() as build:
        smooth = hosted(tmp_path / "smooth", service.url, after)
        assert await build.once(smooth.root) == 0
        for number in count(1):
            project = hosted(tmp_path / str(number), service.url, before)
            assert await build.once(project.root) == 0
            hosted(project.root, service.url, after)
            asked = len(service.requests)
            died = await build.once(project.root, how=("die-at", number))
            assert await build.once(project.root) == 0
            assert texts(service.requests[asked:]) == Counter()
            assert project.audio() == smooth.audio()
            if died == 0:
                break
            assert died == -signal.SIGKILL
        assert number >= 2 * renames


async def test_words_that_changed_places_are_not_paid_for_whenever_it_is_killed(tmp_path):
    await moved_and_killed(tmp_path, FEW, {"one": "Two.", "two": "One."}, 2)


async def test_words_that_moved_on_by_one_are_not_paid_for_whenever_it_is_killed(tmp_path):
    before = {"a": "One.", "b": "Two.", "c": "Three."}
    await moved_and_killed(tmp_path, before, {"a": "One.", "b": "One.", "c": "Two.", "d": "Three."}, 3)


async def test_words_that_are_said_twice_are_paid_for_once_whenever_it_is_killed(tmp_path):
    twice = {"one": "One.", "too": "One."}
    async with provider() as service, runs() as build:
        for number in count(1):
            project = hosted(tmp_path / str(number), service.url, twice)
            before = len(service.requests)
            died = await build.once(project.root, how=("die-at", number))
            await service.quiet()
            there = clip(project, "one").exists()
            asked = len(service.requests)
            assert await build.once(project.root) == 0
            assert len(service.requests) - asked == (not there)
            assert asked - before <= 1
            if died == 0:
                break


def clip(project, name):
    return project.root / f"audio/{name}.wav"


async def test_of_two_builds_at_once_the_second_is_refused_and_asks_nothing(tmp_path):
    held = asyncio.Event()

    async def speak(text):
        await held.wait()
        return hum(text)

    async with provider(speak=speak) as service, runs() as first, runs() as second:
        project = hosted(tmp_path / "twice", service.url, FEW)
        await first.begin(project.root)
        await service.request(2)
        assert await second.once(project.root) == 2
        held.set()
        assert await first.end() == 0
        assert texts(service.requests) == Counter(FEW.values())
        assert sorted(project.audio()) == ["ivr.lock", "one.wav", "two.wav"]
