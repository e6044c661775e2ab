"""Builds with fragments: made like any other clip, and named where they cannot be cut."""

import pytest
from directory import take
from pregen.cutting.sentences import spoken
from pregen.reading import RUNNING, Speaker, reads_back

from ivr.catalog.readback import units
from ivr.errors import ProjectError
from ivr.media.format import MULAW_8K
from ivr.media.wave import read_wav, write_wav
from ivr.phrases.fragments import Fragments, is_fragment
from ivr.phrases.lock import parse
from ivr.pregen.choice import Choice
from ivr.pregen.gc import collect
from ivr.pregen.provider.despair import CUTS
from ivr.pregen.render import Manner
from ivr.project.audio.fragments import fragments


@pytest.fixture
def reading(little):
    return reads_back(little)


def needed(project):
    sources = project.sources()
    return {clip.name: clip for clip in fragments(sources.catalogues, sources.settings)}


def test_fragments_are_made_once_like_any_other_clip(reading):
    voice = Speaker()
    report = reading.render(voice)
    assert report.ok
    assert {name for name in report.rendered if is_fragment(name)} == set(needed(reading))
    assert report.characters == sum(map(len, voice.asked))
    again = reading.render(voice)
    assert (again.rendered, len(again.ready)) == ((), len(report.rendered) + 1)
    assert set(voice.asked.values()) == {1}
    (changed,) = [name for name in needed(reading) if name.endswith("/three")]
    (reading.root / f"audio/{changed}.wav").unlink()
    assert reading.render(voice).rendered == (changed,)


def test_the_lock_names_the_sentence_and_the_phrase_that_asks(reading):
    reading.render(Speaker())
    entry = parse((reading.root / "audio/ivr.lock").read_text(), "lock").clips["fragments/en-US/eight"]
    assert (entry.text, entry.phrase, entry.origin) == ("Now, eight - then.", "sum", "rendered")
    samples, rate = read_wav((reading.root / "audio/fragments/en-US/eight.wav").read_bytes())
    assert entry.seconds == pytest.approx(len(samples) / rate, abs=0.001)
    assert entry.seconds == pytest.approx(5 * 0.07, abs=0.04)  # the word alone


def test_what_was_built_can_be_put_together(reading):
    reading.render(Speaker())
    project = reading.load(clips=True)
    clips = project.store.clips(MULAW_8K)
    said = units("amount", "digits", "0451", "en-US", closing=False)
    clip = Fragments(clips, MULAW_8K).assemble(said, "en-US")
    assert clip is not None
    words = "".join(unit.text for unit in said).replace(" ", "")
    assert clip.samples / 8000 == pytest.approx(len(words) * 0.07, abs=len(said) * 0.035 + 0.02)


def test_a_voice_that_tells_no_times_gives_the_same_fragments(reading):
    reading.render(Speaker())
    told = {file: data for file, data in reading.audio().items() if is_fragment(file)}
    for file in told:
        (reading.root / "audio" / file).unlink()
    assert reading.render(Speaker(mute=True)).ok
    assert {file: data for file, data in reading.audio().items() if is_fragment(file)} == told


def test_what_cannot_be_cut_is_named_and_all_else_is_built(reading):
    voice = Speaker(mute=True)
    voice.odd["Now, six - then."] = "Now six - then."
    voice.odd["Now, seven - then."] = "Now, seveeeeeeeeeeeeeeeeeeeeeeeeeeeen - then."
    report = reading.render(voice)
    assert set(report.failed) == {"fragments/en-US/six", "fragments/en-US/seven"}
    assert len(report.rendered) == len(needed(reading)) + 4 + 1 - 2
    problem = report.failed["fragments/en-US/six"]
    assert str(problem) == (
        f"{reading.root}/prompts/phrases/en-US.yaml:4:8: 'fragments/en-US/six' could not be cut out of"
        ' "Now, six - then." (the voice made 1 pauses where the sentence has 2), give it another voice or speed,'
        " record these words to audio/recordings/fragments/en-US/six.wav, let the voice say such values (readback.mode:"
        " auto or stream), and render again"
    )
    assert "too long for its words" in report.failed["fragments/en-US/seven"].what
    assert not (reading.root / "audio/fragments/en-US/six.wav").exists()
    voice.odd.clear()
    again = reading.render(voice, manner=Manner(again=True))
    assert again.rendered == ("fragments/en-US/seven", "fragments/en-US/six")


