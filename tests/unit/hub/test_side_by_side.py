"""Two hub processes at once on PostgreSQL, at the moments where SQLite would have made one of them wait.

Each test holds a lock until both are known to stand where they would collide, then lets go. They fail without the
locks and the fences of `hub.store.writing`: what one has decided, the other must see, whoever was first.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, event, func, select, text, update

from certs import invitation, keys, signing
from hub import calendars, county, deadletters, directory, refusals, trust
from hub.bootstrap import Keys
from hub.delivery import held_counties, mark_held
from hub.evidence.journalcheck import check_journal
from hub.instants import to_millis
from hub.joining import approving, invitations, requests
from hub.poison import SoloAttempts
from hub.renewing.counties import posted
from hub.store import STORE_CONFLICT, STORE_FAILED, Store, open_store, tables
from hub.store.engine import MOST_REDOS, STORE_REFUSED
from schemas import codec, releases, topology
from schemas.errors import YunhuobanError
from schemas.joining.files import ROLES, Request, Sealed
from schemas.renewing.files import RenewalRequest, SignedRequest
from schemas.workdays.override import COUNTRY, DayRule, Override
from tests.databases import Served
from tests.hub_world import ISSUING, WINDOW, Case, Message, Network, ScriptedLink, World
from tests.postgres import PostgresNode

Work = Callable[[], Any]
PATIENCE_SECONDS = 30.0


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory, postgres: PostgresNode) -> Network:
    """A network whose hubs are on PostgreSQL, always: on SQLite there is nothing to see."""
    return Network.make(tmp_path_factory.mktemp("network"), Served(postgres))


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    """Threads for the others."""
    with ThreadPoolExecutor(8) as made:
        yield made


def until_waiting(world: World, count: int) -> None:
    """Wait until this many transactions of this hub wait for another's lock."""
    waits = text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    deadline = time.monotonic() + PATIENCE_SECONDS
    while world.rows(waits)[0][0] < count:
        assert time.monotonic() < deadline, "nobody waits"
        time.sleep(0.01)


@contextmanager
def held(world: World, statement: Any) -> Iterator[Connection]:
    """Hold the rows of a statement until the block ends."""
    with world.store.write() as tx:
        tx.execute(statement.with_for_update()).all()
        yield tx


def the_head() -> Any:
    """Where every batch comes to at its end."""
    return select(tables.head)


def at_once(world: World, pool: ThreadPoolExecutor, *works: Work, hold: Any = None) -> list[Any]:
    """Start all while a lock is held, let go when each of them waits, and return what they return."""
    with held(world, the_head() if hold is None else hold):
        futures: list[Future[Any]] = [pool.submit(work) for work in works]
        until_waiting(world, len(works))
    return [each.result(PATIENCE_SECONDS) for each in futures]


def worker(world: World, *messages: Message) -> tuple[ScriptedLink, Work]:
    """A worker of its own with these messages in its hands."""
    link = ScriptedLink()
    link.incoming = [each.delivery() for each in messages]
    pipeline = world.worker(link)
    return link, lambda: pipeline.run_once(0.0)


def begun(world: World) -> None:
    """The journal has its first leaf, so that there is a head row to hold."""
    world.send(Case(world).application())


def leaves(world: World) -> list[str]:
    """Message ids in the journal's order."""
    journal = tables.journal
    return [row.message_id for row in world.rows(select(journal.c.message_id).order_by(journal.c.leaf_index))]


def assert_whole(world: World, hub_keys: Keys) -> None:
    """The journal is what its checkpoints say, and every message in it is stored as it was judged."""
    with world.store.read() as tx:
        assert [str(each) for each in check_journal(tx, keys=hub_keys, trial=True)] == []


@pytest.fixture
def hub_keys(network: Network) -> Keys:
    """The hub's keys as its folder would give them."""
    return Keys(
        anchors=[network.authority.root], issuing=[network.authority.issuing], checkpoint=network.log,
        grants=network.grants, directory=network.issuer(),
    )  # fmt: skip


