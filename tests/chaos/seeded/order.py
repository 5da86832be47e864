"""Order within a case."""

from collections.abc import Sequence

from tests.chaos.evidence import Evidence, Row
from tests.chaos.history import Event
from tests.chaos.localbooks import Trace
from tests.chaos.seeded.picking import Pick, county_with, fault, rungs


def _chains(evidence: Evidence) -> list[list[Row]]:
    """The messages of one case in one direction, where there are at least two."""
    found: dict[tuple[str, str, str], list[Row]] = {}
    for row in sorted(rungs(evidence), key=lambda each: each["evidence"]["leaf_index"]):
        found.setdefault((row["case_no"], row["source"], row["destination"]), []).append(row)
    return [rows for rows in found.values() if len(rows) > 1]


@fault
def another_predecessor(events: list[Event], evidence: Evidence, pick: Pick) -> set[str]:
    """The chain of a case has a gap."""
    pick(_chains(evidence))[1]["prev"] = None
    return {"order.admitted", "stores.inbox"}


@fault
def admitted_out_of_order(events: list[Event], evidence: Evidence, pick: Pick) -> set[str]:
    """A message stands in the journal before the one it follows."""
    first, second = pick(_chains(evidence))[:2]
    first["evidence"], second["evidence"] = second["evidence"], first["evidence"]
    return {"order.admitted", "journal.message"}


@fault
def applied_out_of_order(events: list[Event], evidence: Evidence, pick: Pick) -> set[str]:
    """Two messages of a case had their effects in the wrong order."""
    chain = pick(_chains(evidence))
    ids = [row["message_id"] for row in chain[:2]]
    writes = evidence.counties[chain[0]["destination"]].local_writes
    first, second = (next(row for row in writes if row["message_id"] == each) for each in ids)
    first["seq"], second["seq"] = second["seq"], first["seq"]
    return {"order.applied"}


@fault
def written_out_of_order(events: list[Event], evidence: Evidence, pick: Pick) -> set[str]:
    """The local system has two traces of a case in the wrong order."""
    books = county_with(evidence, pick, lambda each: _pairs(each.local.in_order))
    first, second = pick(_pairs(books.local.in_order))
    shown = list(books.local.in_order)
    shown[first], shown[second] = shown[second], shown[first]
    books.local.in_order = shown
    return {"order.local"}


def _pairs(traces: Sequence[Trace]) -> list[tuple[int, int]]:
    return [
        (i, j)
        for i, first in enumerate(traces)
        for j, second in enumerate(traces)
        if i < j and first.case == second.case and first.type != second.type
    ]
