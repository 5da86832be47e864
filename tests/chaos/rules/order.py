"""Order within a case: the sender's chain by `prev` is one chain, and admission, effects and local traces follow it.

Times are not asked: a run steps clocks. The order of admission is the journal's, the order of effects that of the rows
planned for the local system, which are numbered in the transaction of the effect.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from tests.chaos.evidence import Row
from tests.chaos.findings import Kind, Problem
from tests.chaos.localbooks import Trace
from tests.chaos.lookup import NOTICES, Lookup


def check(look: Lookup) -> Iterator[Problem]:
    """The chain of each case and direction, and what came of it."""
    chains: dict[tuple[str, str, str], list[Row]] = defaultdict(list)
    for rows in look.admitted.values():
        for row in rows:
            if row["type"] not in NOTICES:
                chains[row["case_no"], row["source"], row["destination"]].append(row)
    planned = {
        code: {(row["message_id"], row["type"]): row["seq"] for row in books.local_writes}
        for code, books in look.counties.items()
    }
    for (case_no, source, destination), rows in chains.items():
        rows.sort(key=look.leaf_index)
        yield from _chained(look, case_no, source, rows)
        at = planned.get(destination, {})
        places = [at[each] for row in rows if (each := (row["message_id"], row["type"])) in at]
        if places != sorted(places):
            yield _problem("order.applied", case_no, f"{destination} applied {places}", "in the order of the chain")
    for code, books in look.counties.items():
        yield from _local(look, code, books.local.in_order, books.local_writes)


def _chained(look: Lookup, case_no: str, source: str, rows: Sequence[Row]) -> Iterator[Problem]:
    """In the order of the journal each message names the one before it."""
    before: str | None = None
    for row in rows:
        # What a destination refused is over: the sender chains the next one to what was good before.
        if row["prev"] != before and not _over(look, source, before):
            found = f"{row['type']} {row['message_id']} after {row['prev']}"
            yield _problem("order.admitted", case_no, found, f"after {before}")
        before = row["message_id"]


def _over(look: Lookup, source: str, message_id: str | None) -> bool:
    mine = look.outbox.get((source, message_id or ""))
    return mine is not None and mine["state"] == "refused"


def _local(look: Lookup, code: str, traces: Sequence[Trace], writes: Sequence[Row]) -> Iterator[Problem]:
    """The traces of a case stand in the local system in the order in which they were planned."""
    shown: dict[str, list[str]] = defaultdict(list)
    for trace in traces:
        shown[trace.case].append(trace.type)
    kinds = {trace.type for trace in traces}
    wanted: dict[str, list[str]] = defaultdict(list)
    for row in sorted(writes, key=lambda each: each["seq"]):
        if row["done"] and row["type"] in kinds:
            wanted[look.label(code, row["case_no"])].append(row["type"])
    for case, types in shown.items():
        if types != wanted[case] and sorted(types) == sorted(wanted[case]):
            yield _problem("order.local", case, f"{code}: {', '.join(types)}", ", ".join(wanted[case]))


def _problem(rule: str, case: str, found: str, expected: str) -> Problem:
    return Problem(rule=rule, kind=Kind.REORDERED, case=case, found=found, expected=expected)
