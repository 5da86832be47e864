"""Faults seeded into good books: one function each, which spoils what it is given and says which rules it breaks.

`pick` chooses among what may be spoiled; the same choices spoil the same things.
"""

import copy
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Final

from schemas.leaf import ADMITTED
from schemas.messages import HUB
from tests.chaos.evidence import CountyBooks, Evidence, Row
from tests.chaos.history import Event
from tests.chaos.localbooks import Trace
from tests.chaos.lookup import NOTICES

Pick = Callable[[Sequence[Any]], Any]
Fault = Callable[[list[Event], Evidence, Pick], set[str]]
FAULTS: Final[dict[str, Fault]] = {}
ELSEWHERE: Final = "00000000-0000-4000-8000-000000000000"


def fault(function: Fault) -> Fault:
    """Enter one in the list."""
    FAULTS[function.__name__] = function
    return function


# --- what can be picked ----------------------------------------------------------------------------------------------


def rungs(evidence: Evidence) -> list[Row]:
    """Admitted messages that a county is to apply."""
    return [
        row
        for row in evidence.hub.messages
        if row["state"] == "admitted" and row["destination"] != HUB and row["type"] not in NOTICES
    ]


def arrival(evidence: Evidence, message: Row) -> tuple[list[Row], Row]:
    """A message's row in its destination's inbox, and that inbox."""
    inbox = evidence.counties[message["destination"]].inbox
    key = message["source"], message["message_id"]
    return inbox, next(row for row in inbox if (row["source"], row["message_id"]) == key)


def sent(evidence: Evidence, message: Row) -> tuple[list[Row], Row]:
    """A message's row in its sender's outbox, and that outbox."""
    outbox = evidence.counties[message["source"]].outbox
    return outbox, next(row for row in outbox if row["message_id"] == message["message_id"])


def county_with(evidence: Evidence, pick: Pick, has: Callable[[CountyBooks], Sequence[Any]]) -> CountyBooks:
    """A county that has some of these."""
    codes = sorted(code for code, books in evidence.counties.items() if has(books))
    return evidence.counties[pick(codes)]


def printed(evidence: Evidence, pick: Pick) -> Row:
    """An authorisation in a county's ledger."""
    rows: list[Row] = [row for books in evidence.counties.values() for row in books.prints]
    return pick(sorted(rows, key=lambda row: row["authorisation_no"]))


def submits(events: list[Event]) -> list[int]:
    """Where acknowledged submissions stand."""
    return [at for at, event in enumerate(events) if (event.kind, event.phase) == ("submit", "ok")]


# --- applications ----------------------------------------------------------------------------------------------------


@fault
def acknowledged_and_nowhere(events: list[Event], evidence: Evidence, pick: Pick) -> set[str]:
    """A clerk was told that it is done, and nobody has it."""
    event = events[pick(submits(events))]
    events += [replace(event, phase="invoke", case="LOST-1"), replace(event, case="LOST-1")]
    return {"application.taken"}


@fault
def lost_from_the_local_system(events: list[Event], evidence: Evidence, pick: Pick) -> set[str]:
    """The window's own system forgot an application."""
    event = events[pick(submits(events))]
    evidence.counties[event.details["county"]].local.taken.remove(event.case)
    return {"application.taken", "case.invented"}


@fault
def taken_twice(events: list[Event], evidence: Evidence, pick: Pick) -> set[str]:
    """It stands there twice."""
    event = events[pick(submits(events))]
    evidence.counties[event.details["county"]].local.taken.append(event.case)
    return {"application.taken"}


@fault
def acknowledged_twice(events: list[Event], evidence: Evidence, pick: Pick) -> set[str]:
    """Two clerks were given the same number."""
    events.append(events[pick(submits(events))])
    return {"application.acknowledged"}


@fault
def never_submitted(events: list[Event], evidence: Evidence, pick: Pick) -> set[str]:
    """An application that no clerk took."""
    case = events[pick(submits(events))].case
    events[:] = [event for event in events if event.case != case]
    return {"application.unknown"}


