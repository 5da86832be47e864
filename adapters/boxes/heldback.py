"""Applications that the hub's gate did not let through: kept, and sent anew by themselves when it can have opened.

The gate is no judgement on the application (`schemas.conformance.standing`): a trial has to be done first, or one of
the two counties has to hand in its test. The record waits like one whose turn has not come. It is not sent before this
county has seen what opens the gate: its own trial case at the end of its road, or a newer directory, which the hub
makes when a result comes in.
"""

from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, func, select

from adapters.boxes import invain, waiting
from adapters.case import casebook
from adapters.identity import Identity
from adapters.local.mapping import Translation
from adapters.store import tables
from schemas import codec
from schemas.conformance.standing import GATE_CODES, TRIAL_FIRST
from schemas.envelope import Envelope
from schemas.errors import YunhuobanError
from schemas.lifecycle import CaseState
from schemas.messages import TYPES

CODES: Final = {each.code: each for each in GATE_CODES}
_WHOLE: Final = (CaseState.HANDED_OVER, CaseState.CLOSED)


def keep(tx: Connection, identity: Identity, sent: Any, code: str, now: datetime) -> bool:
    """Keep a refused application for later; False when it is none, or no local record stands behind it.

    Each refusal makes the next try come later, whatever this county believes of the gate.
    """
    if code not in CODES or not TYPES[sent.type].opens:
        return False
    records, case = tables.source_records, casebook.find(tx, sent.case_no)
    read = tx.execute(select(records).where(records.c.message_id == sent.message_id)).one_or_none()
    if read is None or case is None or case.local_case is None:
        return False
    envelope = Envelope.parse(sent.body)
    payload = identity.storage.open(sent.record_sealed, place=f"outbox/{sent.message_id}")
    said = Translation(
        message_type=sent.type,
        canonical=codec.decode(payload, envelope.kind.record),
        local_case=case.local_case,
        destination=sent.destination,
        service_item=envelope.service_item,
        trial=envelope.trial,
        lineage=(),
    )
    tries = _refusals(tx, case.local_case)
    waiting.keep(tx, identity, read.source, read.key, sent.type, said, now, tries=tries)
    return True


def check(tx: Connection, *, destination: str, service_item: str, trial: bool) -> None:
    """Raise the gate's code while it was heard about this item and nothing has happened since that opens it."""
    outbox, cases = tables.outbox.c, tables.cases.c
    heard = (
        select(tables.outbox)
        .join(tables.cases, cases.case_no == outbox.case_no)
        .where(outbox.refusal_code.in_(CODES), outbox.destination == destination)
        .where(cases.service_item == service_item)
        .order_by(outbox.seq.desc())
        .limit(1)
    )
    row = tx.execute(heard).one_or_none()
    if row is None:
        return
    if row.refusal_code == TRIAL_FIRST.code:
        opened = trial or _trial_done(tx, destination, service_item)
    else:
        opened = invain.directory_after(tx, row)
    if not opened:
        raise YunhuobanError(CODES[row.refusal_code], place="service_item", found=service_item, county=destination)


def _trial_done(tx: Connection, destination: str, service_item: str) -> bool:
    cases = tables.cases.c
    here = (cases.issuing_county == destination, cases.service_item == service_item, cases.trial)
    return tx.execute(select(cases.case_no).where(*here, cases.state.in_(_WHOLE)).limit(1)).first() is not None


def _refusals(tx: Connection, local_case: str) -> int:
    """How often the gate has refused this application."""
    outbox, cases = tables.outbox.c, tables.cases.c
    mine = select(func.count()).select_from(tables.outbox.join(tables.cases, cases.case_no == outbox.case_no))
    return int(tx.execute(mine.where(cases.local_case == local_case, outbox.refusal_code.in_(CODES))).scalar_one())
