"""A county of yesterday and one of today bring a case to its end through a running hub, whichever of them is which."""

import base64
from typing import Any

import pytest
from sqlalchemy import select

from adapters.store import tables
from hub.registry import county as enrolling
from hub.registry.impact import impact
from hub.store import tables as hub_tables
from schemas import codec, releasing
from schemas.envelope import Envelope
from tests.contract_versions import contract, more
from tests.county_records import ITEM, acceptance, application, decision, hand_over
from tests.county_world import ISSUING, WINDOW
from tests.witness_world import Stage

SIDES = {"the window county is of yesterday": WINDOW, "the issuing county is of yesterday": ISSUING}


def introduce(stage: Stage, code: str) -> None:
    """What the county states of itself, its own words in its own contract, reaches the hub and all counties."""
    old: Any = stage.counties.counties[code]
    statement, signature = old.tell("key_statement(identity, sequence=2, now=_now)")
    assert codec.decode(statement, "KeyStatement")["contract_versions"] == ["1.0"]
    hub, now = stage.counties.hub, stage.counties.now
    entries = [
        hub.county(
            each,
            now=now,
            **({"key_statement": statement, "key_statement_signature": signature} if each == code else {}),
        )
        for each in stage.counties.network.identities
    ]
    directory = hub.directory(now=now, counties=entries)
    for county in stage.counties.counties.values():
        county.arrive_directory(*directory)
        county.handle()
    said = {
        "key_statement": base64.b64encode(statement).decode(),
        "key_statement_signature": signature,
    }
    with stage.hub.world.store.write() as tx:
        card = stage.network.counties[code].card(ITEM, **said)
        enrolling.enrol(tx, card, chains=stage.network.chains(), now=now)


def settle(stage: Stage) -> None:
    """Every loop of both counties and the hub, until nothing moves any more."""
    for _ in range(30):
        moved = 0
        for county in stage.counties.counties.values():
            moved += county.read() + county.handle() + county.issue() + county.write()
            county.print_ready()
            moved += stage._send(county)
        moved += sum(stage._hand_out(side) for side in stage.sides())
        if not moved:
            return
    raise AssertionError("it never comes to rest")


def without(record: dict[str, Any], name: str, *, missing: bool) -> dict[str, Any]:
    """The record as a county has it whose contract lacks the field."""
    return {key: value for key, value in record.items() if key != name or not missing}


def bring(stage: Stage, code: str) -> str:
    """A whole case, each step from the county whose it is; returns its number."""
    window: Any = stage.counties.window
    issuing: Any = stage.counties.issuing

    def at_window(expression: str, do: Any) -> Any:
        return window.tell(expression, number=number) if code == WINDOW else do()

    window.source.add("application.submitted", "WQ1", application())
    settle(stage)
    case_no = str(window.rows(select(tables.cases.c.case_no))[0][0])
    number = f"{case_no}-D1-1"
    issuing.source.add("application.accepted", case_no, acceptance())
    settle(stage)
    issuing.source.add("decision.made", case_no, without(decision(), "established_on", missing=code == ISSUING))
    settle(stage)
    at_window("county.room.ask(number) and None", lambda: window.room.ask(number))
    settle(stage)
    at_window(
        "county.sheets.confirm(number, stock_serial='S1', by='desk') and None",
        lambda: window.sheets.confirm(number, stock_serial="S1", by="desk"),
    )
    settle(stage)
    window.source.add("case.handed_over", "WQ1", hand_over())
    settle(stage)
    return case_no


@pytest.mark.parametrize("code", SIDES.values(), ids=SIDES.keys())
def test_a_case_goes_through_between_two_versions(stage_with_yesterday, code):
    """From application to hand-over, with print claim and grant; everything is admitted, received and applied.

    What goes to the county of yesterday is written in its contract, also the envelope; what comes from it is in its.
    """
    stage = stage_with_yesterday(code)
    introduce(stage, code)
    case_no = bring(stage, code)
    for county in (stage.counties.window, stage.counties.issuing):
        assert [row.state for row in county.rows(select(tables.cases))] == ["handed_over"]
        assert {row.state for row in county.rows(select(tables.inbox)) if row.type != "directory.published"} == {
            "applied"
        }
        assert county.rows(select(tables.troubles)) == []
    rows = stage.hub.world.rows(select(hub_tables.messages).where(hub_tables.messages.c.case_no == case_no))
    assert {row.state for row in rows} == {"admitted"}
    # What a license's QR code leads to goes to the hub alone: no window's contract is in its way.
    told = stage.hub.world.rows(select(hub_tables.license_scans.c.county))
    assert [row.county for row in told] == ([] if code == ISSUING else [ISSUING])
    written = {
        (envelope.source, envelope.destination): envelope.contract
        for envelope in (Envelope.parse(row.body) for row in rows)
    }
    other = ISSUING if code == WINDOW else WINDOW
    assert written[code, other] == written[other, code] == "1.0"
    kinds = {Envelope.parse(row.body).type for row in rows}
    assert kinds >= {
        "application.submitted", "application.accepted", "decision.made", "license.issued", "print.authorised",
        "print.claimed", "print.settled", "case.handed_over", "message.received",
    }  # fmt: skip