def test_one_message_handed_to_two_workers_is_admitted_once(world: World, pool: ThreadPoolExecutor, hub_keys: Keys):
    """While a shard is handed over, both have it: one leaf, one case, and both may acknowledge."""
    begun(world)
    message = Case(world).application()
    (one, work_one), (other, work_other) = worker(world, message), worker(world, message)
    at_once(world, pool, work_one, work_other)
    assert leaves(world)[1:] == [message.envelope.id]
    assert (len(one.acked), len(other.acked)) == (1, 1)
    receipts = [each for link in (one, other) for each in link.published if each.type == "admission.receipt"]
    entries = [codec.decode(each.body, "AdmissionReceipt")["entries"][0]["leaf_index"] for each in receipts]
    assert entries == [1, 1], "both told the sender of the same leaf"
    assert_whole(world, hub_keys)


def test_two_workers_open_one_case_number(world: World, pool: ThreadPoolExecutor, hub_keys: Keys):
    """Two different openings of one number: one is admitted, the other is refused for it."""
    begun(world)
    case = Case(world)
    first, second = case.application(chain=False), case.application(chain=False)
    (one, work_one), (other, work_other) = worker(world, first), worker(world, second)
    at_once(world, pool, work_one, work_other)
    verdicts = world.rows(select(tables.messages.c.verdict).where(tables.messages.c.case_no == case.case_no))
    assert sorted(each.verdict for each in verdicts) == sorted(["admitted", refusals.CASE_EXISTS.code])
    assert len(one.acked + other.acked) == 2
    assert_whole(world, hub_keys)


def test_a_parked_message_is_settled_by_one_of_two_workers(world: World, pool: ThreadPoolExecutor, hub_keys: Keys):
    """Its case is not known yet, so there is no row to lock: it must not be refused twice."""
    begun(world)
    case = Case(world)
    case.application()  # never sent
    late = case.acceptance()
    world.send(late)
    world.later(hours=2)
    workers = [world.worker(ScriptedLink()) for _ in range(2)]
    settled = at_once(world, pool, *[lambda each=each: each.refuse_overdue(3600) for each in workers])
    assert sorted(settled) == [0, 1]
    assert leaves(world).count(late.envelope.id) == 1
    assert_whole(world, hub_keys)


def test_the_first_leaf_of_all_is_written_by_two_workers(world: World, pool: ThreadPoolExecutor, hub_keys: Keys):
    """Both find no head row; there is one journal all the same."""
    messages = [Case(world).application() for _ in range(2)]
    hands = [worker(world, each) for each in messages]
    hold = select(tables.counters)  # nobody waits for it: both run free
    with held(world, hold):
        for future in [pool.submit(work) for _, work in hands]:
            future.result(PATIENCE_SECONDS)
    assert sorted(leaves(world)) == sorted(each.envelope.id for each in messages)
    assert [len(link.acked) for link, _ in hands] == [1, 1]
    assert_whole(world, hub_keys)


def test_the_head_row_is_made_once(world: World, pool: ThreadPoolExecutor, hub_keys: Keys):
    """The one who comes second while the first row is being made waits for it, and goes on from there."""
    message, later = Case(world).application(), Case(world).application()
    _, work = worker(world, message)
    with world.store.write() as tx:
        tx.execute(text("LOCK TABLE checkpoints IN EXCLUSIVE MODE"))  # the first stops after it has made the row
        first = pool.submit(work)
        until_waiting(world, 1)
        second = pool.submit(worker(world, later)[1])
        until_waiting(world, 2)
    first.result(PATIENCE_SECONDS), second.result(PATIENCE_SECONDS)
    assert leaves(world) == [message.envelope.id, later.envelope.id]
    assert_whole(world, hub_keys)


def grants(links: Sequence[ScriptedLink]) -> list[str]:
    """The codes of all answers to claims; a grant's is empty."""
    said = [each for link in links for each in link.published if each.type == "print.granted"]
    return sorted(codec.decode(each.body, "Grant")["code"] for each in said)


