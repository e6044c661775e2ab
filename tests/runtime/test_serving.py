"""How a server is set up beyond its host and port."""

import ssl
import time

import pytest

from ivr.errors import ConfigError, Problem, ProjectError
from ivr.project.settings.serving import ServeSettings
from ivr.runtime.door.passes import Pass, Passes, digest
from ivr.runtime.serving import Keys, Serving, tls_context

PROXIES = ServeSettings(proxies=("127.0.0.1",))
PUBLIC = ServeSettings(public_url="https://voice.example.com")
ONE = Passes((Pass("pbx", digest("x"), 0.0),))


def test_keys_come_from_the_environment_without_what_stands_around_them():
    keys = Keys.of(
        {"IVR_TWILIO_AUTH_TOKEN": " auth\n", "IVR_METRICS_TOKEN": "m" * 16 + " ", "IVR_TICKET_KEY": "k" * 32}
    )
    assert (keys.twilio_auth_token, keys.metrics_token, len(keys.tickets)) == ("auth", "m" * 16, 32)
    assert not any(secret in repr(keys) for secret in ("auth'", "mmm", "kkk"))


def test_a_ticket_key_is_the_same_for_all_that_are_given_it_and_else_nobodys():
    given = {"IVR_TICKET_KEY": "k" * 32}
    assert Keys.of(given).tickets == Keys.of(given).tickets != Keys.of({"IVR_TICKET_KEY": "K" * 32}).tickets
    assert Keys.of({}).tickets != Keys.of({}).tickets
    assert Keys.of({"IVR_TICKET_KEY": "  "}).twilio_auth_token == ""


@pytest.mark.parametrize(("name", "least"), [("IVR_TICKET_KEY", 32), ("IVR_METRICS_TOKEN", 16)])
def test_a_short_secret_is_refused_and_not_shown(name, least):
    with pytest.raises(ConfigError, match=f"{name} has 7 characters: give at least {least}") as error:
        Keys.of({name: "hunter2"})
    assert "hunter2" not in str(error.value)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1"])
def test_loopback_is_open_until_it_has_a_public_url_or_a_proxy(host):
    assert not Serving().guarded(host)
    assert Serving(PUBLIC).guarded(host)
    assert Serving(PROXIES).guarded(host)
    Serving().check(host)


@pytest.mark.parametrize(
    ("host", "settings", "keys"),
    [
        ("0.0.0.0", ServeSettings(), Keys()),
        ("0.0.0.0", ServeSettings(), Keys("auth")),
        ("::", PUBLIC, Keys()),
        ("127.0.0.1", PUBLIC, Keys()),
    ],
)
def test_a_door_that_nobody_could_pass_is_told_with_both_remedies(host, settings, keys):
    with pytest.raises(ConfigError) as error:
        Serving(settings, keys).check(host)
    where = f"--host {host}" if host != "127.0.0.1" else "the public URL https://voice.example.com"
    assert str(error.value).startswith(f"{where}: ")
    assert "IVR_TWILIO_AUTH_TOKEN" in str(error.value) and "`ivr token new NAME`" in str(error.value)
    Serving(settings, keys, lambda: ONE).check(host)


def test_a_proxy_before_loopback_needs_a_way_in_too():
    with pytest.raises(ConfigError, match=r"^the proxies in serve\.proxies: "):
        Serving(PROXIES).check("127.0.0.1")
    Serving(PROXIES, passes=lambda: ONE).check("127.0.0.1")


def test_passes_that_let_nobody_in_do_not_count():
    gone = Pass("gone", digest("x"), 0.0, expires=time.time() - 1.0)
    revoked = Pass("revoked", digest("y"), 0.0, revoked=1.0)
    with pytest.raises(ConfigError, match="make a token"):
        Serving(passes=lambda: Passes((gone, revoked))).check("0.0.0.0")
    bound = Pass("bound", digest("z"), 0.0, expires=time.time() + 60.0, gateway="twilio")
    Serving(passes=lambda: Passes((gone, bound))).check("0.0.0.0")