@fault
def never_read(events: list[Event], evidence: Evidence, pick: Pick) -> set[str]:
    """It lies in the local system, and the county node has no case of it."""
    books = county_with(evidence, pick, lambda each: each.local.taken)
    books.local.taken.append("UNREAD-1")
    at = submits(events)[0]
    code = next(code for code, each in evidence.counties.items() if each is books)
    details = {**events[at].details, "county": code}
    events += [replace(events[at], phase=phase, case="UNREAD-1", details=details) for phase in ("invoke", "ok")]
    return {"application.admitted"}


@fault
def two_cases_of_one_application(events: list[Event], evidence: Evidence, pick: Pick) -> set[str]:
    """The county read it twice, and both went through."""
    window = pick(sorted({row["source"] for row in rungs(evidence) if row["type"] == "application.submitted"}))
    first = next(row for row in rungs(evidence) if (row["type"], row["source"]) == ("application.submitted", window))
    other = first | {"case_no": "999999-20260101-000001-X", "message_id": ELSEWHERE}
    evidence.hub.messages.append(other)
    case = next(row for row in evidence.counties[window].cases if row["case_no"] == first["case_no"])
    evidence.counties[window].cases.append(case | {"case_no": other["case_no"]})
    return {"application.admitted", "message.invented"}


@fault
def granted_instead_of_denied(events: list[Event], evidence: Evidence, pick: Pick) -> set[str]:
    """What had to be denied was granted, or the other way round."""
    at = pick(submits(events))
    details = {**events[at].details, "flawed": not events[at].details["flawed"]}
    events[at] = replace(events[at], details=details)
    return {"case.outcome"}


@fault
def an_invented_case(events: list[Event], evidence: Evidence, pick: Pick) -> set[str]:
    """A county has a case that the hub never opened."""
    row = pick(evidence.hub.cases)
    evidence.counties[row["issuing_county"]].cases.append(
        next(each for each in evidence.counties[row["issuing_county"]].cases if each["case_no"] == row["case_no"])
        | {"case_no": "999999-20260101-000001-X"}
    )
    return {"case.invented"}


# --- rungs -----------------------------------------------------------------------------------------------------------


@fault
def a_lost_rung(events: list[Event], evidence: Evidence, pick: Pick) -> set[str]:
    """The hub has lost a message of a case."""
    row = pick(rungs(evidence))
    evidence.hub.messages.remove(row)
    return {"rung.missing", "message.lost", "journal.unmatched", "delivery.invented"}


@fault
def a_doubled_rung(events: list[Event], evidence: Evidence, pick: Pick) -> set[str]:
    """The same step under another id."""
    evidence.hub.messages.append(pick(rungs(evidence)) | {"message_id": ELSEWHERE})
    return {"rung.doubled", "message.invented"}


@fault
def an_invented_message(events: list[Event], evidence: Evidence, pick: Pick) -> set[str]:
    """Admitted, and its county never wrote it."""
    outbox, row = sent(evidence, pick(rungs(evidence)))
    outbox.remove(row)
    return {"message.invented"}


@fault
def paper_for_a_denied_case(events: list[Event], evidence: Evidence, pick: Pick) -> set[str]:
    """A license after a denial."""
    case_no = pick([row["case_no"] for row in evidence.hub.cases if row["state"] == "denied"])
    license_row = next(row for row in evidence.hub.messages if row["type"] == "license.issued")
    evidence.hub.messages.append(license_row | {"case_no": case_no, "message_id": ELSEWHERE})
    return {"rung.invented"}


@fault
def not_signed_for(events: list[Event], evidence: Evidence, pick: Pick) -> set[str]:
    """A rung that its destination never signed as received."""
    signed = [row for row in evidence.hub.messages if row["type"] == "message.received"]
    evidence.hub.messages.remove(pick(signed))
    return {"rung.received"}


