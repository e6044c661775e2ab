import asyncio
import io
import json
import logging
import re
import subprocess
import sys
from decimal import Decimal

import pytest
from runtime_bank import Babbler, open_house

import ivr.runtime.calls as calls_module
from ivr.project.settings.serving import ServeSettings
from ivr.runtime.metrics import Metrics
from ivr.runtime.oplog import GATEWAYS, handler, masked, shown_fault, shown_path
from ivr.trace.events import DigitHeard, FirstFrame, LookupEnded, SynthesisEnded

SECRET = "Mary 4111"


@pytest.fixture(params=[False, True], ids=["lines", "json"])
def log(request):
    """A logger below none, and what it wrote."""
    written = io.StringIO()
    logger = logging.Logger("ivr.test")
    logger.addHandler(handler(request.param, written))
    logger.written = written
    logger.json = request.param
    return logger


@pytest.fixture
def logged():
    """A logger that writes JSON, and the objects that it wrote."""
    written = io.StringIO()
    logger = logging.Logger("ivr.test")
    logger.addHandler(handler(True, written))
    return logger, lambda: [json.loads(line) for line in written.getvalue().splitlines()]


def broken():
    try:
        raise KeyError(SECRET)
    except KeyError as error:
        raise ValueError(f"of {SECRET}") from error


def test_a_line_is_one_object_with_the_call_as_a_field(logged):
    log, objects = logged
    log.warning("call %s: lookup %s failed: %s at %s", "ab12-3", "bank.balance", "ValueError", "bank.py:7")
    log.info("draining: %d calls have %g s to end", 3, 30.0)
    log.info("as a field", extra={"call": "ab12-4"})
    one, two, three = objects()
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", one.pop("time"))
    assert one == {
        "level": "WARNING",
        "logger": "ivr.test",
        "message": "lookup bank.balance failed: ValueError at bank.py:7",
        "call": "ab12-3",
    }
    assert (two["message"], "call" in two) == ("draining: 3 calls have 30 s to end", False)
    assert (three["message"], three["call"]) == ("as a field", "ab12-4")


def test_a_line_for_people_is_what_it_was():
    written = io.StringIO()
    log = logging.Logger("ivr.test")
    log.addHandler(handler(False, written))
    log.info("call %s: began", "ab12-3")
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} INFO    call ab12-3: began\n", written.getvalue())


def test_a_fault_is_its_kind_and_frames_without_values(log):
    try:
        broken()
    except ValueError:
        log.exception("it failed")
    text = log.written.getvalue()
    assert SECRET not in text and "4111" not in text
    assert "ValueError" in text and "in broken" in text
    if log.json:
        (line,) = text.splitlines()
        fault = json.loads(line)
        assert fault["error"] == "ValueError" and "test_oplog.py" in fault["frames"]


def test_neither_a_broken_text_nor_values_that_do_not_fit_lose_the_log(log, capsys):
    log.info("half of a pair: \ud800")
    log.info("%d calls", SECRET)
    log.info("after it")
    if log.json:
        assert len([json.loads(line) for line in log.written.getvalue().splitlines()]) == 3
    assert SECRET not in log.written.getvalue() + capsys.readouterr().err
    assert "after it" in log.written.getvalue()


def test_a_log_that_cannot_be_written_does_not_print_values_instead(capsys):
    stream = io.StringIO()
    log = logging.Logger("ivr.test")
    log.addHandler(handler(True, stream))
    stream.close()
    log.info("of %s", SECRET)
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("json_lines", [False, True])
async def test_what_asyncio_reports_is_without_the_values_of_callbacks_and_tasks(json_lines):
    written = io.StringIO()
    it = handler(json_lines, written)
    logging.getLogger("asyncio").addHandler(it)

    async def fails():
        broken()

    def raises(event):
        broken()

    try:
        task = asyncio.create_task(fails())
        asyncio.get_running_loop().call_soon(raises, DigitHeard("7", 1.0))
        asyncio.get_running_loop().call_soon(raises, SECRET)
        await asyncio.sleep(0.01)
        del task
        await asyncio.sleep(0.01)
    finally:
        logging.getLogger("asyncio").removeHandler(it)
    text = written.getvalue()
    assert text.count("Exception in callback") == 2 and "Task exception was never retrieved" in text
    assert "ValueError" in text
    assert not re.search(r"4111|Mary|DigitHeard", text)


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/twilio/s3cr3t", "/twilio/…"),
        ("/twilio/s3cr3t/more?x=1", "/twilio/…"),
        ("twilio", "/twilio"),
        ("/twilio?token=s3cr3t", "/twilio"),
        ("/twilio/", "/twilio"),
        ("//twilio//s3cr3t", "/twilio/…"),
        ("/healthz", "/healthz"),
        ("/s3cr3t", "/…"),
        ("/", "/"),
        ("", "/"),
    ],
)
def test_a_path_is_shown_without_its_token(path, shown):
    assert shown_path(path) == shown


