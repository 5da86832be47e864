"""A license's QR code from issue to scan: real counties, a real hub, and what each of them can and cannot see."""

import base64
import json
import re
import secrets
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import structlog
from sqlalchemy import select, text
from starlette.testclient import TestClient

from adapters.store import tables as county_tables
from hub.listening.rates import Rates
from hub.listening.visitors import Visitors
from hub.scanning.answering import ANSWER_BYTES
from hub.scanning.counts import Counts
from hub.scanning.endpoint import ANSWER_SECONDS, build_app
from hub.store import metadata, tables
from schemas import codec, shapes
from schemas.envelope import Envelope, new_id
from schemas.messages import HUB, SCANNABLE
from schemas.scanning import SEALED_BYTES, digest
from schemas.workdays.hours import beijing_day
from tests import county_world, hub_world
from tests.county_records import COMPANY, IDENTITY_NO, NAME
from tests.county_world import ISSUING, WINDOW
from tests.hub_world import Message, sign
from tests.scanning_world import Scanned, answering, digest_of, licensed, locator_of, opened
from tests.witness_world import Stage


@pytest.fixture(scope="module")
def paper(
    networks: tuple[county_world.Network, hub_world.Network], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Scanned]:
    """A license for tests that leave it as it is."""
    folder = tmp_path_factory.mktemp("paper")
    counties, hub = networks
    made = Stage(counties=county_world.World(network=counties, folder=folder), network=hub, folder=folder)
    with structlog.testing.capture_logs() as lines:
        scanned = licensed(made)
    scanned.logged = json.dumps(lines, default=str, ensure_ascii=False)
    yield scanned
    for county in made.counties.counties.values():
        county.store.close()
    made.hub.world.store.close()


def asked(stage: Stage, token: bytes, language: str = "zh") -> dict[str, Any]:
    """What the page is answered."""
    said: dict[str, Any] = json.loads(answering(stage).license(locator_of(token), language))
    return said


def claim(stage: Stage, county: str, **changes: Any) -> Message:
    """What a county says of a code, whoever the license belongs to."""
    record = {"locator": bytes(32), "license_sha256": bytes(32), "face": bytes(SEALED_BYTES)} | changes
    data = codec.encode("LicenseScan", record)
    now = stage.counties.now
    envelope = Envelope(
        id=new_id(), source=county, destination=HUB, type=SCANNABLE, case_no="", service_item="", time=now,
        expires=now + timedelta(days=1), trial=False, dataschema=shapes.dataschema("LicenseScan"), encrypted_for=None,
        data_commitment=digest_of(data), data=data,
    )  # fmt: skip
    return sign(envelope, stage.network.counties[county])


def test_whoever_holds_the_paper_sees_a_masked_face_and_the_state(paper: Scanned):
    """From issue to scan, opened as the specification says: kind, masked holder and identifier, authority, days."""
    stage = paper.stage
    said = asked(stage, paper.token)
    face = opened(paper.token, base64.b64decode(said["face"]))
    assert (said["state"], said["trial"]) == ("valid", False)
    assert said["county"].endswith(ISSUING)
    assert "（1 秒前）" in said["said"]
    assert face["name"] == "营业执照"
    assert face["holder"][:2] + face["holder"][-4:] == COMPANY[:2] + COMPANY[-4:]
    assert set(face["holder"][2:-4]) == {"*"}
    assert paper.identifier.startswith(face["identifier"].split(".****.")[0])
    assert paper.identifier.endswith(face["identifier"].rpartition("****")[2])
    assert paper.identifier not in face["identifier"]
    assert face["trial"] is False
    assert face["valid_until"] is None
    assert face["issued_on"] == beijing_day(stage.counties.now - timedelta(minutes=1)).isoformat()


@pytest.mark.parametrize(
    "state", ["revoked", *(pytest.param(s, marks=pytest.mark.long) for s in ("suspended", "lost"))]
)
def test_a_change_of_state_is_seen_at_once(stage: Stage, state: str):
    """With the issuing county's own word and its age; the face stays what it was."""
    paper = licensed(stage)
    stage.later(days=3, hours=2)
    paper.say(state)
    stage.later(hours=5)
    said = asked(stage, paper.token, "en")
    assert said["state"] == state
    assert "(5" in said["said"]
    assert "ago)" in said["said"]
    assert opened(paper.token, base64.b64decode(said["face"]))["name"] == "营业执照"


def test_an_unknown_code_gets_an_answer_of_the_same_length(paper: Scanned):
    """Unknown, not hexadecimal, too long, nothing: the same members and bytes, a face that nothing opens."""
    stage = paper.stage
    answers = [
        answering(stage).license(each, "zh")
        for each in (locator_of(paper.token), secrets.token_hex(32).encode(), b"X" * 64, b"", b"0" * 65)
    ]
    assert {len(each) for each in answers} == {ANSWER_BYTES}
    said = [json.loads(each) for each in answers]
    assert len({tuple(each) for each in said}) == 1
    assert {len(each["face"]) for each in said} == {len(said[0]["face"])}
    assert [each["state"] for each in said] == ["valid", "", "", "", ""]
    assert len({each["face"] for each in said}) == len(said), "no face twice"


def test_known_and_unknown_take_the_same_time_and_look_the_same(paper: Scanned):
    """Status, headers and length over HTTP are equal, and no answer comes sooner than all do."""
    stage = paper.stage
    with TestClient(build_app(answering(stage), Rates(), Visitors()), base_url="https://hub.example") as browser:
        answers = [browser.post("/v/find", content=each) for each in (locator_of(paper.token), b"0" * 64)]
    assert {each.elapsed >= timedelta(seconds=ANSWER_SECONDS) for each in answers} == {True}
    assert len({(each.status_code, len(each.content), tuple(sorted(each.headers.items()))) for each in answers}) == 1


