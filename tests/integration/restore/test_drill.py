"""The restore drill without a broker: hub lost with everything in its queues, restored, and whole again."""

import pytest
from sqlalchemy import delete, func, select

from adapters.printing.tables import PRINTS
from adapters.store import tables as county_tables
from hub.evidence import proof, verify
from hub.history import restoration
from hub.store import tables
from schemas import codec
from schemas.errors import YunhuobanError
from tests.county_records import application
from tests.county_world import FOREIGN, ISSUING, WINDOW
from tests.restore_world import Alliance

RUNGS = {
    "application.submitted", "application.accepted", "decision.made", "license.issued", "print.authorised",
    "print.claimed", "print.settled", "case.handed_over",
}  # fmt: skip


def check_whole(alliance: Alliance, *local_cases: str, refused_claims: int = 0) -> None:
    """Every rung once at the hub, every row settled at both counties, one sheet each, proofs good, journal whole."""
    cases = [alliance.case_of(each) for each in local_cases]
    for case_no in cases:
        found = alliance.hub_rows(
            select(tables.messages.c.type, func.count())
            .where(tables.messages.c.case_no == case_no, tables.messages.c.state == "admitted")
            .group_by(tables.messages.c.type)
        )
        counts = {kind: number for kind, number in found if kind in RUNGS}
        expected = dict.fromkeys(RUNGS, 1) | {"print.claimed": 1 + refused_claims}
        assert counts == expected, (case_no, counts)
        with alliance.served.store.read() as tx:
            made = proof.make_proof(tx, case_no, keys=alliance.served.keys)
        checked = verify.verify_proof(made, verify.trust_of(alliance.served.keys, trial=True))
        assert checked.good, [line for line in checked.lines if line.state != "ok"]
    states = alliance.hub_rows(select(tables.cases.c.case_no, tables.cases.c.state).order_by(tables.cases.c.case_no))
    assert states == [(case_no, "handed_over") for case_no in sorted(cases)]
    assert alliance.hub_rows(select(tables.messages.c.message_id).where(tables.messages.c.state != "admitted")) == []
    for county in (alliance.window, alliance.issuing):
        rows = county.rows(select(county_tables.outbox.c.state, county_tables.outbox.c.offer_epoch).distinct())
        assert rows == [("received", None)]
        assert {state for (state,) in county.rows(select(county_tables.inbox.c.state))} == {"applied"}
    assert sorted(alliance.window.printer.sheets) == sorted(f"{case_no}-D1-1" for case_no in cases)
    ledger = alliance.hub_rows(select(tables.print_authorisations.c.state, tables.print_authorisations.c.stock_serial))
    assert sorted(ledger) == sorted(
        ("printed", row.stock_serial) for row in alliance.window.rows(select(PRINTS.c.stock_serial))
    )
    assert alliance.journal_findings() == []


def test_everything_after_the_backup_is_learnt_again(alliance: Alliance):
    """Cases before, across and after the backup: nothing receipted is lost, nothing is printed twice."""
    alliance.bring("WQ1")
    alliance.bring("WQ2", "decision.made")
    backup = alliance.backup()
    restored_size = alliance.hub_rows(select(tables.head.c.size))[0][0]
    alliance.bring("WQ2", from_="print.authorised")
    alliance.bring("WQ3")
    before = alliance.hub_rows(
        select(tables.journal.c.message_id, tables.journal.c.leaf_hash).where(tables.journal.c.verdict == "admitted")
    )
    alliance.lose_hub()
    done = alliance.restore(backup)
    assert done.size == restored_size
    assert set(done.awaited) == set(alliance.counties)
    alliance.calm()
    check_whole(alliance, "WQ1", "WQ2", "WQ3")
    after = set(alliance.hub_rows(select(tables.journal.c.message_id, tables.journal.c.leaf_hash)))
    assert set(before) <= after  # to the byte: what was receipted is the same leaf again
    assert alliance.hub_rows(select(tables.head.c.epoch)) == [(done.epoch,)]
    with alliance.served.store.read() as tx:
        assert not restoration.is_open(tx)
        assert restoration.unsettled(tx) == 0
    alliance.bring("WQ4")
    check_whole(alliance, "WQ1", "WQ2", "WQ3", "WQ4")


def answers(alliance: Alliance, local_case: str) -> list[tuple[bool, str]]:
    """The hub's answers to the claims of a case, as the window's node has them."""
    bodies = alliance.window.rows(
        select(county_tables.inbox.c.body)
        .where(county_tables.inbox.c.type == "print.granted")
        .order_by(county_tables.inbox.c.seq)
    )
    grants = [codec.decode(body, "Grant") for (body,) in bodies]
    mine = [each for each in grants if each["authorisation_no"] == alliance.number(local_case)]
    return [(each["granted"], each["code"]) for each in mine]


