"""What follows when one of our own messages was refused, by the hub or by its destination.

It is over and counts no more in the case; a person finds it in the troubles and in the county's own system, with the
county's own field that the refusal is about. Only what
was refused because the message before it was, or for its key or its version of the contract, is written anew at once.
"""

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy import Connection

from adapters.authority import ownlicenses
from adapters.boxes import fate, heldback
from adapters.boxes.invain import OTHER_KEY, OTHER_VERSION
from adapters.boxes.outbox import Outbox
from adapters.case import casebook
from adapters.directory.directoryview import DirectoryView
from adapters.identity import Identity
from adapters.local import lineages, localwrites, troublebook
from adapters.printing import ledger
from schemas import codec, tracing
from schemas.envelope import Envelope
from schemas.errors import YunhuobanError

_log = structlog.get_logger(__name__)


def end(
    tx: Connection,
    sent: Any,
    refusal: Mapping[str, Any],
    *,
    receipt: bytes | None,
    box: Outbox,
    identity: Identity,
    directory: DirectoryView | None,
    now: datetime,
    admitted_at: datetime | None = None,
) -> None:
    """End an outbox row with a refusal that was proven; the same refusal once more changes nothing.

    `admitted_at` is the hub's time of its refusal.
    """
    if not fate.refused(tx, sent, code=refusal["code"], receipt=receipt):
        return
    _log.warning(
        "message.refused",
        message_id=sent.message_id,
        type=sent.type,
        code=refusal["code"],
        trace_id=tracing.trace_id(sent.case_no),
    )
    broken = refusal["code"] in fate.CHAIN_BROKEN and refusal["field"] == "prev"
    again = broken or refusal["code"] in (*OTHER_KEY, OTHER_VERSION)
    if again and fate.write_anew(tx, box, sent, directory, now) is not None:
        return
    _tell(tx, sent, refusal, now)
    # Our clock is wrong, and the hub has just told us the time: nobody's case ends for that.
    ahead = refusal["code"] == fate.CLOCK_AHEAD and admitted_at is not None
    if ahead and fate.write_anew(tx, box, sent, directory, admitted_at or now) is not None:
        return
    case = casebook.find(tx, sent.case_no)
    if case is not None:
        casebook.restate(tx, case)
    if heldback.keep(tx, identity, sent, refusal["code"], now):
        return  # it goes by itself when the gate opens: to the county's own system it is still under way
    ownlicenses.restate(tx, sent.case_no)
    if sent.type == "print.claimed":
        _release_claim(tx, sent)
    if sent.chained:  # notices about other messages mean nothing to the county's own system
        localwrites.plan(
            tx,
            identity,
            message_id=sent.message_id,
            message_type="message.refused",
            case_no=sent.case_no,
            source=sent.destination,
            payload=codec.encode("Refusal", refusal),
            now=now,
        )


def _tell(tx: Connection, sent: Any, refusal: Mapping[str, Any], now: datetime) -> None:
    troublebook.keep(
        tx,
        key=f"message/{sent.message_id}",
        code=refusal["code"],
        place=f"{sent.type} {refusal['field']}".strip(),
        found=refusal["found"],
        expected=refusal["expected"],
        sentence=refusal["sentence_zh"],
        remedy=refusal["remedy_zh"],
        sentence_en=refusal["sentence_en"],
        remedy_en=refusal["remedy_en"],
        case_no=sent.case_no,
        now=now,
        origin=lineages.origin(tx, sent.message_id, refusal["field"]),
    )


def _release_claim(tx: Connection, sent: Any) -> None:
    """The hub did not take the claim, so it never granted it: the next click makes a new one."""
    facts = Envelope.parse(sent.body).facts or {}
    with suppress(YunhuobanError):  # granted meanwhile under an earlier message, or gone: then there is nothing to do
        ledger.claim_refused(tx, facts["authorisation_no"], claim_id=facts["claim_id"])
