"""What one county costs must not grow with the number of counties: bytes per change, parsing per change, calls."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select

from certs import keys
from deploy.crowd import filling
from deploy.crowd.counties import MadeCounty, Maker, codes
from hub.broker import handles, provision
from hub.broker.management import Management
from hub.broker.node import MOST_OPEN_FILES
from hub.commands import counties as command
from hub.registry import county, directory, trust
from hub.store import tables
from hub.web import selection
from hub.web.view import CountyRow, QueueRow
from schemas import codec, topology
from schemas.errors import YunhuobanError
from tests.hub_world import START, Case, Network, World
from tests.standin_broker import StandInBroker

MANY = 60


@pytest.fixture(scope="module")
def made(network: Network) -> list[MadeCounty]:
    """Sixty invented counties."""
    return list(Maker(network.authority, now=START).counties(MANY))


@pytest.fixture
def crowded(world: World, made: list[MadeCounty], network: Network) -> World:
    """The test's hub with all of them enrolled."""
    filling.enrol(world.store, made, chains=network.chains(), now=world.now)
    return world


def load(world: World, last: trust.Trust | None = None) -> trust.Trust:
    """The snapshot, as a worker has it."""
    authority = world.network.authority
    with world.store.read() as tx:
        return trust.load(tx, anchors=[authority.root], intermediates=[authority.issuing], trial=True, last=last)