def test_no_print_before_every_county_reported_or_was_set_aside(alliance: Alliance):
    """One silent county stops every grant; two persons with a reason set it aside, one person does not."""
    alliance.bring("WQ1", "print.authorised")
    backup = alliance.backup()
    alliance.lose_hub()
    alliance.restore(backup)
    alliance.online.remove(FOREIGN)
    alliance.calm(3)
    alliance.bring("WQ1", "print.claimed", from_="print.claimed")
    assert answers(alliance, "WQ1") == [(False, "E-ADM-120")]
    assert alliance.window.printer.sheets == []
    told = alliance.window.rows(select(county_tables.troubles.c.code, county_tables.troubles.c.found))
    assert "E-PRINT-310" in {code for code, _ in told}
    with alliance.served.store.write() as tx:
        for by in ([], ["甲"], ["甲", "甲"], ["甲", " "]):
            with pytest.raises(YunhuobanError) as refused:
                restoration.set_aside(tx, FOREIGN, by=by, reason="机器已毁", now=alliance.now)
            assert refused.value.code is restoration.TWO_PERSONS
        with pytest.raises(YunhuobanError) as refused:
            restoration.set_aside(tx, WINDOW, by=["甲", "乙"], reason="已报告", now=alliance.now)
        assert refused.value.code is restoration.NOT_AWAITED
        restoration.set_aside(tx, FOREIGN, by=["甲", "乙"], reason="机器已毁", now=alliance.now)
    alliance.calm(2)
    alliance.bring("WQ1", from_="print.claimed")
    assert answers(alliance, "WQ1") == [(False, "E-ADM-120"), (True, "")]
    check_whole(alliance, "WQ1", refused_claims=1)
    newest = alliance.window.rows(select(county_tables.epochs.c.body).order_by(county_tables.epochs.c.revision.desc()))
    assert codec.decode(newest[0][0], "EpochOpened")["set_aside"] == [FOREIGN]


def test_a_grant_that_the_hub_forgot_is_given_back_by_its_station(alliance: Alliance):
    """The station started printing after the backup: the ledger knows the grant again, and no other claim gets it."""
    alliance.bring("WQ1", "decision.made")
    backup = alliance.backup()
    alliance.bring("WQ1", "print.claimed", from_="print.authorised")
    (grant,) = alliance.hub_rows(select(tables.grants))
    assert len(alliance.window.printer.sheets) == 1
    alliance.lose_hub()
    alliance.restore(backup)
    assert alliance.hub_rows(select(tables.grants)) == []
    alliance.calm(3)
    assert alliance.hub_rows(select(tables.grants)) == [grant]
    assert alliance.hub_rows(select(tables.print_authorisations.c.state)) == [("claimed",)]
    alliance.bring("WQ1", from_="print.settled")
    check_whole(alliance, "WQ1")


def test_what_was_admitted_is_not_judged_again(alliance: Alliance):
    """The item is no longer offered and the case is unknown to the restored hub: its receipts prove it all the same."""
    backup = alliance.backup()
    case_no = alliance.bring("WQ1", "application.accepted")
    times = alliance.hub_rows(select(tables.messages.c.message_id, tables.messages.c.admitted_at))
    alliance.lose_hub()
    alliance.restore(backup)
    with alliance.served.store.write() as tx:
        tx.execute(delete(tables.offers))
    alliance.later(hours=5)
    alliance.calm(4)
    again = alliance.hub_rows(select(tables.messages.c.message_id, tables.messages.c.admitted_at))
    assert set(times) <= set(again)
    assert alliance.hub_rows(select(tables.cases.c.case_no, tables.cases.c.state)) == [(case_no, "accepted")]
    assert alliance.journal_findings() == []


def test_a_second_restore_from_an_older_backup(alliance: Alliance):
    """Counties know a higher epoch than the backup: the second restore is above it, and everything is learnt again."""
    oldest = alliance.backup("oldest.yhb")
    alliance.bring("WQ1", "application.accepted")
    alliance.lose_hub()
    first = alliance.restore(oldest)
    alliance.calm(4)
    alliance.bring("WQ1", from_="decision.made")
    alliance.lose_hub()
    second = alliance.restore(oldest)
    assert second.epoch > first.epoch
    alliance.calm()
    check_whole(alliance, "WQ1")
    seen = alliance.window.rows(select(county_tables.epochs.c.epoch, county_tables.epochs.c.revision))
    assert {epoch for epoch, _ in seen} == {first.epoch, second.epoch}
    statement = epochs_of(alliance)
    highest = codec.decode(statement["highest_checkpoint"], "Checkpoint")
    assert highest["epoch"] == first.epoch  # what the counties saw and this hub does not know is named to all
    assert statement["settled"]


def test_people_of_every_county_are_told(alliance: Alliance):
    """A restore is seen at each desk, with its time."""
    backup = alliance.backup()
    alliance.lose_hub()
    alliance.restore(backup)
    alliance.calm(2)
    for county in alliance.counties.values():
        (trouble,) = county.rows(select(county_tables.troubles).where(county_tables.troubles.c.code == "E-JRNL-050"))
        assert "从备份恢复" in trouble.sentence


def test_a_lost_word_of_the_destination_is_said_again(alliance: Alliance):
    """*Received* was journalled before the backup and lay in the lost broker: the sender still comes to know."""
    alliance.online = {ISSUING}
    alliance.window.source.add("application.submitted", "WQ1", application())
    alliance.online.add(WINDOW)
    alliance.window.read()
    alliance.carry(alliance.window)
    alliance.online = {ISSUING}
    alliance.issuing.handle()
    alliance.carry(alliance.issuing)
    backup = alliance.backup()
    alliance.lose_hub()
    alliance.restore(backup)
    alliance.online = set(alliance.counties)
    alliance.calm(4)
    states = alliance.window.rows(select(county_tables.outbox.c.type, county_tables.outbox.c.state))
    assert ("application.submitted", "received") in states


def epochs_of(alliance: Alliance) -> dict[str, object]:
    """The newest statement that the window county has."""
    newest = alliance.window.rows(
        select(county_tables.epochs.c.body)
        .order_by(county_tables.epochs.c.epoch.desc(), county_tables.epochs.c.revision.desc())
        .limit(1)
    )
    return codec.decode(newest[0][0], "EpochOpened")
