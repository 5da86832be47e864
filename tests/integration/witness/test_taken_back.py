"""A step that its destination refuses although the hub had admitted it: corrected it goes, and all three agree."""

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from adapters.boxes.opening import NOT_FOR_US
from adapters.printing.tables import PRINTS
from adapters.store import tables
from hub.store import tables as hub_tables
from tests.county_records import acceptance, application, decision
from tests.county_world import County
from tests.witness_world import Stage


def open_nothing(county: County) -> None:
    """It has lost its keys, and refuses whatever comes."""
    county.identity = replace(county.identity, encryption_keys={})
    county.start()


def open_again(stage: Stage, county: County) -> None:
    """The keys are back."""
    county.identity = stage.counties.network.identities[county.code]
    county.start()


def everything(stage: Stage) -> None:
    """Every loop of both counties and the hub."""
    for _ in range(10):
        stage.settle()
        if not sum(county.issue() for county in (stage.counties.window, stage.counties.issuing)):
            return


def seen(stage: Stage, case_no: str) -> list[str]:
    """Where the hub, the window and the issuing county see a case, each once."""
    hub = stage.hub.world.rows(select(hub_tables.cases.c.state).where(hub_tables.cases.c.case_no == case_no))
    mine = select(tables.cases.c.state).where(tables.cases.c.case_no == case_no)
    counties = [stage.counties.window.rows(mine), stage.counties.issuing.rows(mine)]
    return [str(state) for rows in (hub, *counties) for (state,) in rows]


def refusals(county: County) -> list[str]:
    """Types of this county's messages that were refused."""
    columns = tables.outbox.c
    found = county.rows(select(columns.type, columns.refusal_code).where(columns.state == "refused"))
    assert {code for _, code in found} <= {NOT_FOR_US.code}
    return [kind for kind, _ in found]


def accepted(stage: Stage) -> str:
    """A case under examination."""
    case_no = stage.application()
    stage.counties.issuing.source.add("application.accepted", case_no, acceptance())
    stage.settle()
    assert seen(stage, case_no) == ["accepted"] * 3
    return case_no


@pytest.mark.parametrize(
    ("changes", "after"),
    [({"approver": "更正"}, "licensed"), ({"outcome": "denied", "reasons": "不符", "remedies": "可以复议"}, "denied")],
    ids=["the same decision", "another decision"],
)
@pytest.mark.parametrize(
    "on_it",
    [pytest.param(False, id="alone", marks=pytest.mark.long), pytest.param(True, id="with the license made on it")],
)
def test_a_decision_that_the_window_refused_is_corrected(
    stage: Stage, changes: dict[str, Any], after: str, on_it: bool
):
    """The issuing county's people correct their record: it goes as a new message, and what hangs on it is made anew."""
    window, issuing, case_no = stage.counties.window, stage.counties.issuing, accepted(stage)
    open_nothing(window)
    issuing.source.add("decision.made", case_no, decision(), key="the decision")
    issuing.read()
    if on_it:
        issuing.issue()
    stage.settle()
    hanging = ["license.issued", "print.authorised"] if on_it else []
    assert refusals(issuing) == ["decision.made", *hanging]
    assert seen(stage, case_no) == ["accepted"] * 3
    open_again(stage, window)
    issuing.source.add("decision.made", case_no, decision(**changes), key="the decision")
    everything(stage)
    assert seen(stage, case_no) == [after] * 3
    assert refusals(issuing) == ["decision.made", *hanging], "nothing more"
    if after == "licensed":
        (number,) = window.rows(select(PRINTS.c.authorisation_no))[0]
        window.room.ask(number)
        stage.settle()
        window.print_ready()
        window.sheets.confirm(number, stock_serial="S1", by="desk")
        stage.settle()
        assert seen(stage, case_no) == ["printed"] * 3
        assert window.printer.sheets == [number]


def test_an_application_that_the_authority_refused_is_corrected(stage: Stage):
    """It opens a case of its own; the hub does not hold the earlier one against it."""
    window, issuing = stage.counties.window, stage.counties.issuing
    open_nothing(issuing)
    window.source.add("application.submitted", "WQ1", application(), key="the application")
    stage.settle()
    assert refusals(window) == ["application.submitted"]
    open_again(stage, issuing)
    window.source.add("application.submitted", "WQ1", application(project_name="更正"), key="the application")
    stage.settle()
    assert refusals(window) == ["application.submitted"]
    assert seen(stage, stage.counties.case_no()) == ["submitted"] * 3