def test_a_voice_that_makes_no_pauses_at_all_builds_its_phrases(reading):
    voice = Speaker(mute=True)
    voice.manner = RUNNING
    report = reading.render(voice)
    assert set(report.failed) == set(needed(reading))
    assert set(report.rendered) == {"hello", "sorry", "sum", "sum.2", "wait"}
    assert len(report.not_asked) <= len(needed(reading)) - CUTS


def test_a_voice_that_makes_no_pauses_is_not_asked_for_hundreds(little):
    reading = reads_back(little, "money")
    voice = Speaker(mute=True)
    voice.manner = RUNNING
    report = reading.render(voice)
    assert set(report.rendered) == {"hello", "sorry", "sum", "sum.2", "wait"}
    asked = [text for text in voice.asked if text.startswith("Now, ")]
    most = CUTS + reading.sources().settings.voice.at_once - 1  # those that were under way
    assert CUTS <= len(asked) <= most < len(needed(reading)) / 5
    assert report.characters == sum(map(len, voice.asked))
    assert set(report.failed) == set(needed(reading))
    assert len(report.not_asked) == len(needed(reading)) - len(asked)
    told = str(report.failed[report.not_asked[0]])
    assert f"was not asked for ({CUTS} such sentences in a row could not be cut: the voice made " in told
    assert "another voice or speed may rest longer), give it another voice or speed, record these words to " in told
    assert told.endswith("let the voice say such values (readback.mode: auto or stream), and render again")


def test_missing_fragments_are_one_problem(reading):
    reading.render(Speaker())
    for name in ("six", "seven"):
        (reading.root / f"audio/fragments/en-US/{name}.wav").unlink()
    (reading.root / "audio/fragments/en-US/nine.wav").write_bytes(b"RIFF")
    with pytest.raises(ProjectError) as error:
        reading.load(clips=True)
    missing, damaged = sorted(problem.what for problem in error.value.problems)
    assert (
        damaged == "a fragment is damaged or changed, from which values such as those of 'sum' are read back in en-US"
    )
    assert missing == "2 fragments are missing, from which values such as those of 'sum' are read back in en-US"


def test_a_fragment_that_is_no_sound_any_more_is_made_anew_and_one_that_is_another_stays(reading):
    reading.render(Speaker())
    before = reading.audio()
    reading.write("audio/fragments/en-US/nine.wav", b"x")
    mine = write_wav([spoken("eight").samples], 8000)
    reading.write("audio/fragments/en-US/eight.wav", mine)
    with pytest.raises(ProjectError) as error:
        reading.load(clips=True)
    (both,) = error.value.problems
    assert both.what.startswith("2 fragments are damaged or changed")
    assert both.remedy == f"run `ivr render {reading.root}`, which makes them anew, or tells why not"
    assert reading.render(Speaker(), check=True).corrupt == ("fragments/en-US/nine",)
    report = reading.render(Speaker())
    assert report.rendered == ("fragments/en-US/nine",)
    problem = report.failed["fragments/en-US/eight"]
    assert problem.what == "audio/fragments/en-US/eight.wav was not made by a build and is not written over"
    assert problem.remedy == (
        "remove it, to have it made anew, or if it is “eight” alone, move it to"
        " audio/recordings/fragments/en-US/eight.wav"
    )
    assert reading.audio() == {**before, "fragments/en-US/eight.wav": mine}