def test_the_hub_knows_what_each_county_runs_and_whom_a_change_would_break(stage_with_yesterday):
    """From the counties' own signed statements: the one of yesterday fits today's contract and not a broken one."""
    stage = stage_with_yesterday(ISSUING)
    introduce(stage, ISSUING)
    with stage.hub.world.store.read() as tx:
        assert enrolling.contract_versions(tx)[ISSUING] == ("1.0",)
        found = impact(tx, releasing.working())
        assert {each.division_code: (each.runs, each.verdict) for each in found.counties}[ISSUING] == ("1.0", "fits")
        broken = impact(tx, contract(more("Decision", name="later", type="int"), "proposed"))
    assert {each.division_code: each.verdict for each in broken.counties}[ISSUING] == "breaks"
    assert next((each.code.code, each.place) for each in broken.findings["1.0"]) == ("E-SCHEMA-016", "Decision.later")


def apply_for(stage: Stage, *numbers: str) -> None:
    """Applications taken at the window, in its outbox."""
    for number in numbers:
        stage.counties.window.source.add("application.submitted", number, application())
    stage.counties.window.read()


def test_a_county_goes_back_while_messages_are_under_way(stage_of_today):
    """Whatever they had come to, all arrive, once, in the older version: nothing is lost, and nothing happens twice.

    One application was applied and its signature had not gone yet, one lay unopened in the inbox, one with the broker,
    one in its sender's outbox; and a signed *received* of the other county lay with the broker, too.
    """
    stage, go_back = stage_of_today
    window, issuing = stage.counties.window, stage.counties.issuing
    apply_for(stage, "accepted before")
    settle(stage)
    ((case_no,),) = window.rows(select(tables.cases.c.case_no))
    apply_for(stage, "applied")
    stage._send(window)
    stage._hand_out(stage.hub)
    issuing.handle()
    issuing.source.add("application.accepted", case_no, acceptance())
    issuing.read()
    stage._send(issuing)
    stage._hand_out(stage.hub)
    window.handle()  # its signed word is under way when the other goes back
    apply_for(stage, "in the inbox")
    stage._send(window)
    stage._hand_out(stage.hub)
    apply_for(stage, "with the broker")
    stage._send(window)
    apply_for(stage, "in the outbox")

    old = go_back(ISSUING)
    stage._hand_out(stage.hub)
    for _ in range(3):
        old.handle()
        stage.later(minutes=2)
    unread = [row for row in old.rows(select(tables.inbox)) if row.state == "new"]
    assert {row.type for row in unread} == {"application.submitted", "message.received"}
    introduce(stage, ISSUING)
    settle(stage)
    stage.later(minutes=2)
    settle(stage)

    cases = {row.local_case: row.case_no for row in window.rows(select(tables.cases))}
    assert len(cases) == 5
    assert {row.case_no for row in old.rows(select(tables.cases))} == set(cases.values())
    written = old.rows(select(tables.local_writes).where(tables.local_writes.c.type == "application.submitted"))
    assert sorted(row.case_no for row in written) == sorted(cases.values()), "into the local system, once each"
    for county in (window, old):
        left = {row.state for row in county.rows(select(tables.outbox).where(tables.outbox.c.chained))}
        assert left == {"received", "refused"} if county is window else left == {"received"}
        assert {row.state for row in county.rows(select(tables.inbox))} <= {"applied", "refused"}
        assert county.rows(select(tables.troubles)) == []
    sent = window.rows(select(tables.outbox).where(tables.outbox.c.chained, tables.outbox.c.state == "received"))
    assert sorted(row.case_no for row in sent) == sorted(cases.values())
    for number in cases.values():
        if number != case_no:
            old.source.add("application.accepted", number, acceptance())
    settle(stage)
    assert {row.state for row in window.rows(select(tables.cases))} == {"accepted"}
    assert {row.state for row in old.rows(select(tables.cases))} == {"accepted"}
