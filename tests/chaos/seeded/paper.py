"""Ledgers, grants, stock, sheets, and what clerks said of them."""

from dataclasses import replace

from tests.chaos.evidence import Evidence
from tests.chaos.history import Event
from tests.chaos.seeded.picking import ELSEWHERE, Pick, county_with, fault, printed


@fault
def a_doubled_sheet(events: list[Event], evidence: Evidence, pick: Pick) -> set[str]:
    """One authorisation, two sheets."""
    evidence.sheets.append(dict(pick(evidence.sheets)))
    return {"sheet.doubled"}


@fault
def a_lost_sheet(events: list[Event], evidence: Evidence, pick: Pick) -> set[str]:
    """Printed, says everybody; and no sheet came out."""
    evidence.sheets.remove(pick(evidence.sheets))
    return {"sheet.lost"}


@fault
def a_sheet_without_authorisation(events: list[Event], evidence: Evidence, pick: Pick) -> set[str]:
    """Paper that nobody authorised."""
    evidence.sheets.append(pick(evidence.sheets) | {"job_name": "999999-20260101-000001-X-D1-1"})
    return {"sheet.invented"}


@fault
def another_document(events: list[Event], evidence: Evidence, pick: Pick) -> set[str]:
    """The sheet is not the one that was signed."""
    pick(evidence.sheets)["sha256"] = "0" * 64
    return {"sheet.digest"}


@fault
def ledgers_that_disagree(events: list[Event], evidence: Evidence, pick: Pick) -> set[str]:
    """Spoiled at the county, printed at the hub."""
    printed(evidence, pick)["state"] = "spoiled"
    return {"ledger.differs"}


@fault
def unknown_for_ever(events: list[Event], evidence: Evidence, pick: Pick) -> set[str]:
    """Nobody settled it."""
    printed(evidence, pick)["state"] = "unknown"
    return {"waiting.print", "ledger.differs"}


@fault
def an_authorisation_the_window_lacks(events: list[Event], evidence: Evidence, pick: Pick) -> set[str]:
    """The hub has it, the window's ledger does not."""
    row = printed(evidence, pick)
    evidence.counties[row["target_county"]].prints.remove(row)
    return {"ledger.missing", "sheet.invented"}


@fault
def an_authorisation_the_hub_lacks(events: list[Event], evidence: Evidence, pick: Pick) -> set[str]:
    """The window has it, the hub's ledger does not."""
    evidence.hub.authorisations.remove(pick(evidence.hub.authorisations))
    return {"ledger.invented", "rung.missing", "grant.invented"}


@fault
def printed_without_a_grant(events: list[Event], evidence: Evidence, pick: Pick) -> set[str]:
    """The hub never let it start."""
    evidence.hub.grants.remove(pick(evidence.hub.grants))
    return {"grant.missing"}


@fault
def granted_to_another(events: list[Event], evidence: Evidence, pick: Pick) -> set[str]:
    """Another claim has the grant."""
    pick(evidence.hub.grants)["claim_id"] = ELSEWHERE
    return {"grant.differs"}


@fault
def stock_that_disagrees(events: list[Event], evidence: Evidence, pick: Pick) -> set[str]:
    """A sheet of stock that only the hub knows."""
    books = county_with(evidence, pick, lambda each: each.stock)
    books.stock.remove(pick(books.stock))
    return {"stock.differs"}


@fault
def one_copy_twice(events: list[Event], evidence: Evidence, pick: Pick) -> set[str]:
    """The same copy printed under two authorisations."""
    row = printed(evidence, pick)
    evidence.counties[row["target_county"]].prints.append(row | {"authorisation_no": f"{row['case_no']}-D1-2"})
    return {"copy.doubled", "ledger.invented", "grant.missing"}


@fault
def spoiled_and_not_replaced(events: list[Event], evidence: Evidence, pick: Pick) -> set[str]:
    """A void sheet, and no new authorisation."""
    pick(evidence.hub.authorisations)["state"] = "spoiled"
    return {"print.replacement", "ledger.differs"}


@fault
def a_word_that_was_lost(events: list[Event], evidence: Evidence, pick: Pick) -> set[str]:
    """The page acknowledged another number than the ledger has."""
    at = pick([at for at, event in enumerate(events) if (event.kind, event.phase) == ("confirm", "ok")])
    events[at] = replace(events[at], details={"serial": "OTHER"})
    return {"word.lost"}


@fault
def a_word_nobody_said(events: list[Event], evidence: Evidence, pick: Pick) -> set[str]:
    """Printed, and no clerk confirmed it."""
    number = pick(sorted({event.case for event in events if event.kind == "confirm"}))
    events[:] = [event for event in events if (event.kind, event.case) != ("confirm", number)]
    return {"word.invented"}


@fault
def a_claim_nobody_made(events: list[Event], evidence: Evidence, pick: Pick) -> set[str]:
    """Granted, and no clerk pressed the button."""
    number = pick(sorted({event.case for event in events if event.kind == "print"}))
    events[:] = [event for event in events if (event.kind, event.case) != ("print", number)]
    return {"claim.invented"}
