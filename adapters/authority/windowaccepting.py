"""The issuing county's answer to what a window has accepted in its place (收件受理权): the same number and moment.

Said in the transaction in which the application takes effect, under an id derived of the application's, so that it is
said once however often the application comes. The promised day is that of this county's own item.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, select

from adapters.authority import windowpowers
from adapters.boxes import inbox, outbox
from adapters.boxes.outbox import Draft, Outbox
from adapters.case import steps
from adapters.case.casebook import Case
from adapters.directory.directoryview import NO_DIRECTORY, DirectoryView
from adapters.identity import Identity
from adapters.local import localwrites
from adapters.store import tables
from schemas import codec
from schemas.envelope import Envelope, derived_id
from schemas.errors import YunhuobanError
from schemas.messages import APPLICATION, TYPES

ACCEPTED: Final = "application.accepted"


def answer(
    tx: Connection,
    box: Outbox,
    identity: Identity,
    case: Case,
    envelope: Envelope,
    record: Mapping[str, Any],
    directory: DirectoryView | None,
    now: datetime,
) -> None:
    """Accept what the window has accepted; nothing where it has not, or is of this county itself.

    Raises E-POWER-005 without a promise to give, E-DOC-… when the window's notice has no number, E-ADM-108.
    """
    said = record.get("window_acceptance")
    if said is None:
        return
    if directory is None:
        raise YunhuobanError(NO_DIRECTORY)
    acceptance = {
        "project_no": case.case_no,
        "accept_doc_no": said["accept_doc_no"],
        "accepted_at": said["accepted_at"],
        "promised_on": windowpowers.promised_on(
            directory, case.parties.issuing, case.service_item, said["accepted_at"]
        ),
        "clerk": said["clerk"],
    }
    steps.take(tx, case, ACCEPTED, acceptance, directory, now)
    message_id = box.put(
        tx,
        Draft(
            type=ACCEPTED,
            case_no=case.case_no,
            destination=case.parties.window,
            service_item=case.service_item,
            trial=case.trial,
            record=acceptance,
            in_reply_to=envelope.id,
            message_id=derived_id(envelope.id, ACCEPTED),
            patient=True,
        ),
        directory,
        now,
    )
    localwrites.plan(
        tx,
        identity,
        message_id=message_id,
        message_type=ACCEPTED,
        case_no=case.case_no,
        source=identity.division_code,
        payload=codec.encode(TYPES[ACCEPTED].record, acceptance),
        now=now,
    )


def answered(tx: Connection, case: Case) -> str | None:
    """The message that answered the window's acceptance, unless it was refused; None where the window did not accept.

    This county's own system may say the same acceptance once more when it has heard of it: nothing is left to send.
    """
    columns = tables.inbox.c
    for seq in inbox.newest_applied(tx, case.case_no, APPLICATION):
        application_id = tx.execute(select(columns.message_id).where(columns.seq == seq)).scalar_one()
        said = outbox.find(tx, derived_id(application_id, ACCEPTED))
        if said is not None and said.state != "refused":
            return str(said.message_id)
    return None