@fault
def received_not_noted(events: list[Event], evidence: Evidence, pick: Pick) -> set[str]:
    """Signed as received, and the hub did not note it."""
    pick(rungs(evidence))["received_at"] = None
    return {"rung.received"}


@fault
def signed_for_twice(events: list[Event], evidence: Evidence, pick: Pick) -> set[str]:
    """Two signed words for one message."""
    signed = [row for row in evidence.hub.messages if row["type"] == "message.received"]
    evidence.hub.messages.append(pick(signed) | {"message_id": ELSEWHERE})
    return {"rung.received"}


@fault
def another_state(events: list[Event], evidence: Evidence, pick: Pick) -> set[str]:
    """A case that did not come to its end at the hub."""
    pick(evidence.hub.cases)["state"] = "accepted"
    return {"case.state", "case.end"}


@fault
def a_county_without_the_case(events: list[Event], evidence: Evidence, pick: Pick) -> set[str]:
    """One of the parties does not know it."""
    row = pick(evidence.hub.cases)
    cases = evidence.counties[row["issuing_county"]].cases
    cases.remove(next(each for each in cases if each["case_no"] == row["case_no"]))
    return {"case.known"}


# --- delivery --------------------------------------------------------------------------------------------------------


@fault
def a_lost_delivery(events: list[Event], evidence: Evidence, pick: Pick) -> set[str]:
    """Admitted, and not in the inbox."""
    inbox, row = arrival(evidence, pick(rungs(evidence)))
    inbox.remove(row)
    return {"delivery.lost", "effect.invented"}


@fault
def a_doubled_delivery(events: list[Event], evidence: Evidence, pick: Pick) -> set[str]:
    """Twice in the inbox."""
    inbox, row = arrival(evidence, pick(rungs(evidence)))
    inbox.append(dict(row))
    return {"delivery.doubled"}


@fault
def an_invented_arrival(events: list[Event], evidence: Evidence, pick: Pick) -> set[str]:
    """In an inbox, and the hub knows nothing of it."""
    inbox, row = arrival(evidence, pick(rungs(evidence)))
    inbox.append(row | {"message_id": ELSEWHERE})
    return {"delivery.invented"}


@fault
def an_invented_grant(events: list[Event], evidence: Evidence, pick: Pick) -> set[str]:
    """A word of the hub that the hub never said."""
    books = county_with(evidence, pick, lambda each: [row for row in each.inbox if row["type"] == "print.granted"])
    books.inbox.append(next(row for row in books.inbox if row["type"] == "print.granted") | {"message_id": ELSEWHERE})
    return {"delivery.invented"}


@fault
def other_bytes_delivered(events: list[Event], evidence: Evidence, pick: Pick) -> set[str]:
    """The destination has other bytes than the hub admitted."""
    _, row = arrival(evidence, pick(rungs(evidence)))
    row["envelope_sha256"] = bytes(32)
    return {"delivery.bytes", "delivery.invented"}


@fault
def other_bytes_kept(events: list[Event], evidence: Evidence, pick: Pick) -> set[str]:
    """The hub's bytes are not those of its digest."""
    pick(evidence.hub.messages)["body_sha256"] = bytes(32)
    return {"message.bytes"}


@fault
def never_applied(events: list[Event], evidence: Evidence, pick: Pick) -> set[str]:
    """It lies in the inbox and waits."""
    _, row = arrival(evidence, pick(rungs(evidence)))
    row["state"] = "opened"
    return {"delivery.applied", "waiting.inbox"}


@fault
def refused_by_its_destination(events: list[Event], evidence: Evidence, pick: Pick) -> set[str]:
    """It was refused there, and nothing took its place."""
    _, row = arrival(evidence, pick(rungs(evidence)))
    row |= {"state": "refused", "refusal_code": "E-ENV-103"}
    return {"delivery.applied"}