def test_two_stations_claim_at_once(world: World, pool: ThreadPoolExecutor):
    """One of them prints."""
    case = Case(world)
    case.up_to("print.authorised")
    claims = [case.claim(claim_id=f"claim-{i}", station=f"station-{i}", chain=False) for i in range(2)]
    hands = [worker(world, each) for each in claims]
    at_once(world, pool, *[work for _, work in hands])
    assert grants([link for link, _ in hands]) == ["", refusals.GRANT_TAKEN.code]
    assert len(world.rows(select(tables.grants))) == 1


def test_one_claim_id_for_two_cases_at_once(world: World, pool: ThreadPoolExecutor):
    """Cases do not wait for each other; the unique row decides, and the loser is answered as if it had come later."""
    cases = [Case(world), Case(world)]
    for case in cases:
        case.up_to("print.authorised")
    hands = [worker(world, case.claim(claim_id="the-same")) for case in cases]
    at_once(world, pool, *[work for _, work in hands])
    assert grants([link for link, _ in hands]) == ["", refusals.GRANT_TAKEN.code]
    assert [len(link.acked) for link, _ in hands] == [1, 1]


def test_one_sheet_of_stock_is_used_in_two_cases_at_once(world: World, pool: ThreadPoolExecutor):
    """Stock serials are unique for ever: the second outcome is refused, not its whole batch."""
    cases = [Case(world), Case(world)]
    for case in cases:
        case.up_to("print.claimed")
    others = [Case(world).application() for _ in cases]
    hands = [worker(world, other, case.outcome(stock_serial="S1")) for case, other in zip(cases, others, strict=True)]
    at_once(world, pool, *[work for _, work in hands])
    verdicts = world.rows(select(tables.messages.c.verdict).where(tables.messages.c.type == "print.settled"))
    assert sorted(each.verdict for each in verdicts) == sorted(["admitted", refusals.STOCK_USED.code])
    assert [len(link.acked) for link, _ in hands] == [2, 2]
    assert {each.envelope.id for each in others} <= set(leaves(world))


def test_a_revocation_before_the_grant_stops_it(world: World, pool: ThreadPoolExecutor):
    """The license is being revoked beside admission when the claim comes: the claim waits for it and is refused."""
    case = Case(world)
    case.up_to("print.authorised")
    link, work = worker(world, case.claim())
    with world.store.write() as tx:
        tx.execute(update(tables.licenses).values(state="revoked"))
        future = pool.submit(work)
        until_waiting(world, 1)
    future.result(PATIENCE_SECONDS)
    assert grants([link]) == [refusals.GRANT_LICENSE_STATE.code]


def test_a_sheet_accounted_for_beside_admission_is_not_granted(world: World, pool: ThreadPoolExecutor):
    """Two persons end an authorisation by a command, which takes no case's lock, while its claim comes in."""
    case = Case(world)
    case.up_to("print.authorised")
    link, work = worker(world, case.claim())
    with world.store.write() as tx:
        tx.execute(update(tables.print_authorisations).values(state="spoiled"))
        future = pool.submit(work)
        until_waiting(world, 1)
    future.result(PATIENCE_SECONDS)
    assert grants([link]) == [refusals.GRANT_SETTLED.code]
    assert world.rows(select(tables.print_authorisations.c.state))[0].state == "spoiled"


def test_a_revocation_after_the_grant_waits_for_it(world: World, pool: ThreadPoolExecutor):
    """The grant is not yet committed: what is revoked then is a license of which a sheet is being printed."""
    case = Case(world)
    case.up_to("print.authorised")
    link, work = worker(world, case.claim())

    def revoke() -> int:
        with world.store.write() as tx:
            tx.execute(update(tables.licenses).values(state="revoked"))
            return tx.execute(select(func.count()).select_from(tables.grants)).scalar_one()

    with held(world, the_head()):
        claim = pool.submit(work)
        until_waiting(world, 1)
        revocation = pool.submit(revoke)
        until_waiting(world, 2)
    claim.result(PATIENCE_SECONDS)
    assert revocation.result(PATIENCE_SECONDS) == 1, "it was revoked in ignorance of the grant"
    assert grants([link]) == [""]


