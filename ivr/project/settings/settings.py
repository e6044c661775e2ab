"""``prompts/ivr.yaml`` and the ``IVR_...`` variables that override it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, SecretStr

from ivr.catalog.durations import Seconds, between
from ivr.catalog.locales import fallbacks
from ivr.catalog.mistakes import Name, YesNo, meant, refuse, shown
from ivr.catalog.party import is_pattern
from ivr.catalog.salvage import salvage
from ivr.catalog.schema_marks import SCALAR, Also, Written
from ivr.catalog.source import Path, Source, check, read
from ivr.dialog.cover_shape import Every, Grace, Patience
from ivr.dialog.fields import DialogName, Ignored
from ivr.dialog.ladder_shapes import ProjectCommandsShape, ProjectHandlersShape
from ivr.dialog.languages import LocaleRules, Tag
from ivr.errors import Problem
from ivr.project.settings.hours import ZoneName
from ivr.project.settings.listening import ListeningSettings
from ivr.project.settings.prices import EMBEDDED, FREE, Price, Prices
from ivr.project.settings.readback import ReadBackSettings
from ivr.project.settings.serving import ServeSettings
from ivr.project.settings.thresholds import Thresholds
from ivr.project.settings.voice import API_KEY, Section, Speaker, VoiceSettings, needless

_SECRETS = ("api_key", "apikey", "key", "token", "secret", "password")


def _clip_rate(value: object) -> int | None:
    if value == "voice":
        return None
    if not isinstance(value, str) or not value.isascii() or not value.isdigit() or not 8000 <= int(value) <= 48000:
        raise refuse(f"{shown(value)} is no rate of clips", "give 8000 to 48000 Hz, or 'voice' for the voice's own")
    return int(value)


class CoverSettings(Section):
    """``cover:``, what a caller hears while words are late."""

    enabled: YesNo = True
    """no: lateness is heard as silence, for measuring; what has failed is replaced by the fallback all the same."""
    filler: Name = "one_moment"
    """The phrase for a short lateness; played once."""
    hold: Name = "hold"
    """The phrase, usually a sound of the project's own, that loops while the wait goes on."""
    still: Name | None = None
    """A phrase that is said into the hold at intervals, such as "I am still working on it"; None: no phrase."""
    every: Every = 15.0
    """Seconds without a word after which it is said."""
    fallback: Name = "sorry"
    """The phrase that takes the place of words that never came."""
    grace: Grace = 0.150
    """Seconds of silence that are left alone before a cover begins: less than the pause between two sentences."""
    patience: Patience = 30.0
    """Seconds of cover after which the fallback is said."""


class PlayoutSettings(Section):
    """``playout:``, how far ahead sound is sent."""

    lead: Annotated[Seconds, between(0.04, 5)] = 0.600
    """Seconds sent ahead of what is heard, at the most; with messages of 100 ms a wake may come 190 ms late."""
    message: Annotated[Seconds, between(0.02, 1)] = 0.100
    """Seconds of sound in one message, where the gateway takes any length."""


def _patterns(value: object) -> object:
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


def _allowed(value: tuple[str, ...]) -> tuple[str, ...]:
    for one in value:
        if not is_pattern(one):
            how = "write '+1*', 'sip:*@pbx.example.com' or '2??', and '!+1900*' for what is not to be called"
            raise refuse(f"{shown(one)} is no pattern of those whom a call may be transferred to", how)
    return value


class TransferSettings(Section):
    """``transfer:``, to whom calls may be transferred."""

    allow: Annotated[
        tuple[Annotated[str, Written(SCALAR)], ...],
        BeforeValidator(_patterns),
        AfterValidator(_allowed),
        Also(SCALAR),
    ] = ()
    """Patterns of numbers, SIP addresses and extensions; nobody else is called. In the environment with commas."""


class TraceSettings(Section):
    """``trace:``, what is written down of a call."""

    private: Literal["mask", "show"] = "mask"
    """mask: personal data appears as a stand-in of the same shape. show: as it is, for debugging with made-up data."""
    replay: YesNo = True
    """Traces hold what `ivr replay` needs as well: what came in, when, and every wake. docs/traces.md has the sizes."""