def test_missing_fragments_name_a_phrase_of_each_kind(reading):
    reading.replace(
        "prompts/phrases/en-US.yaml", "phrases:\n", "phrases:\n  day: It is {due:day}.\n  sum2: '{amount:digits}.'\n"
    )
    reading.render(Speaker())
    for path in (reading.root / "audio/fragments/en-US").iterdir():
        path.unlink()
    with pytest.raises(ProjectError) as error:
        reading.load(clips=True)
    (missing,) = [problem.what for problem in error.value.problems]
    assert missing.endswith("from which values such as those of 'day', 'sum2' are read back in en-US")
    assert missing.startswith(f"{len(needed(reading))} fragments are missing")


def test_a_project_that_reads_nothing_back_any_more_keeps_no_fragments(reading):
    reading.render(Speaker())
    reading.replace("prompts/ivr.yaml", "mode: fragments", "mode: stream")
    report = reading.render(Speaker())
    assert len(report.orphaned) == 10
    collect(reading.sources())
    assert not (reading.root / "audio/fragments").exists()
    assert reading.load(clips=True).store.names == {"hello", "sorry", "sum", "sum.2", "wait", "music"}


def test_what_a_person_recorded_is_the_words_alone(reading):
    recorded = spoken("eight")
    reading.write("audio/recordings/fragments/en-US/eight.wav", write_wav([recorded.samples], recorded.rate))
    voice = Speaker()
    report = reading.render(voice)
    assert report.recorded == ("fragments/en-US/eight",)
    assert "Now, eight - then." not in voice.asked
    entry = parse((reading.root / "audio/ivr.lock").read_text(), "lock").clips["fragments/en-US/eight"]
    assert (entry.text, entry.origin) == ("eight", "recorded")
    assert reading.render(voice).recorded == ()


def refused(project):
    return parse((project.root / "audio/ivr.lock").read_text(), "lock").refused


def uncut(reading):
    """Built but for one fragment, that cannot be cut."""
    voice = Speaker(mute=True)
    voice.odd["Now, six - then."] = "Now six - then."
    assert set(reading.render(voice).failed) == {"fragments/en-US/six"}
    return voice


def test_a_cut_that_was_refused_is_not_paid_for_again(reading):
    voice = uncut(reading)
    asked = voice.asked.copy()
    dry = reading.render(voice, check=True)
    assert (dry.characters, dry.planned, set(dry.failed), dry.ok) == (0, (), {"fragments/en-US/six"}, False)
    before = reading.audio()
    report = reading.render(voice)
    assert (report.requests, report.rendered, voice.asked) == (0, (), asked)
    assert reading.audio() == before
    assert str(report.failed["fragments/en-US/six"]) == (
        f"{reading.root}/prompts/phrases/en-US.yaml:4:8: 'fragments/en-US/six' could not be cut out of"
        ' "Now, six - then." (the voice made 1 pauses where the sentence has 2) and is not asked for again, give it'
        " another voice or speed, record these words to audio/recordings/fragments/en-US/six.wav, let the voice say"
        " such values (readback.mode: auto or stream), or have it tried"
        f" once more: `ivr render {reading.root} --again`"
    )


@pytest.mark.parametrize("mode", ["fragments", "auto"])
def test_who_loads_it_is_told_what_helps_where_a_cut_was_refused(reading, mode):
    reading.replace("prompts/ivr.yaml", "mode: fragments", f"mode: {mode}")
    uncut(reading)
    (reading.root / "audio/fragments/en-US/seven.wav").unlink()
    if mode == "auto":
        seven, six = sorted(reading.load(clips=True).warnings)
    else:
        with pytest.raises(ProjectError) as error:
            reading.load(clips=True)
        seven, six = sorted(error.value.problems)
    assert seven.remedy == f"run `ivr render {reading.root}`"
    assert "and an earlier build could not cut it" in six.what
    without = {
        "fragments": "let the voice say such values (readback.mode: auto or stream)",
        "auto": "leave such values to the voice alone (readback.mode: stream)",
    }
    assert six.remedy == (
        f"give it another voice or speed, record it to audio/recordings/fragments/en-US/six.wav, {without[mode]}, or"
        f" have it tried once more: `ivr render {reading.root} --again`"
    )
    assert six.what.endswith("however late it is") is (mode == "auto")
    reading.write("audio/recordings/fragments/en-US/six.wav", b"")
    reading.replace("prompts/ivr.yaml", f"mode: {mode}", "mode: fragments")
    with pytest.raises(ProjectError) as error:
        reading.load(clips=True)
    (both,) = error.value.problems  # a recording is what the build takes
    assert both.remedy == seven.remedy