def test_a_change_is_read_and_nothing_else(
    crowded: World, made: list[MadeCounty], network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A renewed county costs the parsing of its own certificates; the others stay the same objects."""
    before = load(crowded)
    fresh = Maker(network.authority, now=START).county(made[7].code, sequence=2)
    with crowded.store.write() as tx:
        county.enrol(tx, fresh.card, chains=network.chains(), now=crowded.now)
    parsed: list[bytes] = []
    real = keys.certificate_from_der
    monkeypatch.setattr(keys, "certificate_from_der", lambda der: parsed.append(der) or real(der))
    after = load(crowded, before)
    assert sorted(parsed) == sorted([keys.der(fresh.signing), keys.der(fresh.encryption)])
    assert after.chains is before.chains
    assert all(after.signers[each] is before.signers[each] for each in before.signers)
    whole = load(crowded)
    assert (after.states, after.offers, after.statements) == (whole.states, whole.offers, whole.statements)
    assert set(after.signers) == set(whole.signers)


def test_a_withdrawn_offer_and_a_suspension_count_without_a_new_start(crowded: World, network: Network) -> None:
    """What is brought up to date is what a fresh look finds."""
    before = load(crowded)
    withdrawn, suspended = list(crowded.network.counties)[:2]
    with crowded.store.write() as tx:
        card = network.counties[withdrawn].card(network.item, offers=[])
        county.enrol(tx, card, chains=network.chains(), now=crowded.now)
        county.set_state(tx, suspended, "suspended")
    after, whole = load(crowded, before), load(crowded)
    assert (after.offers, after.states) == (whole.offers, whole.states)
    assert (withdrawn, network.item) not in after.offers
    assert after.states[suspended] == "suspended"


def test_revocation_counts_with_new_lists_only(crowded: World) -> None:
    """New lists are judged anew; without any, nothing of before is believed."""
    before = load(crowded)
    with crowded.store.write() as tx:
        tx.execute(tables.crls.update().values(current=False))
        trust.bump(tx)
    after = load(crowded, before)
    assert after.chains is not before.chains
    assert after.lists == []
    assert after.signers == before.signers


def test_a_change_of_one_county_costs_each_inbox_less_than_ten_kilobytes(
    crowded: World, made: list[MadeCounty], network: Network
) -> None:
    """Certificate, statement and offers anew: some 2 KB, however many counties there are; the bytes are kept once."""
    for number in range(2):
        with crowded.store.write() as tx:
            directory.publish_if_due(tx, network.issuer(), crowded.now)
        fresh = Maker(network.authority, now=START).county(made[7].code, sequence=2 + number)
        with crowded.store.write() as tx:
            county.enrol(tx, fresh.card, chains=network.chains(), now=crowded.now)
        with crowded.store.write() as tx:
            directory.publish_if_due(tx, network.issuer(), crowded.now)
    newest, before, first = crowded.rows(select(tables.directories).order_by(tables.directories.c.serial.desc()))
    for row in (newest, before):
        record = codec.decode(row.body, "Directory")
        assert [each["key"] for each in record["entries"]] == [f"county/{made[7].code}"]
        assert len(row.body) + len(row.signature) < 10_000
    assert codec.decode(first.body, "Directory")["parts"] == 0, "the first is too much for everybody's inbox"
    with crowded.store.read() as tx:
        parts = directory.answer(tx, network.issuer(), 0)
    assert sum(len(body) for body, _ in parts) > 60 * 1024


def test_a_message_is_admitted_as_before_with_a_crowd_around(crowded: World) -> None:
    """Nobody is in anybody's way."""
    case = Case(crowded)
    case.up_to("case.handed_over")
    assert set(crowded.verdicts(case.window).values()) | set(crowded.verdicts(case.issuing).values()) == {"admitted"}


def test_cards_of_a_folder_are_all_read_and_a_wrong_one_is_named(tmp_path: Path, made: list[MadeCounty]) -> None:
    """`hub county add FOLDER`: every `*.json`, in the order of names; the file that is wrong is said."""
    for each in made[:3]:
        (tmp_path / f"{each.code}.json").write_text(each.card_text, encoding="utf-8")
    cards = county.read_cards([tmp_path])
    assert [each.division_code for each in cards] == [each.code for each in made[:3]]
    (tmp_path / "zz.json").write_text("{}", encoding="utf-8")
    with pytest.raises(YunhuobanError, match=r"E-CONF-010") as caught:
        county.read_cards([tmp_path])
    assert "zz.json" in caught.value.place
    with pytest.raises(YunhuobanError, match=r"E-CONF-012"):
        county.read_cards([tmp_path / "none.json"])
    assert command.app.registered_commands


@pytest.fixture
def broker() -> StandInBroker:
    """A broker that has nothing."""
    return StandInBroker()


@pytest.fixture
def management(broker: StandInBroker) -> Iterator[Management]:
    """The client, speaking to it."""
    client = Management("http://broker", "user", "password", transport=httpx.MockTransport(broker))
    yield client
    client.close()


def calls_for(broker: StandInBroker, management: Management, some: Sequence[str]) -> list[tuple[str, str]]:
    """What providing for these counties asks of the broker."""
    broker.calls.clear()
    provision.admit(management, vhost="v", hub_user="hub", counties=some)
    return list(broker.calls)


def test_one_more_county_costs_the_same_calls_however_many_there_are(
    broker: StandInBroker, management: Management
) -> None:
    """And none of them lists everything; sixty at once cost less than sixty times one."""
    some = [code for code, _ in zip(codes(), range(MANY + 2), strict=False)]
    provision.provision(management, vhost="v", hub_user="hub", counties=[])
    first = calls_for(broker, management, some[:1])
    bulk = calls_for(broker, management, some[1:-1])
    last = calls_for(broker, management, some[-1:])
    assert len(first) == len(last) <= 18
    assert [path.replace(some[-1], "") for _, path in last] == [path.replace(some[0], "") for _, path in first]
    assert not {"/api/queues/v", "/api/bindings/v", "/api/users"} & {path for _, path in last}
    assert len(bulk) < 20
    assert {each["name"] for each in broker.parts["queues"]} >= set(topology.county_queues(some[30]))
    assert set(broker.users) == {"hub", *some}


def test_a_start_reads_and_writes_nothing_that_is_there(broker: StandInBroker, management: Management) -> None:
    """A handful of readings; a county whose permissions were changed by hand gets them back."""
    some = [code for code, _ in zip(codes(), range(MANY), strict=False)]
    provision.provision(management, vhost="v", hub_user="hub", counties=some)
    broker.calls.clear()
    provision.provision(management, vhost="v", hub_user="hub", counties=some)
    assert {method for method, _ in broker.calls} == {"GET"}
    assert len(broker.calls) < 13
    broker.plain[some[5]]["write"] = ".*"
    provision.provision(management, vhost="v", hub_user="hub", counties=some)
    assert broker.plain[some[5]]["write"] == "^(submit|express|parts)$"
    broker.users[some[5]]["tags"] = ["administrator"]
    provision.provision(management, vhost="v", hub_user="hub", counties=some)
    assert broker.users[some[5]]["tags"] == []


def test_somebody_who_may_do_something_and_is_no_county_is_an_error(
    broker: StandInBroker, management: Management
) -> None:
    """Made by hand, or a county that was revoked: E-BROKER-050 names it."""
    provision.provision(management, vhost="v", hub_user="hub", counties=[])
    broker.plain["stranger"] = {"user": "stranger", "vhost": "v", "configure": ".*", "write": ".*", "read": ".*"}
    with pytest.raises(YunhuobanError, match=r"E-BROKER-050") as caught:
        provision.provision(management, vhost="v", hub_user="hub", counties=[])
    assert "stranger" in caught.value.found


def test_the_overview_shows_what_matters_of_thousands() -> None:
    """Counties with which something is the matter, queues that are not empty; few rows are all shown, in their order.

    Nobody on call reads sixty lines that say that all is well, least of all on a telephone.
    """
    rows = [
        CountyRow(code=code, name=code, online=at not in (700, 900), since_at=None, held=at in (901, 902))
        for at, code in zip(range(1000), codes(), strict=False)
    ]
    assert [each.code for each in selection.counties(rows)] == [rows[at].code for at in (700, 900, 901, 902)]
    away = [replace(row, online=False) for row in rows]
    shown = selection.counties(away)
    assert len(shown) == selection.MOST_SHOWN
    assert {rows[901].code, rows[902].code} <= {each.code for each in shown}, "what cannot take messages comes first"
    few = rows[: selection.MOST_SHOWN]
    assert selection.counties(few) == few
    revoked = [replace(row, online=False, state="revoked") for row in rows]
    assert [each.held for each in selection.counties(revoked)] == [True, True]
    queues = [
        QueueRow(name=f"county.{code}.inbox", county=code, ready=int(at == 700), unacknowledged=0, consumers=0,
                 oldest_age_seconds=None)
        for at, code in zip(range(1000), codes(), strict=False)
    ]  # fmt: skip
    own = QueueRow(name="unrouted", county=None, ready=0, unacknowledged=0, consumers=0, oldest_age_seconds=None)
    found = selection.queues([*queues, own])
    assert [each.name for each in found] == [queues[700].name, "unrouted"]
    full = [replace(each, ready=1, oldest_age_seconds=float(at)) for at, each in enumerate(queues)]
    found = selection.queues([*full, own])
    assert len(found) == selection.MOST_SHOWN + 1
    assert {"unrouted", full[-1].name} <= {each.name for each in found}, "the oldest"
    assert selection.queues([*queues[:20], own]) == [*queues[:20], own]


def test_a_broker_that_has_no_room_is_left_as_it_is(broker: StandInBroker, management: Management) -> None:
    """At its limit of file handles a broker lets every new connection wait for ever: then nobody could join or send.

    Every county in the country finds room in what the hub's own node asks for.
    """
    some = [code for code, _ in zip(codes(), range(MANY), strict=False)]
    broker.file_handles = 200 + 13 * (MANY - 1)
    with pytest.raises(YunhuobanError) as refused:
        provision.provision(management, vhost="v", hub_user="hub", counties=some)
    assert refused.value.code is handles.TOO_FEW_HANDLES
    assert not any(each["name"].startswith("county.") for each in broker.parts["queues"])
    broker.file_handles += 13
    provision.provision(management, vhost="v", hub_user="hub", counties=some)
    assert handles.room(MOST_OPEN_FILES - 200) >= 2_843
