from unittest.mock import ANY

import pytest
from changed_text import changed
from hypothesis import given
from hypothesis import strategies as st

from ivr.catalog.bargein import NEVER, BargeIn, By
from ivr.catalog.phrase import Catalogue, Literal, Prompt, Slot
from ivr.catalog.phrases_file import read_phrases
from ivr.catalog.wording import Fixed, Live, Pause, resolve

GOOD = """\
locale: en-US
phrases:
  greeting: Thank you for calling Harbour Bank.
  balance: Your account balance is {amount:money}.
  hold: {sound: hold.wav}          # the project's own sound, under audio/
  anything_else: "Anything else?  Press “1”."
  main_menu: For your balance, press 1.
  main_menu_short: Press 1 or 2.
  goodbye: Goodbye.
prompts:
  balance: [balance, anything_else]             # one variant
  main_menu:                                    # tapered by attempt
    - [main_menu]
    - [main_menu_short]
  goodbye: {say: [goodbye], bargein: no}         # or with a policy
  short: greeting
"""


def good(text: str) -> Catalogue:
    catalogue, problems = read_phrases(text, "en.yaml")
    assert [str(problem) for problem in problems] == []
    assert catalogue is not None
    return catalogue


def one(phrase: str, locale: str = "en-US") -> Catalogue:
    return good(f"locale: {locale}\nphrases:\n  p: {phrase}\n")


def problems(text: str) -> list[str]:
    catalogue, found = read_phrases(text, "en.yaml")
    assert catalogue is None
    return [str(problem) for problem in found]


def test_the_example() -> None:
    catalogue = good(GOOD)
    assert catalogue.locale == "en-US"
    balance = catalogue.phrases["balance"]
    assert balance.parts == (Literal("balance", "Your account balance is,"), Slot("amount", "money", "."))
    assert balance.text == "Your account balance is {amount:money}."
    assert catalogue.phrases["hold"].sound == "hold.wav"
    assert catalogue.phrases["hold"].parts == (Literal("hold", ""),)
    assert catalogue.phrases["anything_else"].text == 'Anything else? Press "1".'
    assert catalogue.prompts["balance"] == Prompt("balance", (("balance", "anything_else"),))
    assert catalogue.prompts["main_menu"].variants == (("main_menu",), ("main_menu_short",))
    assert catalogue.prompts["goodbye"] == Prompt("goodbye", (("goodbye",),), NEVER)
    assert catalogue.prompts["short"].variants == (("greeting",),)


def test_the_example_is_said() -> None:
    assert resolve(good(GOOD), "balance", {"amount": "1234.5"})[:3] == (
        Fixed("balance", "Your account balance is,"),
        Live(
            "one thousand two hundred thirty four dollars and fifty cents.",
            private=False,
            locale="en-US",
            place=ANY,
            value=ANY,
        ),
        Pause(0.30),
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("'{a}.'", ()),
        ("'{a}, {b}.'", ()),
        ("'{a}. Closed.'", (Fixed("p", "Closed."), Pause(0.30))),
        ("'Closed, {a}. Bye'", (Fixed("p", "Closed,"), Pause(0.30), Fixed("p.2", "Bye"))),
        ("'Closed {a}.'", (Fixed("p", "Closed,"), Pause(0.30))),
    ],
)
def test_an_empty_text_is_a_pause_behind_words_and_nothing_elsewhere(text: str, said: tuple[object, ...]) -> None:
    assert resolve(one(text), "p", {"a": "", "b": " "}) == said


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("'{a} and {b}.'", (Slot("a", "text"), Literal("p", "and,"), Slot("b", "text", "."))),
        (
            "Sum {a:number}, and {b:digits}. Bye.",
            ("Sum,", Slot("a", "number", ","), "and,", Slot("b", "digits", "."), "Bye."),
        ),
        ("'{a}, {b}.'", (Slot("a", "text", ","), Slot("b", "text", "."))),
        ("'It is: {a}!'", ("It is:", Slot("a", "text", "!"))),
        ("Say {{hello}} now", ("Say {hello} now",)),
        ("'{{{a}}}'", ("{,", Slot("a", "text"), "}")),
        ("'{a:number}%'", (Slot("a", "number"), "%")),
        ("no", ("no",)),
        ("007", ("007",)),
        ("|\n    two\n    lines", ("two lines",)),
    ],
)
def test_parts(text: str, parts: tuple[Slot | Literal | str, ...]) -> None:
    made = one(text).phrases["p"].parts
    assert [part.text if isinstance(part, Literal) else part for part in made] == [
        part.text if isinstance(part, Literal) else part for part in parts
    ]
    clips = [part.clip for part in made if isinstance(part, Literal)]
    assert clips == ["p" if n == 0 else f"p.{n + 1}" for n in range(len(clips))]


