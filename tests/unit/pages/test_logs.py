"""Logs: nothing of a person or a key reaches a line, whoever wrote it."""

import ast
import io
import json
import logging
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest
import structlog

from pages import logs
from schemas import errors, loggable, shapes

ROOT = Path(__file__).parents[3]
NAME = "王小明"
IDENTITY = "130928199003070014"
MOBILE = "13800138000"
KEY = "-----BEGIN PRIVATE KEY-----\nMIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg\n-----END PRIVATE KEY-----"
SECRETS = (NAME, IDENTITY, MOBILE, "MIGHAgEAMBMGByqGSM49")
BROKEN = errors.declare("E-PAGE-999", "测试。", "无。")


@pytest.fixture
def out() -> Iterator[io.StringIO]:
    """Logging configured into memory, and the process's own configuration given back afterwards."""
    root = logging.getLogger()
    before = (root.handlers[:], root.level, sys.excepthook, threading.excepthook)
    usual = structlog.get_config()
    stream = io.StringIO()
    logs.configure("test.process", level=logging.DEBUG, stream=stream)
    yield stream
    root.handlers[:], sys.excepthook, threading.excepthook = before[0], before[2], before[3]
    root.setLevel(before[1])
    logging.captureWarnings(capture=False)
    structlog.configure(**usual)


def lines(stream: io.StringIO) -> list[dict[str, object]]:
    """Every line written, decoded."""
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def assert_silent(stream: io.StringIO) -> None:
    """None of the secrets stands anywhere in the output."""
    for secret in SECRETS:
        assert secret not in stream.getvalue()


def test_allowed_fields_stand_in_one_json_line(out):
    """An event keeps its name, level, process, time and allowed fields."""
    structlog.get_logger().info("message.admitted", case_no="130928-20261122-000017-C", wait_seconds=0.25)
    (line,) = lines(out)
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "event": "message.admitted",
        "level": "info",
        "process": "test.process",
        "case_no": "130928-20261122-000017-C",
        "wait_seconds": 0.25,
    }


def test_an_application_in_a_log_call_does_not_reach_the_output(out):
    """Neither a whole application nor any personal field of it is written; what was dropped is named and counted."""
    application = {"applicant": {"name": NAME, "document_no": IDENTITY}, "contact_mobile": MOBILE, "clerk": NAME}
    before = logs.dropped().get("applicant", 0)
    structlog.get_logger().info("case.opened", application=application, **application, county="130928", name=NAME)
    assert_silent(out)
    (line,) = lines(out)
    assert line["county"] == "130928"
    assert line["dropped"] == ["applicant", "application", "clerk", "contact_mobile", "name"]
    assert logs.dropped()["applicant"] == before + 1


def test_a_field_name_that_is_itself_personal_is_not_written(out):
    """A name used as a keyword is counted as `?`."""
    structlog.get_logger().info("case.opened", **{NAME: 1, IDENTITY: 2})
    assert_silent(out)
    assert lines(out)[0]["dropped"] == ["?"]


def test_patterns_are_replaced_inside_allowed_text(out):
    """An identity number, a key or a mobile number inside an allowed field is replaced by what it is."""
    structlog.get_logger().warning("mapping.failed", place=f"row {IDENTITY} {MOBILE} {KEY}", line=int(IDENTITY))
    assert_silent(out)
    (line,) = lines(out)
    assert line["place"] == "row <identity number> <mobile> <pem>"
    assert line["line"] == "<identity number>"


def test_a_sentence_as_event_is_not_written(out):
    """Events are identifiers; anything else may hold anything and is replaced."""
    structlog.get_logger().info(f"opened for {NAME}")
    assert_silent(out)
    assert lines(out)[0]["event"] == "log.unnamed"