@fault
def an_inbox_that_disagrees(events: list[Event], evidence: Evidence, pick: Pick) -> set[str]:
    """The columns beside the bytes say something else."""
    _, row = arrival(evidence, pick(rungs(evidence)))
    row["prev"] = ELSEWHERE
    return {"stores.inbox"}


@fault
def an_outbox_that_disagrees(events: list[Event], evidence: Evidence, pick: Pick) -> set[str]:
    """The sender has another time of admission than the hub."""
    _, row = sent(evidence, pick(rungs(evidence)))
    row["admitted_at"] += 1
    return {"stores.outbox"}


@fault
def settled_and_unknown_at_the_hub(events: list[Event], evidence: Evidence, pick: Pick) -> set[str]:
    """A county holds for delivered what the hub does not have."""
    outbox, row = sent(evidence, pick(rungs(evidence)))
    outbox.append(row | {"message_id": ELSEWHERE})
    return {"message.lost"}


@fault
def a_refusal_that_came_back(events: list[Event], evidence: Evidence, pick: Pick) -> set[str]:
    """The hub refused it, and it was delivered."""
    row = pick(rungs(evidence))
    row |= {"state": "refused", "verdict": "E-ADM-102"}
    return {"refusal.final", "journal.message"}


@fault
def refused_and_admitted(events: list[Event], evidence: Evidence, pick: Pick) -> set[str]:
    """The sender was told that it is refused; the hub admitted it."""
    _, row = sent(evidence, pick(rungs(evidence)))
    row |= {"state": "refused", "refusal_code": "E-ADM-102"}
    return {"refusal.final"}


@fault
def two_verdicts(events: list[Event], evidence: Evidence, pick: Pick) -> set[str]:
    """The journal has a refusal and an admission of the same bytes."""
    row = pick([each for each in evidence.hub.journal if each["verdict"] == ADMITTED])
    evidence.hub.journal.append(row | {"leaf_index": len(evidence.hub.journal), "verdict": "E-ADM-102"})
    return {"refusal.final", "journal.unmatched"}


@fault
def an_invented_refusal(events: list[Event], evidence: Evidence, pick: Pick) -> set[str]:
    """The hub refused what nobody wrote and no fault provoked."""
    row = pick(rungs(evidence))
    evidence.hub.messages.append(row | {"message_id": ELSEWHERE, "state": "refused", "verdict": "E-ENV-001"})
    return {"refusal.invented"}


@fault
def an_effect_not_planned(events: list[Event], evidence: Evidence, pick: Pick) -> set[str]:
    """Applied, and nothing goes into the local system."""
    books = county_with(evidence, pick, lambda each: each.local_writes)
    books.local_writes.remove(pick(books.local_writes))
    return {"effect.planned", "local.invented"}


@fault
def an_effect_planned_twice(events: list[Event], evidence: Evidence, pick: Pick) -> set[str]:
    """Two local writes of one message."""
    books = county_with(evidence, pick, lambda each: each.local_writes)
    books.local_writes.append(pick(books.local_writes) | {"seq": 10_000})
    return {"effect.planned", "local.lost"}


@fault
def an_invented_effect(events: list[Event], evidence: Evidence, pick: Pick) -> set[str]:
    """A local write of a message that was never applied."""
    books = county_with(evidence, pick, lambda each: each.local_writes)
    books.local_writes.append(pick(books.local_writes) | {"message_id": ELSEWHERE})
    return {"effect.invented"}


# --- order -----------------------------------------------------------------------------------------------------------


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


# --- journal ---------------------------------------------------------------------------------------------------------


@fault
def a_missing_leaf(events: list[Event], evidence: Evidence, pick: Pick) -> set[str]:
    """A row of the journal is gone."""
    rows = evidence.hub.journal
    rows.remove(pick(rows[:-1]))
    return {"journal.gap", "journal.missing", "receipt.journal"}


