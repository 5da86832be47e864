"""The directory: its serial rises with trust, every inbox gets what changed, and whoever lacks something asks."""

import hashlib
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update

from certs import keys, signing
from hub.outflow.delivery import Delivery
from hub.registry import county, directory, trust
from hub.registry.directorypost import ANSWER_BYTES_PER_SECOND, DirectoryPost
from hub.store import tables
from schemas import codec, topology
from schemas import directory as form
from schemas.messages import DIRECTORY_REQUESTED
from tests.hub_world import FOREIGN, ISSUING, WINDOW, Case, Network, ScriptedLink, World, make_county


@dataclass(kw_only=True)
class Post:
    """The keeper's part that concerns directories, over a scripted link, with a clock of its own for pauses."""

    world: World
    seconds: float = 0.0
    asked: ScriptedLink = field(default_factory=ScriptedLink)
    post: DirectoryPost = field(init=False)

    def __post_init__(self) -> None:
        """As after a start."""
        world = self.world
        self.post = DirectoryPost(
            store=world.store,
            delivery=Delivery(world.link, world.store, confirm_seconds=1.0),
            requests=self.asked,
            issuer=world.network.issuer(),
            monotonic=lambda: self.seconds,
        )

    def run(self) -> None:
        """Until there is nothing more to do now."""
        while self.post.run_once(self.world.now):
            pass

    def ask(self, code: str, serial: int, **changes: Any) -> None:
        """A county says what it holds."""
        body = codec.encode("DirectoryRequest", {"division_code": code, "serial": serial})
        like = Case(self.world).application().delivery()
        values = {"body": body, "user_id": code, "type": DIRECTORY_REQUESTED, "queue": topology.DIRECTORY_REQUESTS}
        self.asked.incoming.append(replace(like, **(values | changes)))

    def inbox(self, code: str) -> list[dict[str, Any]]:
        """The records that lie in a county's inbox."""
        return [codec.decode(each.body, "Directory") for each in self.world.link.queue(topology.county_inbox(code))]


@pytest.fixture
def post(world: World) -> Post:
    """The post over the test's hub."""
    return Post(world=world)


def state(world: World) -> dict[str, bytes]:
    """What the hub's directory holds."""
    table = tables.directory_entries.c
    rows = world.rows(select(table.key, table.value).where(table.removed.is_(False)))
    return {row.key: row.value for row in rows}


def digest(entries: dict[str, bytes]) -> bytes:
    """Of a whole directory."""
    return form.state_digest({key: form.value_digest(value) for key, value in entries.items()})


def serial(world: World) -> int:
    """Of the newest directory."""
    with world.store.read() as tx:
        return int(directory.newest(tx).serial)


def test_serial_rises_with_trust_and_with_nothing_else(world: World, post: Post):
    """Messages, grants and repeated looks publish nothing; a suspension does."""
    post.run()
    first = serial(world)
    post.run()
    Case(world).up_to("case.handed_over")
    post.run()
    assert serial(world) == first
    with world.store.write() as tx:
        county.set_state(tx, FOREIGN, "suspended")
    post.run()
    assert serial(world) > first


@pytest.mark.both_stores
def test_it_is_signed_and_says_everything(world: World, post: Post):
    """Counties with their certificates and statements, offers, lists; the digest is that of what it says."""
    with world.store.write() as tx:
        county.set_state(tx, FOREIGN, "suspended")
    post.run()
    (row,) = world.rows(select(tables.directories))
    certificate = world.network.grants.certificate
    signing.verify(row.signature, row.body, certificate=certificate, typ=signing.Typ.DIRECTORY)
    record = codec.decode(row.body, "Directory")
    said = {each["key"]: each["value"] for each in record["entries"]}
    assert (record["since"], record["part"], record["parts"]) == (0, 1, 1)
    assert record["state_sha256"] == digest(said) == row.state_sha256
    found = [codec.decode(value, "CountyEntry") for key, value in said.items() if form.kind_of(key) == form.COUNTY]
    assert {each["division_code"]: each["state"] for each in found} == {
        WINDOW: "active", ISSUING: "active", FOREIGN: "suspended",
    }  # fmt: skip
    assert all(each["signing_certificates"] and each["key_statement"] for each in found)
    kinds = [form.kind_of(key) for key in said]
    assert (kinds.count(form.OFFER), kinds.count(form.REVOCATION_LIST), kinds.count(form.HUB_CERTIFICATE)) == (3, 2, 2)