def test_twilios_webhook_is_enough():
    Serving(PUBLIC, Keys("auth")).check("0.0.0.0")


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0"])
def test_tokens_that_cannot_be_read_are_told_at_the_start_and_not_at_the_first_call(host):
    def damaged():
        raise ProjectError([Problem("ivr.tokens", 1, 1, "the tokens are damaged", "mend them")])

    with pytest.raises(ProjectError, match="the tokens are damaged"):
        Serving(PUBLIC, Keys("auth"), damaged).check(host)
    with pytest.raises(ProjectError):
        Serving(passes=damaged).check(host)


@pytest.mark.parametrize(
    "url",
    [
        "http://voice.example.com",
        "https://",
        "https://[",
        "https://a b.example.com",
        "https://voice.example.com?x=1",
        "https://voice.example.com#x",
        "https://:hunter2@voice.example.com",
        "https://me:hunter2@voice.example.com",
        "https://voice.example.com:99999",
        "https://voice.example.com:x",
        "voice.example.com",
        "https://voice.example.com/a b",
    ],
)
def test_a_public_url_that_cannot_be_is_refused_and_not_shown(url):
    with pytest.raises(ValueError, match="the url is not https://") as error:
        ServeSettings(public_url=url)
    assert "hunter2" not in str(error.value)


@pytest.mark.parametrize(
    "url", ["https://voice.example.com:8443/ivr", "https://192.0.2.1", "https://[2001:db8::1]:8443"]
)
def test_a_public_url_loses_its_last_slash(url):
    assert ServeSettings(public_url=url + "/").public_url == url


def test_without_a_certificate_there_is_no_tls():
    assert tls_context(None, None) is None


def test_a_certificate_that_does_not_serve_is_told(tmp_path):
    nothing, junk = tmp_path / "nothing.pem", tmp_path / "junk.pem"
    junk.write_text("no certificate")
    with pytest.raises(ConfigError, match="go together"):
        tls_context(junk, None)
    with pytest.raises(ConfigError, match="go together"):
        tls_context(None, junk)
    for pair in ((nothing, junk), (junk, nothing), (nothing, nothing)):
        with pytest.raises(ConfigError, match=r"nothing\.pem: there is no such file"):
            tls_context(*pair)
    with pytest.raises(ConfigError, match=r"junk\.pem and .*junk\.pem are no certificate chain and key in PEM"):
        tls_context(junk, junk)
    with pytest.raises(ConfigError, match=r"cannot be read|are no certificate"):
        tls_context(tmp_path, tmp_path)


def test_a_key_of_another_certificate_and_one_with_a_passphrase_are_told(tmp_path):
    trustme = pytest.importorskip("trustme", reason="trustme is not installed: no certificate to test with")
    one, other = (trustme.CA().issue_cert("localhost") for _ in range(2))
    paths = {name: tmp_path / name for name in ("one.pem", "one.key", "other.key", "locked.key")}
    one.cert_chain_pems[0].write_to_path(paths["one.pem"])
    one.private_key_pem.write_to_path(paths["one.key"])
    other.private_key_pem.write_to_path(paths["other.key"])
    context = tls_context(paths["one.pem"], paths["one.key"])
    assert context is not None and context.minimum_version >= ssl.TLSVersion.TLSv1_2
    with pytest.raises(ConfigError, match=r"other\.key is not the key of .*one\.pem"):
        tls_context(paths["one.pem"], paths["other.key"])

    from cryptography.hazmat.primitives import serialization as pem

    key = pem.load_pem_private_key(one.private_key_pem.bytes(), None)
    locked = key.private_bytes(pem.Encoding.PEM, pem.PrivateFormat.PKCS8, pem.BestAvailableEncryption(b"a passphrase"))
    paths["locked.key"].write_bytes(locked)
    with pytest.raises(ConfigError, match="passphrase"):
        tls_context(paths["one.pem"], paths["locked.key"])