@fault
def the_last_leaf_missing(events: list[Event], evidence: Evidence, pick: Pick) -> set[str]:
    """The journal was cut off."""
    del evidence.hub.journal[-1]
    return {"journal.size", "journal.head"}


@fault
def a_changed_leaf(events: list[Event], evidence: Evidence, pick: Pick) -> set[str]:
    """Another time in a row."""
    pick(evidence.hub.journal)["admitted_at"] += 1
    return {"journal.leaf"}


@fault
def a_leaf_changed_with_its_hash(events: list[Event], evidence: Evidence, pick: Pick) -> set[str]:
    """A careful forger: the row's hash fits, the root does not."""
    row = pick(evidence.hub.journal)
    row["leaf_hash"] = hashlib.sha256(row["leaf_hash"]).digest()
    return {"journal.leaf", "journal.root", "journal.head"}


@fault
def leaves_that_changed_places(events: list[Event], evidence: Evidence, pick: Pick) -> set[str]:
    """Two leaves in each other's place."""
    rows = evidence.hub.journal
    at = pick(range(len(rows) - 1))
    rows[at], rows[at + 1] = rows[at + 1] | {"leaf_index": at}, rows[at] | {"leaf_index": at + 1}
    return {"journal.message"}


@fault
def a_leaf_too_many(events: list[Event], evidence: Evidence, pick: Pick) -> set[str]:
    """The same admission once more."""
    rows = evidence.hub.journal
    rows.append(pick(rows) | {"leaf_index": len(rows)})
    return {"journal.doubled", "journal.size"}


@fault
def another_root(events: list[Event], evidence: Evidence, pick: Pick) -> set[str]:
    """A checkpoint over other leaves."""
    row = pick(evidence.hub.checkpoints)
    row["record"] = row["record"] | {"root": bytes(32)}
    return {"journal.root"}


@fault
def a_split_view(events: list[Event], evidence: Evidence, pick: Pick) -> set[str]:
    """A county was shown another journal."""
    books = county_with(evidence, pick, lambda each: each.checkpoints)
    pick(books.checkpoints)["root"] = bytes(32)
    return {"journal.fork"}


@fault
def no_receipt(events: list[Event], evidence: Evidence, pick: Pick) -> set[str]:
    """A county holds a message for admitted, without a receipt."""
    _, row = sent(evidence, pick(rungs(evidence)))
    row["receipt"] = None
    return {"receipt.missing"}


@fault
def a_receipt_for_another_leaf(events: list[Event], evidence: Evidence, pick: Pick) -> set[str]:
    """A county's receipt is not in the journal."""
    _, row = sent(evidence, pick(rungs(evidence)))
    row["receipt"] = row["receipt"] | {"leaf_index": len(evidence.hub.journal) + 5}
    return {"receipt.journal"}


@fault
def a_receipt_that_proves_nothing(events: list[Event], evidence: Evidence, pick: Pick) -> set[str]:
    """Its proof leads to no root."""
    rows = [row for row in rungs(evidence) if sent(evidence, row)[1]["receipt"]["proof"]]
    _, row = sent(evidence, pick(rows))
    row["receipt"] = row["receipt"] | {"proof": [bytes(32)] * len(row["receipt"]["proof"])}
    return {"receipt.proof"}


# --- paper -----------------------------------------------------------------------------------------------------------


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


# --- local systems ---------------------------------------------------------------------------------------------------


@fault
def a_lost_trace(events: list[Event], evidence: Evidence, pick: Pick) -> set[str]:
    """The local system lacks what was written into it."""
    books = county_with(evidence, pick, lambda each: each.local.traces)
    books.local.traces.remove(pick(books.local.traces))
    return {"local.lost"}


@fault
def a_doubled_trace(events: list[Event], evidence: Evidence, pick: Pick) -> set[str]:
    """It has it twice."""
    books = county_with(evidence, pick, lambda each: each.local.traces)
    books.local.traces = [*books.local.traces, pick(books.local.traces)]
    return {"local.doubled"}