def test_every_active_county_gets_it_and_a_suspended_one_does_not(world: World, post: Post):
    """Once each, however often the keeper looks; nothing is kept per county but the serial it was told."""
    with world.store.write() as tx:
        county.set_state(tx, FOREIGN, "suspended")
    post.run()
    post.run()
    assert [len(post.inbox(code)) for code in (WINDOW, ISSUING, FOREIGN)] == [1, 1, 0]
    assert world.rows(select(func.count()).select_from(tables.outgoing)) == [(0,)]
    with world.store.write() as tx:
        county.set_state(tx, FOREIGN, "active")
    post.run()
    assert [len(post.inbox(code)) for code in (WINDOW, ISSUING, FOREIGN)] == [2, 2, 1]


def test_what_follows_holds_only_what_changed(world: World, post: Post, network: Network):
    """One county's new certificate is one entry; the serial it leads on from is stated."""
    post.run()
    before = serial(world)
    fresh = make_county(network.authority, WINDOW)
    fresh.sequence = 2
    with world.store.write() as tx:
        county.enrol(tx, fresh.card(network.item), chains=network.chains(), now=world.now)
    post.run()
    record = post.inbox(ISSUING)[-1]
    assert (record["since"], [each["key"] for each in record["entries"]]) == (before, [form.county_key(WINDOW)])
    assert record["state_sha256"] == digest(state(world))
    with world.store.write() as tx:
        county.enrol(tx, fresh.card(network.item, offers=[]), chains=network.chains(), now=world.now)
    post.run()
    record = post.inbox(ISSUING)[-1]
    assert record["removed"] == [form.offer_key(WINDOW, network.item)]
    assert record["state_sha256"] == digest(state(world))


def test_it_is_renewed_long_before_it_ends_and_a_renewal_says_nothing_else(world: World, post: Post):
    """Nobody can encrypt by an expired one: it is renewed daily, so that the hub may be away for six days."""
    post.run()
    first = serial(world)
    world.later(hours=23)
    post.run()
    assert serial(world) == first
    world.later(hours=2)
    post.run()
    record = post.inbox(WINDOW)[-1]
    assert record["serial"] == serial(world) > first
    assert record["expires_at"] == world.now + timedelta(days=7)
    assert (record["entries"], record["removed"]) == ([], [])
    (row,) = world.rows(select(tables.directories).order_by(tables.directories.c.serial.desc()).limit(1))
    assert len(row.body) + len(row.signature) < 400


def test_a_county_that_could_not_be_reached_gets_each_serial_in_order(world: World, post: Post):
    """What is not confirmed is sent again, and nothing that came between is left out."""
    post.run()
    from hub.broker import Outcome

    reachable = {WINDOW, FOREIGN}
    world.link.outcome = lambda each: (
        Outcome.CONFIRMED if each.routing_key.split(".")[1] in reachable else Outcome.CLOSED
    )
    for _ in range(3):
        with world.store.write() as tx:
            trust.bump(tx)
        post.run()
    assert [len(post.inbox(code)) for code in (WINDOW, ISSUING)] == [4, 1]
    world.link.outcome = lambda _: Outcome.CONFIRMED
    post.run()
    assert [each["serial"] for each in post.inbox(ISSUING)] == [each["serial"] for each in post.inbox(WINDOW)]


def test_those_who_cannot_be_told_keep_nobody_waiting(world: World, post: Post, monkeypatch: pytest.MonkeyPatch):
    """One at a time and the first of them unreachable: the others are told, and it is tried again."""
    from hub.broker import Outcome
    from hub.registry import directorypost

    monkeypatch.setattr(directorypost, "_INBOXES_AT_ONCE", 1)
    first, *others = sorted((WINDOW, ISSUING, FOREIGN))
    world.link.outcome = lambda each: Outcome.CLOSED if first in each.routing_key else Outcome.CONFIRMED
    for _ in range(6):
        post.post.run_once(world.now)
    assert [len(post.inbox(code)) for code in (first, *others)] == [0, 1, 1]
    world.link.outcome = lambda _: Outcome.CONFIRMED
    post.run()
    post.run()
    assert [len(post.inbox(code)) for code in (first, *others)] == [1, 1, 1]


