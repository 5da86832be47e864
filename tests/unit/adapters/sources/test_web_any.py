"""Whatever an interface answers, a pusher sends or a person writes into the settings: only declared errors come out."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from adapters.local.mapping.strict import Problems, Section
from adapters.local.sinks.web import HttpSink
from adapters.local.sources.remote.opening import open_folder
from adapters.local.sources.web.client import Answer
from adapters.local.sources.web.pull import HttpSource
from adapters.local.sources.web.rules import pull_rule
from adapters.local.sources.webhook.proof import Proof
from adapters.local.sources.webhook.source import WebhookSource
from tests.hostile import COSTLY, altered, noise, refusal

NOW = datetime(2026, 11, 22, 4, tzinfo=UTC)
KIND = {
    "path": "/a", "rows": "data.list", "key": ["no"], "columns": ["no", "at"], "optional": ["at"],
    "children": {"b": "b"}, "parameters": {"x": "1"},
    "since": {"parameter": "s", "from": "at"}, "next": {"parameter": "n", "from": "next"},
}  # fmt: skip
GOOD = json.dumps({
    "data": {"list": [{"no": "1", "at": "2026-11-22 10:00:00", "b": [{"c": 1}]}, {"no": "2", "at": 5}]}, "next": "2"
}).encode()  # fmt: skip
SFTP = {"sftp": {"host_key": f"SHA256:{'A' * 43}", "key_file": "/k", "password_file": "/p"}, "folder": "x"}
PULLED = {"type": "http", "every_seconds": 0, "access": {"token_file": "/t", "header": "X-T"}, "records": {"a": KIND}}
PUSHED = {"type": "http", "key_column": "k", "records": {"a": {"path": "/a", "columns": ["x"], "accepted": {"c": "0"}}}}
HOOKED = {"access": {"secret_file": "/s"}, "records": {"a": {"path": "/a", "key": ["n"], "columns": ["n"]}}}


class Answering:
    """In the place of the client, whose own tests ask a real server: one answer for every question."""

    def __init__(self, body: bytes) -> None:
        """Keep it."""
        self.answer = Answer(200, body, headers={"ETag": "x"})

    def get(self, *_: object) -> Answer:
        """Say it."""
        return self.answer


@given(body=noise([GOOD]))
@example(body=b"[" * 5000)
@example(body=b'{"data": {"list": [{"no": "1", "at": "9999-12-31 23:59:59"}]}}')
@example(body=b'{"data": {"list": [null, [], {"no": {}}, {"no": "\\ud800"}]}}')
def test_any_answer(body: bytes):
    """Rows and failures with their place, or one declared error; the same cursor gives the same again."""

    def poll(cursor: str | None) -> Any:
        rule = pull_rule("a", Section(KIND, "source", Problems()))
        return HttpSource(Answering(body), [rule], every_seconds=0, now=lambda: NOW).poll(cursor, 3)

    found: list[Any] = []
    error = refusal(lambda: found.append(poll(None)))
    assert error is None or error.code.area == "SRC"
    for batch in found:
        assert [each.key for each in poll(None).records] == [each.key for each in batch.records]
        assert all(each.place for each in batch.failures)
        refusal(lambda cursor=batch.cursor: poll(cursor))


@given(cursor=st.text() | noise([b'{"a":{"at":"","since":null,"high":1,"seen":"","now":"","tag":[]}}']).map(repr))
@example(cursor='{"a": []}')
@example(cursor='{"a":{"at":"","since":9999999999999999999999,"high":1,"seen":"","now":"","tag":[]}}')
@example(cursor='{"a":{"at":"","since":999999999999999,"high":1,"seen":"","now":"","tag":[]}}')
@example(cursor='{"a":{"at":"","since":1e400,"high":1,"seen":"","now":"","tag":[]}}')
def test_any_cursor(cursor: str):
    """A damaged cursor is told as that."""
    rule = pull_rule("a", Section(KIND, "source", Problems()))
    source = HttpSource(Answering(GOOD), [rule], every_seconds=0, now=lambda: NOW)
    error = refusal(lambda: source.poll(cursor, 3))
    assert error is None or error.code.code == "E-SRC-001"


@given(address=st.text() | st.from_regex(r"(sftp|https?)://\S*", fullmatch=True))
@COSTLY
def test_any_address(address: str):
    """An address, or one sentence on what is wrong with it; nothing is opened."""
    section = Section({"records": {}}, "source", Problems())
    for open_, code in (
        (lambda: open_folder(Section(SFTP, "source", Problems()), f"sftp://{address}"), "E-SRC-071"),
        (lambda: HttpSource.from_settings(section, address, lambda: NOW), "E-SRC-081"),
        (lambda: HttpSink.from_settings(section, address), "E-SRC-081"),
    ):
        error = refusal(open_)
        assert error is None or error.code.code == code


@given(data=st.data())
@COSTLY
def test_any_settings(data: st.DataObject):
    """Good settings with one value altered: a list of problems, or a declared error."""
    said = data.draw(st.sampled_from([SFTP, PULLED, PUSHED, HOOKED]))
    value = data.draw(altered(said))
    section = Section(value, "source", Problems())
    if said is SFTP:
        refusal(lambda: open_folder(section, "sftp://a@b/c"))
    elif said is PULLED:
        refusal(lambda: HttpSource.from_settings(section, "http://a", lambda: NOW))
    elif said is PUSHED:
        refusal(lambda: HttpSink.from_settings(section, "http://a"))
    else:
        error = refusal(lambda: WebhookSource.from_settings(section, "http://a", lambda: NOW, None))
        assert error is not None


@given(headers=st.dictionaries(st.sampled_from(["X-Yhb-Timestamp", "X-Yhb-Signature", "Authorization"]), st.text()))
@COSTLY
def test_any_proof(tmp_path: Path, headers: dict[str, str]):
    """No header of a stranger's is a proof, nor anything but a refusal."""
    file = tmp_path / "secret"
    if not file.exists():
        file.touch(mode=0o600)
        file.write_text("0123456789abcdef0123456789abcdef", encoding="ascii")
    for proof in (
        Proof(token_file=file, secret_file=None, now=lambda: NOW),
        Proof(token_file=None, secret_file=file, now=lambda: NOW),
    ):

        def shown(proof: Proof = proof) -> None:
            proof.precheck(headers, "/a")
            proof.check(headers, "/a", b"{}")

        error = refusal(shown)
        assert error is not None
        assert error.code.code in ("E-SRC-092", "E-SRC-093")