@fault
def an_invented_trace(events: list[Event], evidence: Evidence, pick: Pick) -> set[str]:
    """It has what nobody sent."""
    books = county_with(evidence, pick, lambda each: each.local.traces)
    books.local.traces = [*books.local.traces, Trace("NOWHERE-1", "decision.made")]
    return {"local.invented"}


@fault
def a_step_not_sent(events: list[Event], evidence: Evidence, pick: Pick) -> set[str]:
    """A clerk decided, and it went nowhere."""
    books = county_with(evidence, pick, lambda each: each.local.made)
    books.local.made.append(Trace("NOWHERE-1", "decision.made"))
    return {"step.admitted"}


@fault
def a_step_nobody_made(events: list[Event], evidence: Evidence, pick: Pick) -> set[str]:
    """Sent, and no clerk did it."""
    books = county_with(evidence, pick, lambda each: each.local.made)
    books.local.made.remove(pick(books.local.made))
    return {"step.invented"}


# --- waiting ---------------------------------------------------------------------------------------------------------


@fault
def an_unfinished_outbox(events: list[Event], evidence: Evidence, pick: Pick) -> set[str]:
    """Sent, and nobody signed for it."""
    _, row = sent(evidence, pick(rungs(evidence)))
    row["state"] = "sent"
    return {"waiting.outbox"}


@fault
def undone_effects(events: list[Event], evidence: Evidence, pick: Pick) -> set[str]:
    """Journalled, and not known to be passed on."""
    pick(evidence.hub.checkpoints)["effects_done"] = False
    return {"waiting.effects"}


@fault
def an_unsettled_message(events: list[Event], evidence: Evidence, pick: Pick) -> set[str]:
    """One message of a batch of which something was never confirmed."""
    row = pick(evidence.hub.messages)
    evidence.hub.unsettled.append({name: row[name] for name in ("source", "message_id", "envelope_sha256")})
    return {"waiting.effects"}


@fault
def an_unsaid_word(events: list[Event], evidence: Evidence, pick: Pick) -> set[str]:
    """A grant or a directory that did not go out."""
    pick(evidence.hub.outgoing)["done"] = False
    return {"waiting.outgoing"}


@fault
def parked_for_ever(events: list[Event], evidence: Evidence, pick: Pick) -> set[str]:
    """A message that still waits for its predecessor."""
    pick(rungs(evidence))["state"] = "parked"
    return {"waiting.parked"}


@fault
def a_local_write_not_done(events: list[Event], evidence: Evidence, pick: Pick) -> set[str]:
    """Planned, and not written."""
    books = county_with(evidence, pick, lambda each: each.local_writes)
    pick(books.local_writes)["done"] = False
    return {"waiting.local"}


@fault
def a_record_that_waits(events: list[Event], evidence: Evidence, pick: Pick) -> set[str]:
    """A local record that never came in turn."""
    books = county_with(evidence, pick, lambda each: each.cases)
    books.waiting_records.append({"local_case": "WQ9", "type": "decision.made"})
    return {"waiting.record"}


@fault
def a_dead_letter(events: list[Event], evidence: Evidence, pick: Pick) -> set[str]:
    """A message died, and no fault provoked it."""
    evidence.hub.dead_letters.append(
        {
            "state": "waiting",
            "reason": "poison",
            "queue": "admission.00",
            "message_id": pick(rungs(evidence))["message_id"],
        }
    )
    return {"waiting.dead"}


@fault
def a_closed_destination(events: list[Event], evidence: Evidence, pick: Pick) -> set[str]:
    """A county is still held."""
    evidence.hub.destinations.append({"held": True, "division_code": pick(sorted(evidence.counties)), "reason": "x"})
    return {"waiting.held"}


def spoiled(events: list[Event], evidence: Evidence) -> tuple[list[Event], Evidence]:
    """Copies that may be spoiled."""
    return list(events), copy.deepcopy(evidence)