class Settings(Section):
    """All settings; each has a default."""

    project: Annotated[str, Field(min_length=1, max_length=200)] = "IVR"
    """What people call it; callers do not hear it."""
    locale: Tag = "en-US"
    """The language that a call begins in, as BCP 47; its phrases stand in ``prompts/phrases/<locale>.yaml``."""
    choose_locale: LocaleRules = ()
    """In which locale a call begins, by what its gateway says of it; the first that applies, else ``locale``."""
    timezone: ZoneName = "UTC"
    """The time zone of ``now`` in expressions; calendars have their own."""
    start: DialogName = "main"
    """The dialog that answers: a table's name, or ``module.function`` of the project."""
    on: ProjectHandlersShape | None = None
    """What answers silence, wrong keys, failed lookups and the end of a call, behind what a dialog says itself."""
    commands: ProjectCommandsShape = Field(default_factory=dict)
    """Keys that mean the same at every question, behind those of a dialog."""
    ignore: Ignored = ()
    """Codes of warnings of `ivr check` that are meant, in the whole project."""
    voice: VoiceSettings = Field(default_factory=VoiceSettings)
    loudness: Annotated[float, Field(ge=-40, le=-10)] = -20.0
    """LUFS of everything that is heard. -20 leaves speech some 15 dB of headroom in 16 bits."""
    clip_rate: Annotated[
        int | None,
        BeforeValidator(_clip_rate),
        Written({"anyOf": [{"type": "integer", "minimum": 8000, "maximum": 48000}, {"const": "voice"}]}),
    ] = 8000
    """Hz of clips; telephones carry 8000, and a server that resamples nothing starts at once. None: the voice's own."""
    cover: CoverSettings = Field(default_factory=CoverSettings)
    readback: ReadBackSettings = Field(default_factory=ReadBackSettings)
    playout: PlayoutSettings = Field(default_factory=PlayoutSettings)
    listening: ListeningSettings = Field(default_factory=ListeningSettings)
    transfer: TransferSettings = Field(default_factory=TransferSettings)
    trace: TraceSettings = Field(default_factory=TraceSettings)
    serve: ServeSettings = Field(default_factory=ServeSettings)
    prices: Prices = Field(default_factory=dict)
    """What voices cost, by provider as `audio/ivr.lock` names it without a version; see docs/project.md."""
    thresholds: Thresholds = ()
    """What a run of many simulated calls must keep to, such as ``ttfa.p95 <= 300ms``; see docs/simulation.md."""

    def speaker(self, locale: str) -> Speaker:
        """Who says the phrases of ``locale``, by the rule of ``ivr.catalog.locales``."""
        own, others = self.locale, self.voice.locales
        if locale not in others and locale != own:
            locale = fallbacks(locale, [own, *others], own)[0]
        return others.get(locale, self.voice)

    def price_of(self, provider: str) -> Price | None:
        """What that voice costs, with or without its version; None where nobody said it. The embedded one is free."""
        name = provider.partition("/")[0].lower()
        return self.prices.get(name, FREE if name == EMBEDDED else None)


_SECTIONS: Mapping[str, type[BaseModel]] = {
    "voice": VoiceSettings,
    "cover": CoverSettings,
    "readback": ReadBackSettings,
    "playout": PlayoutSettings,
    "listening": ListeningSettings,
    "transfer": TransferSettings,
    "trace": TraceSettings,
    "serve": ServeSettings,
}

_FILE_ONLY = ("on", "commands", "choose_locale", "locales", "ignore", "prices", "thresholds")
"""What is too much for a variable of the environment."""


def variables() -> dict[str, tuple[str, ...]]:
    """Each variable of the environment and the path of the setting that it overrides."""
    named: dict[str, tuple[str, ...]] = {}
    for field in [name for name in Settings.model_fields if name not in _FILE_ONLY]:
        below = _SECTIONS[field].model_fields if field in _SECTIONS else None
        inside = [(field, inner) for inner in below or () if inner not in _FILE_ONLY]
        for path in [(field,)] if below is None else inside:
            named["_".join(("IVR", *path)).upper()] = path
    return named


def read_settings(text: str, file: str, environ: Mapping[str, str]) -> tuple[Settings | None, Source, list[Problem]]:
    """The settings that hold, the file as read, and every mistake in either.

    A mistake in the environment has the variable's name where others have a file. Empty variables count as unset.
    """
    settings, source, problems, _ = read_settings_leniently(text, file, environ)
    return (settings if set(problems) <= set(_contradictions(settings, source)) else None), source, problems


