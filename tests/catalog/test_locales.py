import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ivr.catalog.locales import TAG, borrowed, fallbacks, merged
from ivr.catalog.phrase import Catalogue, Literal, Phrase, Prompt

TAGS = st.sampled_from(["en-US", "en-GB", "en", "es", "es-US", "es-419", "zh", "zh-Hant", "zh-Hant-TW", "zh-CN", "fr"])


@pytest.mark.parametrize(
    ("tag", "available", "expected"),
    [
        ("es-US", ["en-US", "es-US", "es"], ["es-US", "es", "en-US"]),
        ("es-MX", ["en-US", "es-US", "es-419"], ["es-419", "es-US", "en-US"]),
        ("ES-us", ["en-US", "es-US"], ["es-US", "en-US"]),
        ("es", ["en-US", "es-US"], ["es-US", "en-US"]),
        ("en-AU", ["en-US", "en-GB", "en-CA"], ["en-US", "en-CA", "en-GB"]),
        ("zh-Hant-TW", ["en-US", "zh", "zh-CN", "zh-Hant"], ["zh-Hant", "zh", "zh-CN", "en-US"]),
        ("fr-FR", ["en-US", "es-US"], ["en-US"]),
        ("fr-FR", ["es-US"], []),
    ],
)
def test_the_rule(tag, available, expected):
    assert list(fallbacks(tag, available, "en-US")) == expected


@given(tag=TAGS, available=st.sets(TAGS), own=TAGS)
@example(tag="zh", available={"zh-Hant", "zh-CN", "zh-Hant-TW"}, own="zh-Hant-TW")
def test_the_first_one_stands_for_the_tag(tag, available, own):
    found = fallbacks(tag, available, own)
    assert len(set(found)) == len(found) and set(found) <= available
    assert TAG.fullmatch(tag)
    if own in available:
        assert own in found
    if found:
        assert fallbacks(found[0], available, own) == found


def phrase(name: str, locale: str) -> Phrase:
    return Phrase(name, locale, name, (Literal(name, name),))


ENGLISH = Catalogue(
    "en-US",
    {name: phrase(name, "en-US") for name in ("hello", "bye", "main")},
    {"greet": Prompt("greet", (("hello",),), bargein=False), "part": Prompt("part", (("hello",), ("bye",)))},
)
SPANISH = Catalogue(
    "es-US", {name: phrase(name, "es-US") for name in ("hello", "part")}, {"bye": Prompt("bye", (("hello",),))}
)
BOTH = {"en-US": ENGLISH, "es-US": SPANISH}


def test_each_name_comes_from_the_first_that_has_it():
    made = merged("es-MX", BOTH, "en-US")
    assert made.locale == "es-US"
    assert {name: each.locale for name, each in made.phrases.items()} == {
        "hello": "es-US",
        "part": "es-US",
        "bye": "en-US",
        "main": "en-US",
    }
    assert made.prompt("greet") == ENGLISH.prompts["greet"]  # said with the Spanish hello
    assert made.prompt("part") == Prompt("part", (("part",),))  # a Spanish phrase hides an English prompt
    assert made.prompt("bye") == SPANISH.prompts["bye"]
    assert borrowed("es-US", BOTH, "en-US") == {"en-US": ["bye", "main"]}
    assert borrowed("en-US", BOTH, "en-US") == {}


def test_without_the_projects_own_there_is_nothing():
    with pytest.raises(KeyError):
        merged("fr", {"es-US": SPANISH}, "en-US")
