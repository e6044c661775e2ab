import hashlib
import json

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from ivr.errors import ConfigError, ProjectError
from ivr.runtime.door.passes import Pass, Passes, digest, dump, parse, token_of
from ivr.runtime.door.refusal import Refusal

NOW = 1_800_000_000.0
TOKEN = token_of(bytes(20))
OTHER = token_of(b"\x01" * 20)


def one(**changes):
    return Pass(**{"name": "pbx", "sha256": digest(TOKEN), "made": NOW} | changes)


def test_a_token_is_recognisable_and_only_its_hash_is_kept():
    assert TOKEN == "ivr_" + "0" * 40
    assert digest(TOKEN) == hashlib.sha256(TOKEN.encode()).hexdigest()
    assert TOKEN not in dump(Passes((one(),)))
    assert digest(TOKEN) not in repr(Passes((one(),)))
    with pytest.raises(ConfigError, match="20 random bytes"):
        token_of(bytes(16))


def test_a_pass_lets_in_again_and_again():
    passes = Passes((Pass("other", digest(OTHER), NOW), one()))
    assert passes.check(TOKEN, "twilio", NOW).name == "pbx"
    assert passes.check(TOKEN, "twilio", NOW + 1e9).name == "pbx"
    assert passes.check(OTHER, "twilio", NOW).name == "other"


@pytest.mark.parametrize(
    ("made", "reason"),
    [
        (one(revoked=NOW), Refusal.REVOKED),
        (one(expires=NOW), Refusal.EXPIRED),
        (one(gateway="telnyx"), Refusal.OTHER_GATEWAY),
        (one(expires=NOW - 1, revoked=NOW - 2, gateway="telnyx"), Refusal.REVOKED),
        (one(sha256=digest(OTHER)), Refusal.UNKNOWN),
    ],
)
def test_who_is_not_let_in(made, reason):
    assert Passes((made,)).check(TOKEN, "twilio", NOW) is reason


def test_a_pass_with_limits_lets_in_within_them():
    made = one(expires=NOW + 0.1, gateway="twilio")
    assert Passes((made,)).check(TOKEN, "twilio", NOW) is made


@given(place=st.integers(0, 43), bit=st.integers(0, 6))
def test_any_altered_token_is_refused(place, bit):
    altered = TOKEN[:place] + chr(ord(TOKEN[place]) ^ 1 << bit) + TOKEN[place + 1 :]
    assert Passes((one(),)).check(altered, "twilio", NOW) in (Refusal.MALFORMED, Refusal.UNKNOWN)


@given(st.text())
def test_any_text_is_refused(text):
    assume(text != TOKEN)
    assert Passes((one(),)).check(text, "twilio", NOW) is Refusal.MALFORMED


def test_names_are_used_once():
    passes = Passes().with_new(one())
    with pytest.raises(ConfigError, match="already"):
        passes.with_new(one())
    revoked = passes.with_revoked("pbx", NOW + 5)
    assert revoked.named("pbx").revoked == NOW + 5
    assert revoked.with_revoked("pbx", NOW + 9) == revoked
    with pytest.raises(ConfigError, match="revoked"):
        revoked.with_new(one())
    with pytest.raises(ConfigError, match="no token is called 'pbz'"):
        passes.with_revoked("pbz", NOW)


@pytest.mark.parametrize("name", ["", "a b", "-a", ".a", "a/b", "ä", "a" * 65, "a\n"])
def test_a_name_is_plain(name):
    with pytest.raises(ConfigError, match="is no name"):
        Passes().with_new(one(name=name))


def test_a_token_in_place_of_a_name_is_not_repeated():
    for call in (lambda: Passes().with_new(one(name=TOKEN)), lambda: Passes((one(),)).with_revoked(TOKEN, NOW)):
        with pytest.raises(ConfigError, match="that is a token") as raised:
            call()
        assert TOKEN not in str(raised.value)


TIMES = st.none() | st.integers(0, 4_000_000_000).map(float)
MADE = st.builds(
    Pass,
    name=st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", fullmatch=True),
    sha256=st.binary(min_size=32, max_size=32).map(bytes.hex),
    made=st.integers(0, 4_000_000_000).map(float),
    expires=TIMES,
    revoked=TIMES,
    gateway=st.none() | st.just("twilio"),
)


@settings(max_examples=50, deadline=None)
@given(st.lists(MADE, max_size=4, unique_by=(lambda p: p.name, lambda p: p.sha256)))
def test_what_is_written_is_read_again(made):
    passes = Passes(tuple(made))
    assert parse(dump(passes), "f") == passes
    assert len(dump(passes).splitlines()) == max(len(made), 1) + 2


def test_the_files_form_does_not_change_unseen():
    assert dump(Passes((one(expires=NOW + 0.5),))) == (
        '{"version": 1, "passes": [\n'
        f'{{"name": "pbx", "sha256": "{digest(TOKEN)}", "gateway": null, '
        '"made": "2027-01-15T08:00:00Z", "expires": "2027-01-15T08:00:00Z", "revoked": null}\n]}\n'
    )


GOOD = json.loads(dump(Passes((one(),))))["passes"][0]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("", "f:1:1: the tokens are damaged"),
        ("{", "f:1:2: the tokens are damaged"),
        ("9" * 5000, "f:1:1: the tokens are damaged"),
        ("[" * 200_000, "f:1:1: the tokens are damaged"),
        ("[]", "f:1:1: the tokens have version None"),
        ('{"version": 2, "passes": []}', "f:1:1: the tokens have version 2"),
        ('{"version": 1}', "f:1:1: the tokens are damaged"),
        ('{"version": 1, "passes": [\n{}\n]}', r"f:2:1: the tokens are damaged \(0.name: Field required"),
    ],
)
def test_a_damaged_file_says_where(text, place):
    with pytest.raises(ProjectError, match=place):
        parse(text, "f")


@pytest.mark.parametrize(
    "spoilt",
    [
        {"name": "a b"},
        {"sha256": "0"},
        {"sha256": digest(TOKEN).upper()},
        {"made": "yesterday"},
        {"made": 5},
        {"made": "2027-01-15T08:00:00"},
        {"expires": False},
        {"extra": 1},
        {"gateway": 7},
    ],
)
def test_a_damaged_pass_is_told_without_its_values(spoilt):
    with pytest.raises(ProjectError, match="f:3:1") as raised:
        parse(json.dumps({"version": 1, "passes": [GOOD | {"name": "a", "sha256": "0" * 64}, GOOD | spoilt]}), "f")
    assert digest(TOKEN) not in str(raised.value)


@pytest.mark.parametrize("change", [{"name": "b"}, {"sha256": "0" * 64}])
def test_what_stands_twice_is_damage(change):
    with pytest.raises(ProjectError, match=r"f:3:1.*stands twice"):
        parse(json.dumps({"version": 1, "passes": [GOOD, GOOD | change]}), "f")
