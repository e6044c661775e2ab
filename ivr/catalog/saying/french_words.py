"""The words of French that follow no rule."""

from __future__ import annotations

from ivr.catalog.saying.language import Currency, Noun

BELOW_SEVENTEEN = (
    *("zéro", "un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf"),
    *("dix", "onze", "douze", "treize", "quatorze", "quinze", "seize"),
)
TENS = {20: "vingt", 30: "trente", 40: "quarante", 50: "cinquante", 60: "soixante", 80: "quatre-vingt"}
"""What is not here counts on from the one before: ``soixante et onze``, ``quatre-vingt-treize``."""
TENS_OF = {
    "BE": {70: "septante", 90: "nonante"},
    "CH": {70: "septante", 80: "huitante", 90: "nonante"},
}
"""And of regions."""
MONTHS = (
    *("janvier", "février", "mars", "avril", "mai", "juin"),
    *("juillet", "août", "septembre", "octobre", "novembre", "décembre"),
)
_NAMES = dict(
    zip(
        "abcdefghijklmnopqrstuvwxyz",
        (
            *("a", "bé", "cé", "dé", "e", "effe", "gé", "ache", "i", "ji", "ka", "elle", "aime"),
            *("enne", "o", "pé", "cu", "erre", "esse", "té", "u", "vé", "double vé", "ixe", "i grec", "zède"),
        ),
        strict=True,
    )
)
_ACCENTS = {"é": "aigu", **dict.fromkeys("èàù", "grave"), **dict.fromkeys("êâîôû", "circonflexe")}
_PLAIN = dict(zip("éèàùêâîôûëïü", "eeaueaioueiu", strict=True))
LETTERS = {
    **_NAMES,
    **{letter: f"{_PLAIN[letter]} accent {accent}" for letter, accent in _ACCENTS.items()},
    **{letter: f"{_PLAIN[letter]} tréma" for letter in "ëïü"},
    "ç": "cé cédille",
}
MARKS = {"+": "plus", "-": "tiret", "'": "apostrophe", "/": "barre oblique", ".": "point"}
SPANS = (
    Noun("jour", "jours"),
    Noun("heure", "heures", feminine=True),
    Noun("minute", "minutes", feminine=True),
    Noun("seconde", "secondes", feminine=True),
)
SCALES = ((10**9, Noun("milliard", "milliards")), (10**6, Noun("million", "millions")))
_CENTS = Noun("cent", "cents")
_CENTIMES = Noun("centime", "centimes")
CURRENCIES = {
    "USD": Currency(Noun("dollar", "dollars"), _CENTS),
    "EUR": Currency(Noun("euro", "euros"), _CENTIMES),
    "GBP": Currency(Noun("livre", "livres", feminine=True), Noun("penny", "pence")),
    "MXN": Currency(Noun("peso", "pesos"), Noun("centavo", "centavos")),
    "CHF": Currency(Noun("franc", "francs"), _CENTIMES),
    "CAD": Currency(Noun("dollar canadien", "dollars canadiens"), _CENTS),
}
IN_CANADA = {
    "CAD": Currency(Noun("dollar", "dollars"), _CENTS),
    "USD": Currency(Noun("dollar américain", "dollars américains"), _CENTS),
}
"""Where dollars are one's own, the others say where from."""
