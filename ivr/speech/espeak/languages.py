"""The languages of the embedded voice, by the first part of their tags. Pure: known where espeak is not installed."""

from __future__ import annotations

LANGUAGES = frozenset(
    """
    af am an ar as az ba be bg bn bpy bs ca chr cmn cs cv cy da de el en eo es et eu fa fi fo fr ga gd gn grc gu hak haw
    hbs he hi hr ht hu hy hyw ia id io is it ja jbo ka kaa kk kl kn ko kok ku ky la lb lfn lt ltg lv mi mk ml mr ms mt
    mto my nb nci ne nl no nog om or pa pap piqd pl pt py qdb qu quc qya ro ru sd shn si sjn sk sl smj sq sr sv sw ta te
    th ti tk tn tr tt ug uk ur uz vi xex yue zh
    """.split()
)
"""Of espeak-ng 1.52 (the ``language`` lines of espeak-ng-data/lang)."""
_SAME = {"zh": "cmn", "no": "nb", "nn": "nb"}


def language(tag: str) -> str:
    """Of a locale or the name of a voice: ``en`` of ``en-US``, of ``en-us+f3`` and of ``gmw/en-GB``."""
    first = tag.rpartition("/")[2].partition("+")[0].partition("-")[0].lower()
    return _SAME.get(first, first)
