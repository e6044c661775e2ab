"""Which fragments a project needs."""

from dataclasses import replace

import pytest

from ivr.catalog.carriers import carrier
from ivr.catalog.readback import inventory
from ivr.catalog.sayas import KINDS
from ivr.phrases.fragments import is_fragment
from ivr.project.audio.clips import key_of
from ivr.project.audio.fragments import fragments, needs
from ivr.project.audio.wanted import wanted

MODE = "project: Little\nreadback: {mode: fragments}"


def asking(little, mode="fragments", more=""):
    little.replace("prompts/ivr.yaml", "project: Little", f"project: Little\nreadback: {{mode: {mode}{more}}}")
    return little


def of(little):
    sources = little.sources()
    return list(fragments(sources.catalogues, sources.settings))


def test_a_project_that_asks_for_nothing_needs_none(little):
    assert of(little) == []
    assert of(asking(little, "stream")) == []
    sources = little.sources()
    assert not any(is_fragment(clip.name) for clip in wanted(sources.catalogues, sources.settings))


@pytest.mark.parametrize("mode", ["fragments", "auto"])
def test_the_kinds_of_its_slots_say_which(little, mode):
    clips = of(asking(little, mode))
    # "You have {amount:money} left.": the sentence goes on behind the amount.
    assert {(clip.words, clip.carrier.final) for clip in clips} == {*inventory("money", "en-US", closings=(False,))}
    assert {clip.phrase for clip in clips} == {"sum"}
    assert all(clip.file == f"{clip.name}.wav" and is_fragment(clip.name) for clip in clips)
    assert all(clip.text == clip.carrier.around(clip.words) for clip in clips)


def test_values_at_the_end_of_a_sentence_need_falling_ones(little):
    little.replace("prompts/phrases/en-US.yaml", "left.", "left, or {amount:money}.")
    assert {(clip.words, clip.carrier.final) for clip in of(asking(little))} == {*inventory("money", "en-US")}


def test_each_is_wanted_once_and_for_the_first_phrase_that_asks(little):
    little.replace(
        "prompts/phrases/en-US.yaml", "  wait:", '  also: "It was {points:number}, and {sum:money}, then."\n  wait:'
    )
    clips = of(asking(little))
    assert len({clip.name for clip in clips}) == len(clips)
    assert {clip.phrase for clip in clips} == {"sum", "also"}
    assert {clip.words for clip in clips if clip.phrase == "also"}.isdisjoint(
        clip.words for clip in clips if clip.phrase == "sum"
    )


def test_texts_and_phrases_that_always_stream_need_none(little):
    little.replace("prompts/phrases/en-US.yaml", "{amount:money}", "{amount:text}")
    assert of(asking(little)) == []
    little.replace("prompts/phrases/en-US.yaml", "{amount:text}", "{amount:money}")
    little.replace("prompts/ivr.yaml", "mode: fragments", "mode: fragments, stream: [sum]")
    assert of(little) == []


def test_every_locale_has_its_own(little):
    little.write("prompts/phrases/de-DE.yaml", 'locale: de-DE\nphrases:\n  sum: "Es sind {amount:money} da."\n')
    little.write("prompts/phrases/nl-NL.yaml", 'locale: nl-NL\nphrases:\n  hello: "Goedendag."\n')
    clips = of(asking(little))
    assert {clip.locale for clip in clips} == {"en-US", "de-DE"}
    assert {clip.name.split("/")[1] for clip in clips} == {"en-US", "de-DE"}


def test_the_currency_of_the_settings_counts(little):
    words = {clip.words for clip in of(asking(little, more=", currency: GBP"))}
    assert "pounds" in words and "dollars" not in words
    little.replace("prompts/phrases/en-US.yaml", "{amount:money}", "{amount:money:EUR} and {amount:money}")
    words = {clip.words for clip in of(little)}
    assert "pounds" in words and "euros" in words and "dollars" not in words


def test_what_a_kind_needs_can_be_told_before_it_is_asked_for(little):
    sources = little.sources()
    (need,) = needs(sources.catalogues, sources.settings)
    assert (need.locale, need.kind, need.phrase, need.closings) == ("en-US", "money", "sum", (False,))
    assert need.characters == sum(len(clip.text) for clip in need.clips) > len(need.clips) * len("Now,  - then.")


def test_what_decides_the_cut_is_part_of_the_key(little):
    settings = asking(little).sources().settings
    clip = of(little)[0]
    whole = replace(clip, carrier=None)
    other = replace(clip, carrier=carrier("de", False))
    assert len({key_of(each, settings, "espeak-ng/1.52") for each in (clip, whole, other)}) == 3


@pytest.mark.parametrize("locale", ["en-US", "en-GB", "es-ES", "es-MX", "de-DE", "de-CH", "fr-FR", "fr-CH", "fr-CA"])
def test_files_are_different_wherever_letters_count_alike(locale):
    units = {unit: None for kind in KINDS - {"text"} for unit in inventory(kind, locale)}
    assert 100 < len(units) < 1200
    from ivr.phrases.fragments import fragment_name

    names = {fragment_name(locale, *unit).casefold() for unit in units}
    assert len(names) == len(units)
    assert all(set(name) & set('<>:"\\|?*') == set() for name in names)