def test_nothing_at_the_hub_shows_holder_or_token(paper: Scanned):
    """Not its whole database, not its logs, not the scan's answer: neither name nor number nor token nor key."""
    stage = paper.stage
    with structlog.testing.capture_logs() as lines:
        answering(stage).license(locator_of(paper.token), "zh")
    token = paper.token
    secret = [token, token.hex().encode(), base64.b64encode(token), *(w.encode() for w in (COMPANY, NAME, IDENTITY_NO))]
    kept = [*_dump(stage), json.dumps(lines, default=str).encode(), paper.logged.encode()]
    for word in secret:
        assert not [each for each in kept if word in each]
    assert [each for each in kept if digest(paper.identifier) in each], "the dump does see what is there"
    town = paper.stage.counties.issuing.rows(select(county_tables.outbox.c.record_sealed))
    assert not [row for row in town if token in row.record_sealed or token.hex().encode() in row.record_sealed]


def _dump(stage: Stage) -> list[bytes]:
    """Every value of every table."""
    with stage.hub.world.store.read() as tx:
        names = [table.name for table in metadata.METADATA.sorted_tables]
        rows = [row for name in names for row in tx.execute(text(f"SELECT * FROM {name}"))]
    return [value if isinstance(value, bytes) else str(value).encode() for row in rows for value in row]


def test_a_county_speaks_only_for_licenses_that_it_issued(paper: Scanned):
    """The window county read the token in the PDF: it can neither take the code over nor speak for the license."""
    stage = paper.stage
    taken = claim(stage, WINDOW, locator=bytes.fromhex(locator_of(paper.token).decode()))
    stage.hub.world.send(taken)
    assert stage.hub.world.refusal(taken)["code"] == "E-VIEW-001"
    other = secrets.token_bytes(16)
    foreign = claim(
        stage, WINDOW, locator=bytes.fromhex(locator_of(other).decode()), license_sha256=digest(paper.identifier)
    )
    stage.hub.world.send(foreign)
    assert stage.hub.world.verdicts(WINDOW)[foreign.envelope.id] == "admitted"
    assert asked(stage, other)["state"] == ""
    assert asked(stage, paper.token)["state"] == "valid"


def test_a_face_of_another_length_is_refused(paper: Scanned):
    """E-VIEW-001 names the field: one length for all says nothing of what is inside."""
    stage = paper.stage
    short = claim(stage, ISSUING, face=bytes(SEALED_BYTES - 1))
    stage.hub.world.send(short)
    refusal = stage.hub.world.refusal(short)
    assert (refusal["code"], refusal["field"]) == ("E-VIEW-001", "face")


def test_the_latest_code_of_a_license_counts_whatever_comes_last(stage: Stage):
    """Made anew, the earlier code is forgotten; a word that was overtaken changes nothing, the same word neither."""
    paper = licensed(stage)
    tokens = [secrets.token_bytes(16) for _ in range(2)]
    newer, older = (
        claim(
            stage, ISSUING, locator=bytes.fromhex(locator_of(token).decode()), license_sha256=digest(paper.identifier)
        )
        for token in tokens
    )
    older = sign(
        replace(older.envelope, time=older.envelope.time - timedelta(minutes=2)), stage.network.counties[ISSUING]
    )
    stage.hub.world.send(newer)
    stage.hub.world.send(older)
    stage.hub.world.send(newer)
    assert [asked(stage, each)["state"] for each in (paper.token, *tokens)] == ["", "valid", ""]
    assert len(stage.hub.world.rows(select(tables.license_scans))) == 1


def test_only_counts_are_logged_of_visitors():
    """A line a minute with numbers; nothing when nobody came."""
    now = [0.0]
    counts = Counts(clock=lambda: now[0])
    with structlog.testing.capture_logs() as lines:
        counts.write()
        counts.add("known")
        counts.add("unknown")
        now[0] = 60.0
        counts.add("unknown")
        counts.write()
    assert lines == [{"event": "scanning.counted", "known_count": 1, "unknown_count": 2, "log_level": "info"}]


def test_pages_are_protected_and_nobody_asks_without_end(paper: Scanned):
    """Strict CSP and HSTS on everything, 404 without an echo, 429 with a time; Chinese first, English when asked."""
    app = build_app(answering(paper.stage), Rates(burst=2), Visitors())
    with TestClient(app, base_url="https://hub.example") as browser:
        pages = [browser.get(each) for each in ("/v", "/v?lang=en", "/v?lang=xx", "/p", "/", "/nowhere?x=secret")]
        many = [browser.post("/p/find", content=b"x" * 2000).status_code for _ in range(3)]
    assert [each.status_code for each in pages] == [200, 200, 200, 200, 200, 404]
    for each in pages:
        assert "script-src 'self'" in each.headers["content-security-policy"]
        assert each.headers["strict-transport-security"].startswith("max-age=")
        assert "set-cookie" not in each.headers
        assert "secret" not in each.text
        assert "style=" not in each.text
    assert ['lang="zh-CN"' in each.text[:60] for each in pages[:4]] == [True, False, True, True]
    assert many == [200, 200, 429]


def test_words_for_every_state_of_the_contract():
    """A license can be in no state that the page has no words for."""
    from hub.scanning.words import STATES

    assert set(STATES) == set(shapes.raw()["LicenseState"]["symbols"])


def test_the_address_in_the_code(paper: Scanned):
    """32 hexadecimal digits after the `#`, nothing of the license in the address."""
    assert re.fullmatch(r"https://verify\.example\.cn/v#[0-9a-f]{32}", paper.address)
