"""The run is over: nothing waits anywhere, and nothing lies dead that no fault provoked."""

from collections.abc import Iterator

from tests.chaos.findings import Kind, Problem
from tests.chaos.lookup import Lookup


def check(look: Lookup) -> Iterator[Problem]:
    """The hub first, then each county."""
    for row in look.hub.messages:
        if row["state"] == "parked":
            what = f"{row['type']} {row['message_id']}"
            yield _problem("waiting.parked", row["case_no"], what, "admitted or refused")
    for row in look.hub.unsettled:
        yield _problem("waiting.effects", "", f"{row['source']} {row['message_id']}", "its effects done")
    for row in look.hub.checkpoints:
        if not row["effects_done"]:
            yield _problem("waiting.effects", "", f"the batch up to {row['size']}", "its effects done")
    for row in look.hub.outgoing:
        if not row["done"]:
            yield _problem("waiting.outgoing", "", f"{row['type']} for {row['destination']}", "sent")
    for row in look.hub.destinations:
        if row["held"]:
            yield _problem("waiting.held", row["division_code"], row["reason"], "open")
    yield from _dead(look)
    for code, books in look.counties.items():
        for row in books.outbox:
            if row["state"] not in ("received", "refused"):
                yield _problem("waiting.outbox", row["case_no"], f"{code} {row['type']} {row['state']}", "received")
        for row in books.inbox:
            if row["state"] not in ("applied", "refused"):
                yield _problem("waiting.inbox", row["case_no"], f"{code} {row['type']} {row['state']}", "applied")
        for row in books.local_writes:
            if not row["done"]:
                yield _problem("waiting.local", row["case_no"], f"{code} {row['type']}", "written")
        for row in books.waiting_records:
            yield _problem("waiting.record", row["local_case"], f"{code} {row['type']}", "in the outbox")
        for row in books.prints:
            if row["state"] in ("authorised", "claimed", "printing", "unknown"):
                yield _problem("waiting.print", row["authorisation_no"], f"{code} {row['state']}", "settled")


def _dead(look: Lookup) -> Iterator[Problem]:
    """A message that died without a fault that may kill it is lost until a person finds it."""
    provoked = look.allowed("dead_letters")
    for row in look.hub.dead_letters:
        if row["state"] != "waiting":
            continue
        provoked -= 1
        if provoked < 0:
            yield Problem(
                rule="waiting.dead", kind=Kind.LOST, case="", expected="no dead letter",
                found=f"{row['reason']} {row['queue']} {row['message_id']}",
            )  # fmt: skip


def _problem(rule: str, case: str, found: str, expected: str) -> Problem:
    return Problem(rule=rule, kind=Kind.UNFINISHED, case=case, found=found, expected=expected)
