"""The words of German that follow no rule."""

from __future__ import annotations

from ivr.catalog.saying.language import Currency, Noun

BELOW_TWENTY = (
    *("null", "eins", "zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun", "zehn", "elf", "zwölf"),
    *("dreizehn", "vierzehn", "fünfzehn", "sechzehn", "siebzehn", "achtzehn", "neunzehn"),
)
TENS = ("", "zehn", "zwanzig", "dreißig", "vierzig", "fünfzig", "sechzig", "siebzig", "achtzig", "neunzig")
ORDINALS = {1: "erste", 3: "dritte", 7: "siebte", 8: "achte"}
"""The others take "te" below twenty, else "ste"."""
MONTHS = (
    *("Januar", "Februar", "März", "April", "Mai", "Juni"),
    *("Juli", "August", "September", "Oktober", "November", "Dezember"),
)
LETTERS = dict(
    zip(
        "abcdefghijklmnopqrstuvwxyz",
        (
            *("ah", "beh", "zeh", "deh", "eh", "eff", "geh", "hah", "ih", "jott", "kah", "ell", "emm"),
            *("enn", "oh", "peh", "kuh", "err", "ess", "teh", "uh", "fau", "weh", "iks", "ypsilon", "zett"),
        ),
        strict=True,
    )
) | {"ä": "ä", "ö": "ö", "ü": "ü", "ß": "eszett"}
MARKS = {"+": "plus", "-": "Bindestrich", "'": "Apostroph", "/": "Schrägstrich", ".": "Punkt"}
SPANS = (
    Noun("Tag", "Tage"),
    Noun("Stunde", "Stunden", feminine=True),
    Noun("Minute", "Minuten", feminine=True),
    Noun("Sekunde", "Sekunden", feminine=True),
)
SCALES = ((10**9, Noun("Milliarde", "Milliarden", feminine=True)), (10**6, Noun("Million", "Millionen", feminine=True)))
_CENT = Noun("Cent", "Cent")
CURRENCIES = {
    "USD": Currency(Noun("Dollar", "Dollar"), _CENT),
    "EUR": Currency(Noun("Euro", "Euro"), _CENT),
    "GBP": Currency(Noun("Pfund", "Pfund"), Noun("Penny", "Pence")),
    "MXN": Currency(Noun("Peso", "Pesos"), Noun("Centavo", "Centavos")),
    "CHF": Currency(Noun("Franken", "Franken"), Noun("Rappen", "Rappen")),
    "CAD": Currency(Noun("kanadischer Dollar", "kanadische Dollar"), _CENT),
}