def test_neither_are_those_that_were_not_asked_for_any_more(little):
    reading = reads_back(little, "money")
    voice = Speaker(mute=True)
    voice.manner = RUNNING
    first = reading.render(voice)
    asked = voice.asked.copy()
    again = reading.render(voice)
    assert (again.requests, voice.asked) == (0, asked)
    assert set(again.failed) == set(first.failed) == set(refused(reading))
    (name, *_) = first.not_asked
    assert again.failed[name].what == first.failed[name].what


def test_it_is_asked_for_again_on_request_and_where_it_would_sound_otherwise(reading):
    voice = uncut(reading)
    again = reading.render(voice, manner=Manner(again=True))
    assert (again.requests, set(again.failed)) == (1, {"fragments/en-US/six"})
    assert set(refused(reading)) == {"fragments/en-US/six"}
    voice.odd.clear()
    assert reading.render(voice).requests == 0
    assert reading.render(voice, choice=Choice(phrases=["hello"]), manner=Manner(again=True)).requests == 0
    assert reading.render(voice, manner=Manner(again=True)).rendered == ("fragments/en-US/six",)
    assert refused(reading) == {}
    uncut_again = uncut(reads_other_speed(reading))
    uncut_again.odd.clear()
    reading.replace("prompts/ivr.yaml", "loudness: -21", "loudness: -22")
    assert reading.render(uncut_again).ok


def reads_other_speed(reading):
    reading.replace("prompts/ivr.yaml", "project: Little", "project: Little\nloudness: -21")
    return reading


def test_a_recording_of_its_words_takes_its_place(reading):
    voice = uncut(reading)
    reading.write("audio/recordings/fragments/en-US/six.wav", take("six"))
    report = reading.render(voice)
    assert report.recorded == ("fragments/en-US/six",)
    assert refused(reading) == {}


def test_what_nobody_needs_is_forgotten(reading):
    voice = uncut(reading)
    assert reading.render(voice, choice=Choice(phrases=["hello"])).ok
    assert set(refused(reading)) == {"fragments/en-US/six"}
    reading.replace("prompts/ivr.yaml", "mode: fragments", "mode: stream")
    collect(reading.sources())
    assert refused(reading) == {}


def test_a_lock_whose_refusals_are_wrong_names_the_line(reading):
    uncut(reading)
    lock = reading.root / "audio/ivr.lock"
    lock.write_text(lock.read_text().replace('"asked": true', '"asked": "perhaps"'))
    (line,) = [number for number, text in enumerate(lock.read_text().splitlines(), 1) if "perhaps" in text]
    with pytest.raises(ProjectError) as error:
        reading.sources()
    assert str(error.value.problems[0]).startswith(
        f"{lock}:{line}:1: the lock is damaged (fragment 'fragments/en-US/six', asked"
    )


@pytest.mark.parametrize(
    ("section", "said"),
    [
        ('"refused": 5,', "(refused: Input should be a valid list)"),
        ('"refused": [{"fragment": "x"}],', "(fragment 'x', key: Field required)"),
    ],
)
def test_a_section_that_is_no_list_of_refusals_is_told_where_it_stands(reading, section, said):
    reading.render(Speaker())
    lock = reading.root / "audio/ivr.lock"
    lock.write_text(lock.read_text().replace('"clips": [', f'{section}\n"clips": ['))
    with pytest.raises(ProjectError) as error:
        reading.sources()
    (problem,) = error.value.problems
    assert (problem.line, said in problem.what) == (4, True)
