"""Request and answer files from anybody: declared errors only, and no changed byte passes."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sqlalchemy import update

from adapters.countyit.joining import accepting
from adapters.settings import CountySettings
from certs import invitation
from hub import bootstrap
from hub.joining import requests
from hub.joining.online.doorstep import Doorstep
from hub.settings import HubSettings
from hub.store import Store, tables
from schemas import strictjson
from schemas.errors import YunhuobanError
from schemas.joining import codes
from schemas.joining.files import MALFORMED, Answer, Request, Sealed
from schemas.joining.line import Line, is_line
from schemas.joining.wire import Problem, Question, Told
from tests.hostile import COSTLY, altered, json_values, noise, refusal
from tests.joining_world import Joining

pytestmark = pytest.mark.timeout(600)  # many examples with LONG=1
AREAS = ("JOIN", "CERT", "ID")


@pytest.fixture(scope="module")
def asking(made_asked: Joining, tmp_path_factory) -> Joining:
    """A request that every example may hand in."""
    return made_asked.copy(tmp_path_factory.mktemp("any") / "world")


@pytest.fixture(scope="module")
def store(asking: Joining) -> Store:
    """The hub's store."""
    opened = asking.store()
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def answering(made_answered: Joining, tmp_path_factory) -> Joining:
    """An answer that every example may read in."""
    return made_answered.copy(tmp_path_factory.mktemp("any") / "world")


def requested(key: bytes, raw: object) -> bytes:
    """Whatever it is, authenticated by the code."""
    try:
        body = json.dumps(raw).encode()
        return Sealed(body, invitation.mac(key, body)).write("mac")
    except ValueError:
        return b""


def authentic(file: bytes, key: bytes) -> None:
    """The first two checks that need no store."""
    sealed = Sealed.read(file, "mac")
    if not invitation.is_mac(key, sealed.body, sealed.proof):
        raise YunhuobanError(requests.MAC_WRONG)


@COSTLY
@given(data=st.data())
def test_any_request(asking: Joining, store: Store, data):
    """Noise, damaged copies, and well-authenticated files with one thing wrong."""
    good = asking.request.read_bytes()
    raw = strictjson.load(Sealed.read(good, "mac").body)
    key = invitation.derive(codes.read_code(asking.code))
    file = data.draw(
        noise([good], most=200) | altered(raw).map(lambda each: requested(key, each)) | json_values().map(repr)
    )
    file = file.encode(errors="replace") if isinstance(file, str) else file
    with store.write() as tx:  # as it was: each example finds an invitation that waits
        tx.execute(update(tables.invitations).values(state="invited", attempts=0, history="[]"))
    wrong = refusal(lambda: requests.take(store, file, now=datetime.now(UTC)))
    assert wrong is None or wrong.code.area in AREAS, wrong


@COSTLY
@given(data=st.data())
def test_any_answer(answering: Joining, data):
    """As a file, and as a body before its signature is looked at."""
    good = answering.answered.read_bytes()
    raw = strictjson.load(Sealed.read(good, "signature").body)
    settings = CountySettings.load(answering.county)
    file = data.draw(noise([good], most=200))
    wrong = refusal(lambda: accepting.accept(settings, file, now=datetime.now(UTC)))
    assert (wrong is None) == (file == good)
    assert wrong is None or wrong.code.area in AREAS
    changed = data.draw(altered(raw).map(lambda each: json.dumps(each).encode()))
    error = refusal(lambda: Answer.read(changed))
    assert error is None or error.code.code == "E-JOIN-003"


@given(data=st.binary(max_size=300))
@example(data=b"[" * 100_000)
@example(data=b'{"body":"\\ud800","mac":""}')
@example(data=b'{"body": "", "mac": ""}')
@example(data=b'{"body":"","mac":"","mac":""}')
@example(data=b"x" * 600_000)
def test_anything_as_a_file(data: bytes):
    """E-JOIN-003."""
    with pytest.raises(YunhuobanError, match="E-JOIN-003"):
        Sealed.read(data, "mac")
    error = refusal(lambda: Request.read(data))
    assert error is not None
    assert error.code.code == "E-JOIN-003"


def test_a_tampered_byte_anywhere_in_a_request(asking: Joining):
    """Each of its bytes: it is no such file any more, or the code does not authenticate it."""
    good, key = asking.request.read_bytes(), invitation.derive(codes.read_code(asking.code))
    for at in range(len(good)):
        bad = good[:at] + bytes([good[at] ^ 1]) + good[at + 1 :]
        error = refusal(lambda bad=bad: authentic(bad, key))
        assert error is not None, at
        assert error.code in (MALFORMED, requests.MAC_WRONG)


@COSTLY
@given(data=st.data())
def test_anything_at_the_joining_page(asking: Joining, store: Store, data):
    """E-JOIN-040 for whatever is not proven, at each of its four doors; what is proven is told a state."""
    settings = HubSettings.load(asking.world.hub)
    step = Doorstep(store, b"", lambda: bootstrap.chains(settings), lambda _county: None, lambda: datetime.now(UTC))
    good = asking.request.read_bytes()
    file = data.draw(noise([good], most=200) | json_values().map(lambda each: json.dumps(each).encode()))
    with store.write() as tx:
        tx.execute(update(tables.invitations).values(state="invited", attempts=0, history="[]"))
    for door in (step.request, step.answer, step.card, step.standing):
        wrong = refusal(lambda door=door: door(file))
        assert (wrong is None) == (file == good and door == step.request)
        assert wrong is None or wrong.code.code == "E-JOIN-040"


@settings(COSTLY, max_examples=COSTLY.max_examples // 2)
@given(data=st.data())
@example(data=None)
def test_any_reply_and_any_question(data):
    """E-JOIN-006: from a proxy, from a newer hub, or damaged; what was written is read."""
    problem = Problem(
        code="E-JOIN-024",
        place="contract_versions",
        found="9.9",
        expected="1.0",
        sentence_zh="没有共同的标准版本。",
        remedy_zh="请升级。",
        sentence_en="No version in common.",
        remedy_en="Upgrade.",
    )
    told = Told(state="invited", reason="重来", problems=[problem])
    question = Question(division_code="130928", hub_fingerprint="AB", asked_at=1)
    assert Told.read(told.write()) == told
    assert Question.read(question.write()) == question
    if data is None:
        return
    for read, good in ((Told.read, told.write()), (Question.read, question.write())):
        file = data.draw(noise([good]) | altered(json.loads(good)).map(lambda each: json.dumps(each).encode()))
        wrong = refusal(lambda read=read, file=file: read(file))
        assert wrong is None or wrong.code.code == "E-JOIN-006"


@given(data=st.data())
def test_any_invitation_line(data):
    """E-JOIN-004 for whatever was not written so; the code is never mistaken for a line."""
    line = Line(secret=b"s" * 16, fingerprint=codes.write_root(b"root"), county="130928", address="https://hub:1")
    good = line.write()
    typed = data.draw(st.text(max_size=200) | noise([good.encode()]).map(lambda each: each.decode("latin-1")))
    wrong = refusal(lambda: Line.read(typed))
    assert wrong is None or wrong.code.code == "E-JOIN-004"
    assert wrong is not None or Line.read(typed) == line
    assert Line.read(good) == line
    assert is_line(good)
    assert not is_line(codes.write_code(data.draw(st.binary(min_size=16, max_size=16))))
