"""Changes of the directory: whatever way they come, a county holds what the hub holds, or asks for what it lacks."""

import tempfile
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count, pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert, select, update

from adapters.directory import asking, directories
from adapters.directory.directories import DIRECTORY_OLD, DIRECTORY_UNSOUND, ENTRY_UNSOUND
from adapters.link.connection import SendOutcome, Submission
from adapters.store import Store, open_store, tables
from certs import keys, signing
from certs.profiles import Role
from schemas import codec, topology
from schemas import directory as form
from schemas.errors import YunhuobanError
from tests.county_records import START
from tests.county_world import FOREIGN, ISSUING, WINDOW, Hub, Network, World, entries_of, issue
from tests.sampling import examples

Record = tuple[bytes, str]


def base(network: Network) -> dict[str, bytes]:
    """What every state holds: the hub's certificates and the lists."""
    hub = Hub(network)
    return entries_of(
        counties=[hub.county(code, now=START) for code in (WINDOW, ISSUING)],
        offers=[],
        transport_certificates=[keys.der(network.transport.issuing)],
        crls=network.crls,
        hub_certificates=[keys.der(network.log.certificate), keys.der(network.grants.certificate)],
        seal_certificates=[],
        seal_crls=[],
    )


def offer(number: int, name: str) -> tuple[str, bytes]:
    """An entry that may come, change and go."""
    item = f"11130928MB00000005400013112700{number}"
    record = {"county": ISSUING, "service_item": item, "name": name, "greatest_state_age_seconds": 1}
    return form.offer_key(ISSUING, item), codec.encode("Offer", record)


@dataclass
class Told:
    """A hub that only publishes, with every state it ever had, and one county's store."""

    network: Network
    store: Store
    hub: Hub = field(init=False)
    states: list[dict[str, bytes]] = field(default_factory=lambda: [{}])
    now: datetime = START

    def __post_init__(self) -> None:
        """Serial 1 is the base."""
        self.hub = Hub(self.network)
        self.publish(base(self.network))

    def publish(self, state: dict[str, bytes]) -> Record:
        """The next serial, a second later, as everybody's inbox gets it."""
        self.now += timedelta(seconds=1)
        before = self.states[-1]
        self.states.append(state)
        self.hub.serial = len(self.states) - 1
        return self.hub.published(state, now=self.now, since=before, since_=len(self.states) - 2)

    def answer(self, since: int, parts: int = 1) -> list[Record]:
        """What leads from one serial to the newest, in parts."""
        state, before = self.states[-1], self.states[since]
        fresh = [{"key": key, "value": value} for key, value in state.items() if before.get(key) != value]
        cut = [fresh[at::parts] for at in range(parts)]
        removed = sorted(before.keys() - state.keys())
        return [
            self.hub.published(
                state, now=self.now, since_=since, part=at + 1, parts=parts, entries=part,
                removed=removed if at == 0 else [],
            )
            for at, part in enumerate(cut)
        ]  # fmt: skip

    def take(self, record: Record) -> str:
        """The county is given a record."""
        with self.store.write() as tx:
            anchors = self.network.identities[WINDOW].anchors
            return directories.accept(tx, *record, anchors=anchors, trial=True, now=self.now)

    def held(self) -> tuple[int, dict[str, bytes]]:
        """Serial and entries that the county holds."""
        with self.store.read() as tx:
            serial = tx.execute(select(tables.directories.c.serial)).scalar() or 0
            table = tables.directory_entries.c
            return serial, {row.key: row.value for row in tx.execute(select(table.key, table.value))}

    def wanted(self) -> int | None:
        """After which serial the county will ask."""
        with self.store.read() as tx:
            return asking.due(tx, self.now + timedelta(seconds=5))


@pytest.fixture
def told(county_network: Network, tmp_path: Path):
    """A county that holds nothing yet."""
    store = open_store(f"sqlite:///{tmp_path / 'county.sqlite'}")
    yield Told(county_network, store)
    store.close()


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store without anything, to be copied."""
    path = tmp_path_factory.mktemp("empty") / "county.sqlite"
    open_store(f"sqlite:///{path}").close()
    return path


CHANGES = st.lists(
    st.one_of(
        st.tuples(st.just("set"), st.integers(0, 4), st.sampled_from("abc")),
        st.tuples(st.just("drop"), st.integers(0, 4), st.just("")),
        st.tuples(st.just("renew"), st.just(0), st.just("")),
    ),
    min_size=1,
    max_size=6,
)


@given(changes=CHANGES, deliveries=st.lists(st.integers(0, 20), max_size=12), parts=st.integers(1, 3), data=st.data())
@settings(max_examples=examples(40, 12), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_county_holds_what_the_hub_holds_or_asks(
    county_network: Network, empty: Path, changes: list[Any], deliveries: list[int], parts: int, data: st.DataObject
) -> None:
    """Records lost, doubled, late, in any order: never a state the hub never had, and after one question the newest."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "county.sqlite"
        path.write_bytes(empty.read_bytes())
        store = open_store(f"sqlite:///{path}")
        told = Told(county_network, store)
        records = [told.answer(0)[0]]
        for what, number, name in changes:
            state = dict(told.states[-1])
            if what == "set":
                state |= [offer(number, name)]
            elif what == "drop":
                state.pop(offer(number, "")[0], None)
            records.append(told.publish(state))
        last = 0
        for at in deliveries:
            told.take(records[at % len(records)])
            serial, entries = told.held()
            assert serial >= last
            assert entries == told.states[serial]
            last = serial
        told.take(records[-1])
        serial, entries = told.held()
        if serial != len(told.states) - 1:
            since = told.wanted()
            assert since == serial, "a county that is behind asks for what it lacks"
            for record in data.draw(st.permutations(told.answer(since, parts))):
                told.take(record)
            serial, entries = told.held()
        assert (serial, entries) == (len(told.states) - 1, told.states[-1])
        assert told.wanted() is None
        store.close()