BROKEN = """\
local: en-US
phrases:
  Greeting: Hello.
  balance: Your balance is {amount:mony} or {Amount} or {open.
  greet: Hello } there
  twice: One.
  twice: Two.
  nothing:
  blank: "  "
  dots: "..."
  sound: {sond: hold.wav}
  escape: {sound: ../hold.wav}
  format: {sound: hold.doc}
  unquoted: {amount:money}
  list: [a, b]
  tag: !!python/object:os.system ls
  menu: Press 1.
prompts:
  menu: [menu, menue]
  taper:
    - [menu]
    - [zzz]
  mixed: [[menu], menu]
  empty: []
  policy: {say: menu, bargein: maybe, barge: no}
  unsaid: {bargein: no}
extra: 1
"""


def test_all_mistakes_at_once() -> None:
    assert problems(BROKEN) == [
        "en.yaml:1:1: unknown key 'local', did you mean 'locale'?",
        "en.yaml:3:3: 'Greeting' is not a name, use small letters, digits and '_', beginning with a letter",
        "en.yaml:4:28: unknown kind 'mony' of slot 'amount', did you mean 'money'?",
        "en.yaml:4:45: 'Amount' is no name for a slot, write it as {amount:money}, of small letters, digits and '_'",
        "en.yaml:4:57: a '{' without its other half, write '{{' for a brace that is said",
        "en.yaml:5:16: a '}' without its other half, write '}}' for a brace that is said",
        "en.yaml:7:3: key 'twice' is there twice, remove it or the one in line 6",
        "en.yaml:8:3: 'nothing' is empty, give it a value, or remove it",
        "en.yaml:9:10: the text has no words, write what is to be said",
        "en.yaml:10:9: the text has no words, write what is to be said",
        "en.yaml:11:11: unknown key 'sond', did you mean 'sound'?",
        "en.yaml:12:19: '../hold.wav' is not below audio/, name a file below audio/, such as hold.wav",
        "en.yaml:13:19: 'hold.doc' is no sound file, use one of .wav, .flac, .mp3, .ogg, .opus, .m4a, .aiff",
        "en.yaml:14:13: the text has become a mapping, put a text that begins with '{' in quotes",
        "en.yaml:15:9: 'list' is a list, write a text",
        "en.yaml:16:8: the tag '!!python/object:os.system' means nothing here, "
        "remove it, or put a text that begins with '!' in quotes",
        "en.yaml:19:16: no phrase 'menue', did you mean 'menu'?",
        "en.yaml:22:8: no phrase 'zzz', "
        "use one of Greeting, balance, greet, twice, nothing, blank, dots, sound, escape, format …",
        "en.yaml:23:19: entry 2 of 'mixed' is 'menu', write a list: [a, b]",
        "en.yaml:24:10: 'empty' has 0 entries, give at least 1",
        "en.yaml:25:32: 'maybe' is nothing that interrupts, write one of yes, no, digit, speech, any",
        "en.yaml:25:39: unknown key 'barge', did you mean 'bargein'?",
        "en.yaml:26:3: 'say' is missing, add 'say: …'",
        "en.yaml:27:1: unknown key 'extra', allowed here: locale, phrases, prompts",
    ]


@pytest.mark.parametrize(
    ("written", "by", "after"),
    [
        ("yes", {By.DIGIT}, 0.0),
        ("true", {By.DIGIT}, 0.0),
        ("digit", {By.DIGIT}, 0.0),
        ("no", set(), 0.0),
        ("speech", {By.SPEECH}, 0.0),
        ("any", {By.DIGIT, By.SPEECH}, 0.0),
        ("{by: any, after: 1s}", {By.DIGIT, By.SPEECH}, 1.0),
        ("{after: 500 ms}", {By.DIGIT}, 0.5),
    ],
)
def test_what_may_interrupt_a_prompt(written: str, by: set[By], after: float) -> None:
    text = f"locale: en-US\nphrases:\n  a: Hello.\nprompts:\n  p: {{say: a, bargein: {written}}}\n"
    catalogue, wrong = read_phrases(text, "en.yaml")
    assert wrong == [] and catalogue is not None
    assert catalogue.prompts["p"].bargein == BargeIn(frozenset(by), after)