def test_every_change_of_trust_is_counted(world: World, pool: ThreadPoolExecutor):
    """Two commands at once, also when the counter's row does not exist yet."""
    with world.store.write() as tx:
        tx.execute(tables.counters.delete())

    def bump() -> None:
        with world.store.write() as tx:
            trust.bump(tx)

    with world.store.write() as tx:
        trust.bump(tx)
        futures = [pool.submit(bump) for _ in range(3)]
        until_waiting(world, 3)
    for each in futures:
        each.result(PATIENCE_SECONDS)
    with world.store.read() as tx:
        assert trust.counter(tx) == 4


def test_a_snapshot_of_trust_is_never_newer_than_what_it_read(world: World):
    """A county is suspended while a batch reads what is trusted: the batch after it must notice."""
    done: list[str] = []

    def suspend(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if "FROM counties" in statement and not done:
            done.append(WINDOW)
            with world.store.write() as other:
                county.set_state(other, WINDOW, "suspended")

    authority = world.network.authority
    with world.store.write() as tx:  # READ COMMITTED: each statement sees what was committed before it
        event.listen(tx, "after_cursor_execute", suspend)
        loaded = trust.load(tx, anchors=[authority.root], intermediates=[authority.issuing], trial=True)
    with world.store.read() as tx:
        assert done
        assert loaded.states[WINDOW] == "suspended" or loaded.serial < trust.counter(tx)


def test_a_reading_transaction_sees_one_moment(world: World):
    """A check of the journal must not see leaves without the checkpoint that came with them."""
    begun(world)
    with world.store.read() as tx:
        before = tx.execute(select(func.count()).select_from(tables.journal)).scalar_one()
        world.send(Case(world).application())
        assert tx.execute(select(func.count()).select_from(tables.checkpoints)).scalar_one() == before == 1


def test_two_keepers_publish_one_directory(world: World, pool: ThreadPoolExecutor):
    """Of two hub hosts one signs, the other finds it done."""

    def publish() -> int | None:
        with world.store.write() as tx:
            return directory.publish_if_due(tx, world.network.issuer(), world.now)

    serials = at_once(world, pool, publish, publish, hold=select(tables.counters))
    assert serials.count(None) == 1
    assert len(world.rows(select(tables.directories))) == 1
    world.later(days=2)  # and when it is to be renewed
    serials = at_once(world, pool, publish, publish, hold=select(tables.counters))
    assert serials.count(None) == 1
    assert len(world.rows(select(tables.directories))) == 2


def test_a_list_is_not_overtaken_by_an_older_one(world: World, pool: ThreadPoolExecutor, tmp_path: Path):
    """Two hub hosts bring lists in, one of them the older ones: the newer stay, in whatever order they come."""
    own = Network.make(tmp_path, world.network.databases)
    world = World.make(own, tmp_path)
    folders = []
    for name in ("older", "newer"):
        world.later(hours=1)
        own.authority.publish_crls(now=world.now)
        folders.append(tmp_path / name)
        folders[-1].mkdir()
        for each in (own.folder / "ca" / "crl").glob("*.crl"):
            (folders[-1] / each.name).write_bytes(each.read_bytes())
    older, newer = (own.revocation_folder(world.store, each) for each in folders)
    works = (lambda: newer.run_once(world.now), lambda: older.run_once(world.now))
    at_once(world, pool, *works, hold=select(tables.counters))
    current = world.rows(select(tables.crls.c.der).where(tables.crls.c.current))
    assert {row.der for row in current} == {each.read_bytes() for each in folders[1].glob("*.crl")}
    world.close()


def test_a_county_is_enrolled_twice_at_once(world: World, pool: ThreadPoolExecutor):
    """Two people add the same card."""
    keys_of = world.network.counties[WINDOW]
    with world.store.write() as tx:
        for table in (tables.counties, tables.county_certificates, tables.offers):
            tx.execute(table.delete())

    def enrol() -> None:
        with world.store.write() as tx:
            county.enrol(tx, keys_of.card(world.network.item), chains=world.network.chains(), now=world.now)

    at_once(world, pool, enrol, enrol, hold=select(tables.counters))
    assert [row.division_code for row in world.rows(select(tables.counties))] == [WINDOW]
    assert len(world.rows(select(tables.offers))) == 1


def joining(world: World) -> Sealed:
    """An invitation, and a request that the code does not authenticate yet; the key is in the store."""
    with world.store.write() as tx:
        invitations.invite(tx, WINDOW, fingerprint="-", now=world.now)
    own = {role: keys.make_request(keys.generate_key(), WINDOW).decode() for role in ROLES}
    request = Request(
        request_id="0" * 32,
        division_code=WINDOW,
        name="永济市",
        authority_name="永济市行政审批服务管理局",
        authority_code=world.network.item[:18],
        halls=["hall-1"],
        contact="信息中心",
        telephone="0359-0000000",
        offers=[],
        requests=own,
        made_at=to_millis(world.now),
        contract_versions=releases.readable(),
    )
    return Sealed(request.write(), "0" * 64)


def test_guesses_at_once_each_cost_an_attempt(world: World, pool: ThreadPoolExecutor):
    """Five at a time are five: nobody guesses for nothing by being quick."""
    guess = joining(world)

    def hand_in() -> str:
        with pytest.raises(YunhuobanError) as caught:
            requests.take(world.store, guess.write("mac"), now=world.now)
        return caught.value.code.code

    said = at_once(world, pool, *[hand_in] * 5, hold=select(tables.invitations))
    assert sorted(said) == ["E-JOIN-014"] * 4 + ["E-JOIN-015"]


def test_two_persons_approve_at_once(world: World, pool: ThreadPoolExecutor):
    """Both count; the same person at two desks counts once."""
    unsigned = joining(world)
    with world.store.read() as tx:
        verifier = tx.execute(select(tables.invitations.c.verifier)).scalar_one()
    good = Sealed(unsigned.body, invitation.mac(verifier, unsigned.body))
    read_aloud = requests.take(world.store, good.write("mac"), now=world.now).fingerprint

    def approves(name: str) -> Work:
        def work() -> str:
            try:
                return approving.approve(world.store, WINDOW, by=name, read_aloud=read_aloud, now=world.now)
            except YunhuobanError as error:
                return error.code.code

        return work

    hold = select(tables.invitations)
    assert sorted(at_once(world, pool, approves("王敏"), approves("王敏"), hold=hold)) == [
        "E-JOIN-031",
        "approved_once",
    ]
    assert sorted(at_once(world, pool, approves("李强"), approves("赵六"), hold=hold)) == ["E-JOIN-011", "approved"]


def test_of_two_renewal_requests_at_once_the_later_made_stays(world: World, pool: ThreadPoolExecutor):
    """Whichever of the two is written first; the other hears E-RENEW-044, or was kept for a moment."""
    own = world.network.counties[WINDOW]

    def posts(made_at: int) -> Work:
        body = RenewalRequest(
            division_code=WINDOW,
            signer=keys.der(own.signing),
            requests={role: keys.make_request(keys.generate_key(), WINDOW).decode() for role in ROLES},
            made_at=made_at,
        ).write()
        proof = signing.sign(body, key=own.signing_key, certificate=own.signing, typ=signing.Typ.RENEWAL)
        data = SignedRequest(body, proof).write()

        def work() -> str:
            try:
                posted.take(world.store, data, chains=world.network.chains(), now=world.now)
            except YunhuobanError as error:
                return error.code.code
            return "kept"

        return work

    made_at = to_millis(world.now)
    assert posts(made_at - 2)() == "kept"
    later, earlier = at_once(world, pool, posts(made_at), posts(made_at - 1), hold=select(tables.renewals))
    assert later == "kept"
    assert earlier in {"kept", "E-RENEW-044"}
    assert [row.made_at for row in world.rows(select(tables.renewals))] == [made_at]


def test_a_destination_is_held_by_one_of_two_workers(world: World, pool: ThreadPoolExecutor):
    """Both saw the full inbox; one of them marks it, when there is no row yet and when there is one."""

    def hold() -> bool:
        with world.store.write() as tx:
            return mark_held(tx, ISSUING, "inbox_full")

    for _ in range(2):
        with world.store.write() as tx:
            assert mark_held(tx, ISSUING, "inbox_full")
            other = pool.submit(hold)
            until_waiting(world, 1)
        assert other.result(PATIENCE_SECONDS) is False
        with world.store.write() as tx:
            assert held_counties(tx) == {ISSUING}
            tx.execute(update(tables.destinations).values(held=False))


def test_a_dead_letter_is_kept_once_and_settled_once(world: World, pool: ThreadPoolExecutor):
    """Two keepers take it from two connections; two people discard it."""
    dead = Case(world).application().delivery(queue=topology.DEAD_LETTERS)

    def keep() -> str:
        with world.store.write() as tx:
            return deadletters.keep_from_broker(tx, dead, world.now)

    with world.store.write() as tx:
        number = deadletters.keep_from_broker(tx, dead, world.now)
        other = pool.submit(keep)
        until_waiting(world, 1)
    assert other.result(PATIENCE_SECONDS) == number

    def discard() -> str:
        try:
            with world.store.write() as tx:
                deadletters.discard(tx, number, reason="seen", now=world.now)
        except YunhuobanError as error:
            return error.code.code
        return ""

    codes = at_once(world, pool, discard, discard, hold=select(tables.dead_letters))
    assert sorted(codes) == ["", deadletters.NOT_WAITING.code]


def test_solo_attempts_of_two_workers_are_both_counted(world: World, pool: ThreadPoolExecutor):
    """A poison message that kills whoever holds it goes from worker to worker."""
    poison = Case(world).application().delivery(redelivered=True)
    assert not SoloAttempts(world.store).exhausted(poison, now=world.now)
    counters = [SoloAttempts(world.store) for _ in range(2)]
    works = [lambda each=each: each.exhausted(poison, now=world.now) for each in counters]
    assert at_once(world, pool, *works, hold=select(tables.solo_attempts)) == [False, False]
    assert [row.attempts for row in world.rows(select(tables.solo_attempts))] == [3]
    assert SoloAttempts(world.store).exhausted(poison, now=world.now)


def test_a_deadlock_is_done_again(world: World, pool: ThreadPoolExecutor):
    """The database ends one of two that wait in a circle; its work is done again, not given up."""
    for name in ("a", "b"):
        with world.store.write() as tx:
            tx.execute(tables.counters.insert().values(name=name, value=0))
    tries: list[str] = []

    def move(first: str, second: str) -> None:
        def work(tx: Connection) -> None:
            tries.append(first)
            for name in (first, second):
                tx.execute(update(tables.counters).where(tables.counters.c.name == name).values(value=1))
                deadline = time.monotonic() + PATIENCE_SECONDS
                while len(tries) < 2 and time.monotonic() < deadline:
                    time.sleep(0.01)

        world.store.redo(work)

    for each in [pool.submit(move, "a", "b"), pool.submit(move, "b", "a")]:
        each.result(PATIENCE_SECONDS)
    assert len(tries) >= 2


def test_work_that_never_fits_is_refused_in_the_end(world: World):
    """A row that is really there twice is no other worker's doing: the message is found out, not tried for ever."""
    tries: list[int] = []

    def work(tx: Connection) -> None:
        tries.append(1)
        tx.execute(tables.counters.insert().values(name=trust.COUNTER, value=0))

    with pytest.raises(YunhuobanError) as caught:
        world.store.redo(work)
    assert (caught.value.code, len(tries)) == (STORE_REFUSED, MOST_REDOS)
    with pytest.raises(YunhuobanError) as caught, world.store.write() as tx:
        work(tx)
    assert caught.value.code is STORE_CONFLICT


@pytest.mark.parametrize("committed", [False, True])
def test_a_commit_of_unknown_result_is_done_again(world: World, committed: bool, hub_keys: Keys):
    """The connection goes at the commit: nobody knows, nothing is acknowledged, and the batch is done again."""
    message = Case(world).application()
    engine = world.store._engine
    lost: list[int] = []

    def lose(connection: Connection) -> None:
        process = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
        if lost or connection.execute(select(func.count()).select_from(tables.journal)).scalar_one() == 0:
            return
        lost.append(process)
        if committed:  # it is on the server's disk, and the answer never comes
            connection.connection.driver_connection.commit()
            connection.connection.driver_connection.close()
        else:
            with engine.connect() as other:
                other.execute(text("SELECT pg_terminate_backend(:process)"), {"process": process})

    moment = [0.0]
    world.monotonic = lambda: moment[0]
    world.pipeline = world.worker()
    event.listen(engine, "commit", lose)
    with pytest.raises(YunhuobanError) as caught:
        world.send(message)
    event.remove(engine, "commit", lose)
    assert caught.value.code is STORE_FAILED
    assert (world.link.acked, world.link.published) == ([], [])
    assert len(leaves(world)) == int(committed)
    moment[0] = 60.0
    world.pipeline.run_once(0.0)
    assert leaves(world) == [message.envelope.id]
    assert len(world.link.acked) == 1
    assert world.delivered(ISSUING) == [message.envelope.id]
    assert_whole(world, hub_keys)


def test_two_hubs_open_an_empty_database_at_once(postgres: PostgresNode, pool: ThreadPoolExecutor):
    """One makes the tables, the other finds them."""
    url = postgres.url(postgres.create())
    stores: list[Store] = [each.result(PATIENCE_SECONDS) for each in [pool.submit(open_store, url) for _ in range(4)]]
    for each in stores:
        with each.read() as tx:
            assert tx.execute(select(tables.journal)).all() == []
        each.close()


def test_two_workers_and_everything_twice(world: World, pool: ThreadPoolExecutor, hub_keys: Keys):
    """Whole cases, each message given to both workers in batches of their own cut: one leaf and one verdict each."""
    cases = [Case(world) for _ in range(6)]
    ladders = [case.ladder() for case in cases]
    rungs = [list(rung) for rung in zip(*ladders, strict=True)]
    links = [ScriptedLink(), ScriptedLink()]
    workers = [world.worker(link, batch_messages=size) for link, size in zip(links, (3, 4), strict=True)]
    for link, order in zip(links, (1, -1), strict=True):
        link.incoming = [each.delivery() for rung in rungs for each in rung[::order]]

    def work(at: int) -> None:
        while workers[at].run_once(0.0) or links[at].incoming:
            pass
        workers[at].flush()

    for each in [pool.submit(work, at) for at in range(2)]:
        each.result(120)
    world.later(minutes=1)
    while workers[0].refuse_overdue(3600):
        pass
    sent = [each.envelope.id for ladder in ladders for each in ladder]
    assert sorted(leaves(world)) == sorted(sent)
    assert {row.verdict for row in world.rows(select(tables.messages.c.verdict))} == {"admitted"}
    assert {row.state for row in world.rows(select(tables.cases.c.state))} == {"handed_over"}
    assert [len(link.acked) for link in links] == [len(sent), len(sent)]
    assert_whole(world, hub_keys)


def test_two_imports_of_a_calendar_both_count(network: Network, tmp_path: Path, pool: ThreadPoolExecutor):
    """Two operators import at once: the second import goes over the first one, and a directory carries both."""
    world = World.make(network, tmp_path)
    with world.store.write() as tx:
        trust.bump(tx)
    rules = [DayRule(date(2027, 10, number), COUNTRY, working=False) for number in (1, 2)]

    def entering(rule: DayRule) -> Work:
        def work() -> bool:
            with world.store.write() as tx:
                return calendars.enter(tx, Override(days=(rule,)), replacing=False, file_name="x", now=world.now)

        return work

    counter = select(tables.counters).where(tables.counters.c.name == trust.COUNTER)
    assert at_once(world, pool, *map(entering, rules), hold=counter) == [True, True]
    with world.store.write() as tx:
        assert calendars.imported(tx).days == tuple(rules)
        assert directory.publish_if_due(tx, network.issuer(), world.now) == trust.counter(tx)
    world.close()