def test_a_big_change_is_announced_and_sent_to_whoever_asks(world: World, post: Post, monkeypatch: pytest.MonkeyPatch):
    """There are as many inboxes as counties: megabytes go only where they are wanted."""
    monkeypatch.setattr(directory, "PUSHED_BYTES", 100)
    monkeypatch.setattr(form, "PART_BYTES", 1500)
    post.run()
    (announced,) = post.inbox(WINDOW)
    assert (announced["part"], announced["parts"], announced["entries"]) == (0, 0, [])
    post.ask(WINDOW, 0)
    post.run()
    parts = post.inbox(WINDOW)[1:]
    assert [each["part"] for each in parts] == list(range(1, parts[0]["parts"] + 1))
    assert len(parts) > 3
    assert {each["key"]: each["value"] for one in parts for each in one["entries"]} == state(world)
    assert {each["state_sha256"] for each in parts} == {announced["state_sha256"]} == {digest(state(world))}
    assert len(post.inbox(ISSUING)) == 1


def test_whoever_is_behind_gets_what_came_since(world: World, post: Post):
    """Not the whole; and nothing when nothing is lacking."""
    post.run()
    held = serial(world)
    with world.store.write() as tx:
        county.set_state(tx, FOREIGN, "suspended")
    post.run()
    post.ask(WINDOW, held)
    post.run()
    answer = post.inbox(WINDOW)[-1]
    assert (answer["since"], [each["key"] for each in answer["entries"]]) == (held, [form.county_key(FOREIGN)])
    post.seconds += 60
    count = len(post.inbox(WINDOW))
    post.ask(WINDOW, serial(world))
    post.run()
    assert len(post.inbox(WINDOW)) == count


def test_asking_without_end_costs_a_bounded_rate_and_nobody_else(world: World, post: Post):
    """One answer at a time to a county, spaced by its size; the others are answered meanwhile."""
    post.run()
    count = len(post.inbox(WINDOW))
    for _ in range(50):
        post.ask(WINDOW, 0)
        post.run()
    assert len(post.inbox(WINDOW)) == count + 1
    post.ask(ISSUING, 0)
    post.run()
    assert len(post.inbox(ISSUING)) == count + 1
    size = len(world.link.queue(topology.county_inbox(WINDOW))[-1].body)
    post.seconds += max(2.0, size / ANSWER_BYTES_PER_SECOND)
    post.run()
    assert len(post.inbox(WINDOW)) == count + 2, "the last question is not forgotten"
    assert len(post.asked.acked) == 51


def test_a_held_county_is_answered_when_it_is_open_again(world: World, post: Post):
    """Answers must not fill the hold queue of one that takes nothing."""
    post.run()
    from hub.outflow.delivery import mark_held, release

    with world.store.write() as tx:
        mark_held(tx, WINDOW, "inbox_full")
    post.ask(WINDOW, 0)
    count = len(world.link.published)
    post.run()
    assert len(world.link.published) == count
    with world.store.write() as tx:
        release(tx, WINDOW)
    post.run()
    assert len(world.link.published) == count + 1


@pytest.mark.parametrize("how", ["not enrolled", "no user", "other county", "no record", "other type", "negative"])
def test_what_is_no_question_of_an_active_county_is_dropped(world: World, post: Post, how: str):
    """The broker's word for who asks counts, and nothing that was asked stays in the queue."""
    post.run()
    count = len(world.link.published)
    match how:
        case "not enrolled":
            post.ask("999999", 0)
        case "no user":
            post.ask(WINDOW, 0, user_id=None)
        case "other county":
            post.ask(WINDOW, 0, user_id=ISSUING)
        case "no record":
            post.ask(WINDOW, 0, body=b"\xc3\x01")
        case "other type":
            post.ask(WINDOW, 0, type="application.submitted")
        case _:
            post.ask(WINDOW, -1)
    post.run()
    assert len(world.link.published) == count
    assert len(post.asked.acked) == 1


def test_certificates_of_the_hub_that_were_replaced_are_still_found(world: World, post: Post):
    """Old signatures are checked with old certificates, which stay with the entries."""
    post.run()
    old = keys.der(world.network.log.certificate)
    key = form.digest_key(form.HUB_CERTIFICATE, old)
    with world.store.write() as tx:
        tx.execute(update(tables.directory_entries).where(tables.directory_entries.c.key == key).values(removed=True))
    assert key.endswith(hashlib.sha256(old).hexdigest())
    from hub.evidence import hubcertificates

    class NoKeys:
        """Keys of a hub that was renewed."""

        checkpoint = grants = world.network.grants
        directory = replace(world.network.issuer(), hub_certificates=[])

    with world.store.read() as tx:
        assert hubcertificates.find(tx, NoKeys, keys.thumbprint(world.network.log.certificate)) == old  # type: ignore[arg-type]
        assert hubcertificates.find(tx, NoKeys, bytes(32)) is None  # type: ignore[arg-type]