def test_a_gap_is_asked_for_and_closed_by_the_answer(told: Told) -> None:
    """What was lost between is not made up."""
    told.take(told.answer(0)[0])
    told.publish(told.states[-1] | dict([offer(1, "a")]))
    after = told.publish(told.states[-1] | dict([offer(2, "b")]))
    assert told.take(after) == "lacking"
    assert (told.held()[0], told.wanted()) == (1, 1)
    assert told.take(told.answer(1)[0]) == "applied"
    assert (told.held(), told.wanted()) == ((3, told.states[3]), None)


def test_a_copy_that_went_wrong_is_noticed_and_replaced(told: Told) -> None:
    """The change leads on from our serial, but not to the digest: our own copy is wrong, and the whole is asked for."""
    told.take(told.answer(0)[0])
    with told.store.write() as tx:
        tx.execute(delete(tables.directory_entries).where(tables.directory_entries.c.key == form.county_key(ISSUING)))
    assert told.take(told.publish(told.states[-1] | dict([offer(1, "a")]))) == "lacking"
    assert told.wanted() == 0
    assert told.take(told.answer(0)[0]) == "applied"
    assert told.held() == (2, told.states[2])


def test_a_record_signed_by_a_certificate_that_was_missed_is_asked_for_and_not_believed(told: Told) -> None:
    """The hub's certificate was renewed in a record that was lost: nobody is alarmed, and nothing is taken."""
    told.take(told.answer(0)[0])
    strange = issue(told.network.transport, Role.HUB_SIGNING, "hub")
    der = keys.der(strange.certificate)
    told.publish(told.states[-1] | {form.digest_key(form.HUB_CERTIFICATE, der): der})
    told.publish(dict(told.states[-1]))
    record = told.hub.published(
        told.states[-1], now=told.now, signer=strange, since=told.states[-2], since_=2, entries=[]
    )
    assert told.take(record) == "lacking"
    assert (told.held()[0], told.wanted()) == (1, 1)
    assert told.take(told.answer(1)[0]) == "applied"


def test_a_renewal_needs_no_gap_closed(told: Told) -> None:
    """Whoever holds the same entries is up to date, whichever serials it missed between."""
    told.take(told.answer(0)[0])
    told.publish(dict(told.states[-1]))
    renewal = told.publish(dict(told.states[-1]))
    assert told.take(renewal) == "applied"
    assert (told.held()[0], told.wanted()) == (3, None)
    assert len(renewal[0]) < 250


def test_parts_count_only_when_all_are_there(told: Told) -> None:
    """In any order, twice; parts of an older directory are forgotten."""
    old = told.answer(0, 3)
    assert [told.take(each) for each in (old[2], old[0], old[0])] == ["part"] * 3
    told.publish(told.states[-1] | dict([offer(1, "a")]))
    new = told.answer(0, 3)
    assert [told.take(each) for each in (new[1], old[1], new[2])] == ["part"] * 3
    assert told.held()[0] == 0
    assert told.take(new[0]) == "applied"
    assert told.held() == (2, told.states[2])
    with told.store.read() as tx:
        assert tx.execute(select(tables.directory_parts)).all() == []


def test_every_part_must_be_the_hubs(told: Told) -> None:
    """One part with another's signature, and none of it counts."""
    parts = told.answer(0, 2)
    told.take(parts[0])
    with pytest.raises(YunhuobanError) as caught:
        told.take((parts[1][0], parts[0][1]))
    assert caught.value.code is signing.SIGNATURE_INVALID
    assert told.held() == (0, {})


def test_a_hub_that_was_set_back_is_noticed_and_a_late_record_is_not_taken_for_one(told: Told) -> None:
    """An older serial never counts; one that was made after ours is told to people."""
    told.take(told.answer(0)[0])
    late = told.answer(0)[0]
    told.take(told.publish(dict(told.states[-1])))
    assert told.take(late) == "known"
    told.now += timedelta(minutes=1)
    told.hub.serial = 1
    with pytest.raises(YunhuobanError) as caught:
        told.take(told.hub.published(told.states[1], now=told.now))
    assert caught.value.code is DIRECTORY_OLD
    assert told.held()[0] == 2


