"""The words of Spanish that follow no rule."""

from __future__ import annotations

from ivr.catalog.saying.language import Currency, Noun

BELOW_THIRTY = (
    *("cero", "uno", "dos", "tres", "cuatro", "cinco", "seis", "siete", "ocho", "nueve"),
    *("diez", "once", "doce", "trece", "catorce", "quince", "dieciséis", "diecisiete", "dieciocho", "diecinueve"),
    *("veinte", "veintiuno", "veintidós", "veintitrés", "veinticuatro"),
    *("veinticinco", "veintiséis", "veintisiete", "veintiocho", "veintinueve"),
)
TENS = ("", "diez", "veinte", "treinta", "cuarenta", "cincuenta", "sesenta", "setenta", "ochenta", "noventa")
HUNDREDS = (
    *("", "ciento", "doscientos", "trescientos", "cuatrocientos"),
    *("quinientos", "seiscientos", "setecientos", "ochocientos", "novecientos"),
)
ORDINALS = (
    *("", "primero", "segundo", "tercero", "cuarto", "quinto", "sexto", "séptimo", "octavo", "noveno", "décimo"),
    *("undécimo", "duodécimo", "decimotercero", "decimocuarto", "decimoquinto"),
    *("decimosexto", "decimoséptimo", "decimoctavo", "decimonoveno"),
)
TENTHS = (
    *("", "", "vigésimo", "trigésimo", "cuadragésimo", "quincuagésimo"),
    *("sexagésimo", "septuagésimo", "octogésimo", "nonagésimo"),
)
HUNDREDTHS = (
    *("", "centésimo", "ducentésimo", "tricentésimo", "cuadringentésimo", "quingentésimo"),
    *("sexcentésimo", "septingentésimo", "octingentésimo", "noningentésimo"),
)
MONTHS = (
    *("enero", "febrero", "marzo", "abril", "mayo", "junio"),
    *("julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre"),
)
LETTERS = dict(
    zip(
        "abcdefghijklmnñopqrstuvwxyz",
        (
            *("a", "be", "ce", "de", "e", "efe", "ge", "hache", "i", "jota", "ka", "ele", "eme", "ene", "eñe"),
            *("o", "pe", "cu", "erre", "ese", "te", "u", "uve", "uve doble", "equis", "i griega", "zeta"),
        ),
        strict=True,
    )
) | {"ü": "u con diéresis", **{letter: f"{plain} con tilde" for letter, plain in zip("áéíóú", "aeiou", strict=True)}}
MARKS = {"+": "más", "-": "guion", "'": "apóstrofo", "/": "barra", ".": "punto"}
SPANS = (
    Noun("día", "días"),
    Noun("hora", "horas", feminine=True),
    Noun("minuto", "minutos"),
    Noun("segundo", "segundos"),
)
_CENTAVOS = Noun("centavo", "centavos")
_CENTIMOS = Noun("céntimo", "céntimos")
CURRENCIES = {
    "USD": Currency(Noun("dólar", "dólares"), _CENTAVOS),
    "EUR": Currency(Noun("euro", "euros"), _CENTIMOS),
    "GBP": Currency(Noun("libra", "libras", feminine=True), Noun("penique", "peniques")),
    "MXN": Currency(Noun("peso", "pesos"), _CENTAVOS),
    "CHF": Currency(Noun("franco", "francos"), _CENTIMOS),
    "CAD": Currency(Noun("dólar canadiense", "dólares canadienses"), _CENTAVOS),
}