def read_settings_leniently(
    text: str, file: str, environ: Mapping[str, str]
) -> tuple[Settings, Source, list[Problem], frozenset[Path]]:
    """The same, with what could be read where something is wrong; last the places that were left out.

    An empty path among them is the whole.
    """
    source = read(text, file)
    problems = list(source.problems)
    data = dict(source.data)
    problems += _secrets(source, data)
    bare = Source(source.file, data, (), source.places)
    if not source.problems:
        problems += check(Settings, bare)[1]
    lost: set[Path] = {()} if source.problems else set()
    overrides: dict[str, Any] = {}
    elsewhere: dict[Path, str] = {}
    for name, path, value in _overrides(environ, problems):
        wrapped: dict[str, Any] = {path[0]: value} if len(path) == 1 else {path[0]: {path[1]: value}}
        found = check(Settings, Source(name, wrapped))[1]
        problems += found
        lost |= {path} if found else set()
        if not found:
            elsewhere[path] = name
            overrides[path[0]] = value if len(path) == 1 else {**overrides.get(path[0], {}), path[1]: value}
    if any(problem.code == "environment" for problem in problems):
        lost.add(())  # some other variable was meant
    source = replace(source, elsewhere=elsewhere)
    left = salvage(Settings, replace(bare, data=_merged(data, overrides)), None, lambda path: None)
    settings, cuts = (Settings(), frozenset({()})) if left is None else (left.shape, left.cuts)
    settings.voice._api_key = SecretStr(environ.get(API_KEY, "").strip())
    lost |= cuts
    if not any(path[:1] in ((), ("voice",), ("playout",)) for path in lost):
        problems += _contradictions(settings, source)
    return settings, source, problems, frozenset(lost)


def _merged(data: Mapping[str, Any], overrides: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(data)
    for key, value in overrides.items():
        below = merged.get(key)
        merged[key] = {**(below if isinstance(below, dict) else {}), **value} if isinstance(value, dict) else value
    return merged


def _overrides(environ: Mapping[str, str], problems: list[Problem]) -> Iterator[tuple[str, tuple[str, ...], str]]:
    known = variables()
    prefixes = tuple(f"IVR_{section.upper()}_" for section in _SECTIONS)
    for name in sorted(environ):
        if name in known and (value := environ[name].strip()):
            if value.encode(errors="ignore").decode() == value:
                yield name, known[name], value
            else:  # Python keeps other bytes as halves of characters, which nothing can write
                what = "the value in the environment is not UTF-8"
                problems.append(Problem(name, 1, 1, what, "set it as UTF-8", code="environment"))
        elif name.startswith(prefixes) and name not in known and name != API_KEY:
            remedy = meant(name, [*known, API_KEY], "unset it")
            problems.append(Problem(name, 1, 1, "the environment sets what is no setting", remedy, code="environment"))


def _is_secret(key: str) -> bool:
    return key.lower().replace("-", "_") in _SECRETS


def _secrets(source: Source, data: dict[str, Any]) -> list[Problem]:
    """A problem for each secret in the file, which is taken out of ``data``."""
    voice = data.get("voice")
    inner = voice if isinstance(voice, dict) else {}
    found: list[tuple[str, ...]] = [(key,) for key in data if _is_secret(key)]
    found += [("voice", key) for key in inner if _is_secret(key)]
    for key in [key for key in data if _is_secret(key)]:
        del data[key]
    if isinstance(voice, dict):
        data["voice"] = {key: value for key, value in voice.items() if not _is_secret(key)}
    remedy = f"take it out, replace it where it was issued, and set {API_KEY} in the environment"
    return [source.problem(path, f"a secret stands in the file ('{path[-1]}')", remedy, key=True) for path in found]


def _contradictions(settings: Settings, source: Source) -> list[Problem]:
    problems: list[Problem] = []
    if settings.voice.provider == "http" and not settings.voice.url:
        remedy = "add 'url: https://…' below voice, or set IVR_VOICE_URL"
        problems.append(source.problem(("voice", "provider"), "the http voice has no url", remedy))
    if settings.voice.provider == "embedded":
        problems += needless(settings.voice, source)
    if settings.playout.message > settings.playout.lead:
        what = f"messages of {settings.playout.message:g} s are longer than the lead of {settings.playout.lead:g} s"
        path = ("playout", "lead" if ("playout", "lead") in source.elsewhere else "message")
        problems.append(source.problem(path, what, "make playout.lead at least as long"))
    return problems