@pytest.mark.parametrize(
    ("written", "what"),
    [
        ("noise", "'noise' is nothing that interrupts, write one of yes, no, digit, speech, any"),
        ("[any]", "a list is nothing that interrupts"),
        ("{by: any}", "'after' is missing"),
        ("{by: no, after: 1s}", "nothing interrupts, and yet 'no' stands beside 'after', write 'bargein: no'"),
        ("{by: any, after: 2m}", "120 s is out of range, give 0 s to 60 s"),
        ("{after: 1s, before: 2s}", "unknown key 'before'"),
    ],
)
def test_mistakes_in_what_may_interrupt_a_prompt(written: str, what: str) -> None:
    text = f"locale: en-US\nphrases:\n  a: Hello.\nprompts:\n  p: {{say: a, bargein: {written}}}\n"
    (problem,) = problems(text)
    assert what in problem


def test_kinds_that_a_locale_cannot_say() -> None:
    text = "locale: it-IT\nphrases:\n  p: Il saldo è {amount:money}, {name}.\n"
    assert problems(text) == [
        "en.yaml:3:17: 'money' has no words in 'it-IT', make the words in your code and use the kind text; "
        "locales with words for it are de, en, es, fr, and their regions such as de-CH"
    ]
    assert one("Ciao {name}.", "it-IT").phrases["p"].slots == (Slot("name", "text", "."),)
    assert one("Saldo {amount:money}.", "de-CH").phrases["p"].slots == (Slot("amount", "money", "."),)


def test_the_currency_of_a_slot() -> None:
    phrase = one("Sum {a:money:EUR}.").phrases["p"]
    assert phrase.slots == (Slot("a", "money", ".", "EUR"),)
    assert phrase.text == "Sum {a:money:EUR}."
    text = "locale: en-US\nphrases:\n  p: '{a:money:EURO} {b:date:EUR} {c:money:}'\n"
    assert problems(text) == [
        "en.yaml:3:6: no currency 'EURO' has words, did you mean 'EUR'?",
        "en.yaml:3:22: 'date' has nothing behind it, write {b:date}; money alone has a currency",
        "en.yaml:3:35: no currency '' has words, use one of USD, EUR, GBP, MXN, CHF, CAD",
    ]


def test_a_slot_is_said_in_its_own_currency() -> None:
    catalogue = one("'{a:money:EUR} and {b:money}.'")
    first, _, second, _ = resolve(catalogue, "p", {"a": 1, "b": 2})
    assert first == Live("one euro", False, "en-US", place=ANY, value=ANY)
    assert second == Live("two dollars.", False, "en-US", place=ANY, value=ANY)


def test_a_text_of_10_000_characters_is_the_longest() -> None:
    assert one("x" * 10_000).phrases["p"].text == "x" * 10_000
    assert problems("locale: en-US\nphrases:\n  p: " + "x" * 10_001 + "\n") == [
        "en.yaml:3:6: the text has 10,001 characters, keep to 10,000, or make two phrases"
    ]


@pytest.mark.parametrize("text", ["", "[]", "hello", "locale: en-US\nphrases:\n  a: {b}: c\n"])
def test_no_catalogue_without_a_mapping(text: str) -> None:
    assert len(problems(text)) == 1


def test_empty_sections() -> None:
    assert [p.split(": ")[0] for p in problems("locale: en-US\nphrases:\nprompts: {}\n")] == ["en.yaml:2:1"]
    assert problems("locale: en-US\nphrases: {}\n") == ["en.yaml:2:10: 'phrases' has 0 entries, give at least 1"]
    assert problems("locale: english\nphrases: {a: b}\n") == [
        "en.yaml:1:9: 'english' is not a locale, write a language and a region, such as en-US"
    ]


@given(changed(GOOD, "{a}"))
def test_no_change_of_the_text_raises(text: str) -> None:
    catalogue, found = read_phrases(text, "en.yaml")
    assert (catalogue is None) == bool(found)
    assert all(problem.line >= 1 and problem.column >= 1 for problem in found)
    if catalogue is not None:
        assert all(phrase.parts for phrase in catalogue.phrases.values())
        values = {slot.name: "1" for phrase in catalogue.phrases.values() for slot in phrase.slots}
        for name in [*catalogue.phrases, *catalogue.prompts]:
            assert resolve(catalogue, name, values)


@given(st.text())
def test_no_text_raises(text: str) -> None:
    assert read_phrases(text, "en.yaml")[1]