def test_every_gateway_is_known_to_the_net():
    assert set(GATEWAYS) == set(calls_module.gateways(ServeSettings(audiosocket_port=0)))


def test_what_is_wrong_with_a_request_is_told_without_quoting_it():
    quoted = "illegal request line: bytearray(b'GET /twilio/s3cr3t HTTP/9')"
    assert shown_fault(quoted) == "illegal request line"
    assert shown_fault("a body of over 65536 bytes") == "a body of over 65536 bytes"


def test_the_net_under_all_lines(log):
    log.info("from 192.0.2.1: GET /twilio/s3cr3t?x=1 by +15551230099, see /src/twilio.py:3")
    text = log.written.getvalue()
    assert not re.search("s3cr3t|1555|0099", text)
    assert "192.0.2.1" in text and "/twilio/…" in text and "/src/twilio.py:3" in text
    assert masked("2026-01-01T00:00:00+00:00 call ab-12") == "2026-01-01T00:00:00+00:00 call ab-12"


SETUP = """
import logging
from ivr.runtime.oplog import setup
setup({json})
logging.getLogger("ivr.server").info("call %s: began", "a-1")
logging.getLogger("httpx").info("POST /twilio/s3cr3t")
logging.getLogger("websockets").info("noise")
"""


@pytest.mark.parametrize(
    ("json_lines", "shown"), [("True", '"message":"began","call":"a-1"'), ("False", "INFO    call")]
)
def test_setup_writes_to_standard_error_what_operators_need(json_lines, shown):
    code = SETUP.format(json=json_lines)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=30, check=True)
    (line,) = done.stderr.splitlines()
    assert shown in line


class Chatty(Babbler):
    """A voice whose error names what it was to say."""

    async def synthesize(self, request):
        raise RuntimeError(f"cannot say {request.text!r}")
        yield


def balance(caller):
    raise LookupError(f"{caller} has 1234.56")


@pytest.mark.parametrize("fails", ["nothing", "voice", "lookup"])
async def test_a_call_leaves_nothing_of_its_caller_in_log_or_metrics(bank, fails):
    written, metrics = io.StringIO(), Metrics()
    both = [handler(False, written), handler(True, written)]
    root = logging.getLogger()
    level = root.level
    root.setLevel(logging.INFO)
    for it in both:
        root.addHandler(it)
    lookups = {"bank.balance": balance if fails == "lookup" else lambda caller: Decimal("1234.56")}
    try:
        async with open_house(bank, Chatty() if fails == "voice" else Babbler(), lookups) as house:
            house.told.beside = metrics.watch
            async with house.call("+15551230099") as line:
                await line.until(FirstFrame)
                await line.press("1")
                await line.until(LookupEnded if fails == "lookup" else SynthesisEnded)
            await house.raw("no JSON at all but +15551230099 of Mary")
            await house.quiet()
            await asyncio.sleep(0)
    finally:
        root.setLevel(level)
        for it in both:
            root.removeHandler(it)
    text = written.getvalue()
    said = {"nothing": "began", "voice": "a synthesis failed", "lookup": "lookup bank.balance failed: LookupError"}
    assert said[fails] in text
    assert "the gateway sent a message that is not JSON" in text
    body = metrics.render()[1].decode()
    assert 'ivr_malformed_total{kind="message"} 1.0' in body
    words = re.sub(r" \S+$", "", body, flags=re.MULTILINE)  # the figures may hold any digits by chance
    for place in (text, words):
        assert not re.search("1555|0099|1234|thousand|dollars|Mary", place)