def test_the_text_of_a_foreign_exception_and_locals_are_not_written(out):
    """Of a foreign exception: type, frames, causes; of ours also code and place."""
    holder = NAME

    def decode() -> None:
        raise ValueError(f"{holder} {IDENTITY} {KEY}")

    try:
        try:
            decode()
        except ValueError as cause:
            raise errors.YunhuobanError(BROKEN, place="row 7", found=NAME) from cause
    except errors.YunhuobanError:
        structlog.get_logger().exception("inbox.failed")
    assert_silent(out)
    (line,) = lines(out)
    assert line["error"] == "schemas.errors.YunhuobanError"
    assert (line["code"], line["place"], line["causes"]) == ("E-PAGE-999", "row 7", ["ValueError"])
    assert any("test_logs.py" in frame for frame in line["frames"])


def test_a_library_record_keeps_its_template_but_not_its_arguments(out):
    """A record of pika or uvicorn passes the same pipeline; its arguments and composed texts do not."""
    root = logging.getLogger()
    root.handlers[:] = [handler for handler in root.handlers if isinstance(handler, logs._Handler)]  # not pytest's own
    logger = logging.getLogger("pika.connection")
    logger.error("Refused %s as %r", NAME, {"identity": IDENTITY})
    logger.error(f"composed {NAME} {IDENTITY}")  # noqa: G004 - what a careless library does
    logger.error("wrong number of arguments %s %s", NAME)  # noqa: PLE1206 - the promise
    try:
        {}[KEY]
    except KeyError:
        logger.exception("while serving %s", MOBILE)
    assert_silent(out)
    first, second, third, fourth = lines(out)
    assert (first["event"], first["logger"], first["template"]) == (
        "library.record",
        "pika.connection",
        "Refused %s as %r",
    )
    assert "template" not in second
    assert third["template"] == "wrong number of arguments %s %s"
    assert fourth["error"] == "KeyError"


def test_an_uncaught_exception_of_a_thread_is_logged_without_its_text(out, capsys):
    """Python would print the message; here only type and frames are written."""

    def fail() -> None:
        raise RuntimeError(NAME + IDENTITY)

    thread = threading.Thread(target=fail)
    thread.start()
    thread.join()
    assert_silent(out)
    assert NAME not in capsys.readouterr().err
    assert lines(out)[0]["event"] == "process.crashed"


def test_bound_context_is_in_library_records_too(out):
    """What is bound for one message is in every line written while it is handled."""
    with structlog.contextvars.bound_contextvars(message_id="m-1", name=NAME):
        logging.getLogger("kombu").warning("slow %d", 3)
    assert lines(out)[0]["message_id"] == "m-1"
    assert_silent(out)


def test_digests_and_uuids_pass_untouched():
    """A long run of digits in a digest is not taken for an identity number."""
    for text in ("a" + "1" * 63, str(UUID(int=0x12345678901234567890123456789012))):
        assert loggable.scrub(text) == text


def test_credentials_and_tokens_in_addresses_are_replaced():
    """Passwords of broker addresses and page tokens never stand in a line."""
    assert loggable.scrub("amqps://130928:secret@hub:5671/") == "amqps://<credentials>@hub:5671/"
    assert loggable.scrub("GET /?token=abc HTTP/1.1") == "GET /?token=<token> HTTP/1.1"


def test_no_personal_field_of_the_contract_is_on_the_list():
    """The allow-list never holds a name that some record calls personal, nor a body."""
    personal = {f["name"] for r in shapes.raw().values() for f in r.get("fields", []) if f["pii"] != "none"}
    assert not personal & loggable.fields()
    assert not {"data", "reason", "found", "expected", "nonce", "proof"} & loggable.fields()
    assert {"case_no", "sealed_sha256", "stock_serial", "code", "trial"} <= loggable.fields()


def test_every_field_that_the_code_logs_may_be_logged():
    """What is not on the list is dropped: whoever wrote the line would wait for it in vain."""
    logged = {
        (path.name, call.lineno, each.arg)
        for folder in ("adapters", "hub", "pages", "certs", "schemas")
        for path in (ROOT / folder).rglob("*.py")
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call) and ast.unparse(call.func).startswith("_log.")
        for each in call.keywords
        if each.arg is not None
    }
    assert len(logged) > 100
    assert [each for each in sorted(logged) if not loggable.may_log(each[2], 1)] == []
