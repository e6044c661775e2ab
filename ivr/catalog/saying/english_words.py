"""The words of English that follow no rule."""

from __future__ import annotations

from ivr.catalog.saying.language import Currency, Noun

BELOW_TWENTY = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"),
    *("ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
TENS = ("", "ten", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
ORDINALS = {
    "one": "first",
    "two": "second",
    "three": "third",
    "five": "fifth",
    "eight": "eighth",
    "nine": "ninth",
    "twelve": "twelfth",
}
"""The others take "th"."""
SCALES = ((10**9, "billion"), (10**6, "million"), (10**3, "thousand"))
MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
LETTERS = dict(
    zip(
        "abcdefghijklmnopqrstuvwxyz",
        (
            *("eigh", "bee", "see", "dee", "ee", "ef", "gee", "aitch", "eye", "jay", "kay", "ell", "em"),
            *("en", "oh", "pee", "cue", "ar", "ess", "tee", "you", "vee", "double you", "ex", "why", "zee"),
        ),
        strict=True,
    )
)
"""As words: a voice reads a lone "a" as the article, and "m" as metres. espeak-ng reads each as the letter's name."""
MARKS = {"+": "plus", "-": "dash", "'": "apostrophe", "/": "slash", ".": "dot"}
SPANS = (Noun("day", "days"), Noun("hour", "hours"), Noun("minute", "minutes"), Noun("second", "seconds"))
_CENTS = Noun("cent", "cents")
CURRENCIES = {
    "USD": Currency(Noun("dollar", "dollars"), _CENTS),
    "EUR": Currency(Noun("euro", "euros"), _CENTS),
    "GBP": Currency(Noun("pound", "pounds"), Noun("penny", "pence")),
    "MXN": Currency(Noun("peso", "pesos"), Noun("centavo", "centavos")),
    "CHF": Currency(Noun("franc", "francs"), Noun("centime", "centimes")),
    "CAD": Currency(Noun("Canadian dollar", "Canadian dollars"), _CENTS),
}
IN_CANADA = {
    "CAD": Currency(Noun("dollar", "dollars"), _CENTS),
    "USD": Currency(Noun("American dollar", "American dollars"), _CENTS),
}
"""Where dollars are one's own, the others say where from."""