def test_what_a_later_contract_adds_beside_is_kept_unread(told: Told) -> None:
    """An entry of a kind that we do not know costs us nothing of the others, changes and goes like them."""
    told.take(told.answer(0)[0])
    rest = told.states[-1]
    for beside in ({"weather/today": b"rain"}, {"weather/today": b"sun"}, {}):
        assert told.take(told.publish(rest | beside)) == "applied"
        assert told.held()[1] == rest | beside


@pytest.mark.parametrize("what", ["digest", "other key", "no record", "part of none"])
def test_a_complete_one_that_does_not_hold_together_is_refused(told: Told, what: str) -> None:
    """The hub's own mistakes do not become ours."""
    state = base(told.network)
    changes: dict[str, Any] = {}
    match what:
        case "digest":
            changes, expected = {"state_sha256": bytes(32)}, DIRECTORY_UNSOUND
        case "other key":
            state[form.county_key(FOREIGN)], expected = state[form.county_key(ISSUING)], ENTRY_UNSOUND
        case "no record":
            state[form.county_key(FOREIGN)], expected = b"rain", codec.UNKNOWN_RECORD
        case _:
            changes, expected = {"part": 3, "parts": 2}, DIRECTORY_UNSOUND
    with pytest.raises(YunhuobanError) as caught:
        told.take(told.hub.published(state, now=told.now, **changes))
    assert caught.value.code is expected
    assert told.held() == (0, {})


def test_a_kind_of_entry_that_a_newer_hub_knows_is_kept_and_counts_for_nothing(told: Told) -> None:
    """A county that is not up to date yet is not cut off by what it cannot read."""
    told.take(told.answer(0)[0])
    newer = told.states[-1] | {"weather/today": b"rain"}
    assert told.take(told.publish(newer)) == "applied"
    assert told.held() == (2, newer)


def test_what_was_read_of_a_county_is_kept_while_its_entry_is_the_same(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A change of one county costs the reading of one county, and the others' statements are not verified again."""
    county, hub, now = world.window, world.hub, world.now
    before = county.view()
    for code in (WINDOW, ISSUING, FOREIGN):
        before.members[code]
    entries = dict(before.entries)
    changed = hub.county(FOREIGN, now=now, name="改名县")
    entries[form.county_key(FOREIGN)] = codec.encode("CountyEntry", changed)
    hub.serial = before.serial + 1
    county.arrive_directory(*hub.published(entries, now=now, since=before.entries))
    verified: list[str] = []
    real = signing.verify

    def verify(token: str, body: bytes, **named: Any) -> None:
        verified.append(named["typ"])
        real(token, body, **named)

    monkeypatch.setattr(signing, "verify", verify)
    county.handle()
    after = county.view()
    assert after.serial == before.serial + 1
    assert after.members[FOREIGN].name == "改名县"
    assert after.members[ISSUING] is before.members[ISSUING]
    assert after.chains is before.chains
    assert verified.count(signing.Typ.KEYS) == 1
    assert county.rows(select(tables.inbox.c.body).where(tables.inbox.c.type == "directory.published")) == [(b"",)]


class Wire:
    """In the place of the link."""

    def __init__(self) -> None:
        """Everything is confirmed until a test says otherwise."""
        self.sent: list[Submission] = []
        self.outcome = SendOutcome.CONFIRMED

    def send(self, submission: Submission) -> SendOutcome:
        """Remember it."""
        self.sent.append(submission)
        return self.outcome


def test_the_question_is_asked_again_with_growing_pauses_until_it_is_answered(told: Told) -> None:
    """From the start on, when there is nothing at all; and never twice within a pause."""
    wire: Any = Wire()
    asker = asking.DirectoryAsker(store=told.store, link=wire, county=WINDOW, clock=lambda: told.now)
    times = []
    for _ in count():
        times += [told.now] if asker.run_once() else []
        told.now += timedelta(seconds=1)
        if len(times) == 4:
            break
    pauses = [(after - before).total_seconds() for before, after in pairwise(times)]
    assert pauses == [5, 10, 20]
    submission = wire.sent[0]
    assert (submission.exchange, submission.routing_key) == (topology.SUBMIT, f"from.{WINDOW}.directory")
    assert codec.decode(submission.body, "DirectoryRequest") == {"division_code": WINDOW, "serial": 0}
    told.take(told.answer(0)[0])
    assert asker.run_once() == 0
    told.now += timedelta(hours=27)
    assert asker.run_once() == 1, "the daily renewal did not come"
    assert codec.decode(wire.sent[-1].body, "DirectoryRequest")["serial"] == 1


def test_a_question_that_was_not_taken_stays_due(told: Told) -> None:
    """No link, no question asked."""
    wire: Any = Wire()
    wire.outcome = SendOutcome.FULL
    asker = asking.DirectoryAsker(store=told.store, link=wire, county=WINDOW, clock=lambda: told.now)
    assert asker.run_once() == 0
    assert told.wanted() == 0
    with told.store.write() as tx:
        tx.execute(insert(tables.directory_asking).values(id=1, since=0, tries=3, next_try_at=0))
        tx.execute(update(tables.directory_asking).values(since=0))
    assert told.wanted() == 0
