"""The press: from a whole draft to a case and its message, as a record of the local system becomes one."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from sqlalchemy import Connection

from adapters.boxes import outbox
from adapters.boxes.outbox import Draft as Message
from adapters.boxes.outbox import Outbox
from adapters.case import casebook, opening
from adapters.directory import choosing
from adapters.directory.directoryview import DirectoryView
from adapters.hall.agents import places
from adapters.hall.sharing.held import HeldLicenses
from adapters.hall.taking import fields, naming
from adapters.hall.taking.enclosing import Enclosed, enclose, reads_files
from adapters.hall.taking.fields import HANDLING, ORIGIN
from adapters.hall.taking.offered import Offered
from adapters.hall.taking.record import record
from adapters.hall.taking.sheet import Sheet
from adapters.local import troublebook
from adapters.local.mapping import Translation
from certs.atrest import AtRest
from pages.people.person import Person
from schemas import releases
from schemas.errors import YunhuobanError, declare

NOT_COMPLETE: Final = declare(
    "E-TAKE-020", "还有 {count} 项没有填好，没有报送。", "请照各项旁边的提示补齐；已填的都存着，没有丢失。"
)

OTHER_ATTEMPT: Final = declare(
    "E-TAKE-023", "这份申请在别的页面上改过，没有报送。", "请刷新页面，看清现在的内容后再报送。"
)


def demand_complete(sheet: Sheet) -> None:
    """Raises E-TAKE-020 when something of a form is not filled or not right."""
    if sheet.checked.hindrances:
        raise YunhuobanError(NOT_COMPLETE, place="form", count=str(len(sheet.checked.hindrances)))


def take(
    tx: Connection,
    sealing: AtRest,
    sheet: Sheet,
    directory: DirectoryView,
    box: Outbox,
    here: str,
    person: Person,
    held: HeldLicenses,
    now: datetime,
) -> tuple[str, str]:
    """Open the case and put its message into the outbox; returns the numbers of both. `here` is this county.

    Raises E-TAKE-020, E-SHARE-001 or -003, E-CAT-…, E-SRC-103, a code of the gate, E-CODEC-…; the transaction is to be
    rolled back then.
    """
    draft = sheet.draft
    demand_complete(sheet)
    naming.demand_valid(tx, held, directory, draft, sheet.checked.rows, now)
    case_no = casebook.mint(tx, here, now)
    handling = _handling(sheet.what, draft.typed)
    enclosed = enclosed_for(tx, sealing, sheet, directory)
    made = record(
        draft,
        sheet.checked,
        sheet.files,
        enclosed,
        case_no=case_no,
        clerk=person.name,
        handling=handling,
        fielded=reads_fields(directory, draft.issuing_county),
        told=sheet.what.told,
        origin=_origin(tx, draft.typed),
        now=now,
    )
    said = choosing.completed(
        Translation(
            message_type=fields.OPENING,
            canonical=made,
            local_case=case_no,
            destination=draft.issuing_county,
            service_item=draft.service_item,
            trial=draft.trial,
            lineage=(),
        ),
        directory,
        window=here,
        now=now,
    )
    opening.judge(tx, said, directory, window=here, now=now)
    case = opening.open_case(tx, said, window=here, local_case=None, now=now, case_no=case_no)
    earlier = outbox.find(tx, draft.message_id) if draft.message_id else None
    message_id = box.put(
        tx,
        Message(
            type=fields.OPENING,
            case_no=case.case_no,
            destination=case.other(here),
            service_item=case.service_item,
            trial=case.trial,
            record=said.canonical,
            attachments=enclosed.attachments if enclosed is not None else (),
            supersedes=earlier.message_id if earlier is not None else None,
            patient=True,
        ),
        directory,
        now,
    )
    if earlier is not None:
        troublebook.clear(tx, f"message/{earlier.message_id}")
    return case.case_no, message_id


def enclosed_for(tx: Connection, sealing: AtRest, sheet: Sheet, directory: DirectoryView) -> Enclosed | None:
    """The files of a form; None when the issuing county knows of no files."""
    if not reads_files(directory, sheet.draft.issuing_county):
        return None
    return enclose(tx, sealing, sheet.draft, sheet.checked)


def reads_fields(directory: DirectoryView, county: str) -> bool:
    """Whether the county reads fields for who checked what; notes are understood by every version."""
    try:
        return releases.has_field(directory.contract(county), "Application", fields.INTAKE)
    except YunhuobanError:  # nothing in common: the outbox says so, and keeps the message until there is
        return False


def _origin(tx: Connection, typed: Mapping[str, str]) -> str:
    """The name of the town or village that was chosen; empty when there is none."""
    return places.names(tx).get(typed.get(ORIGIN, ""), "")


def _handling(what: Offered, typed: Mapping[str, str]) -> str:
    """The 业务办理项 that was chosen; empty when there is none."""
    return next((each.name for each in what.business_items if each.handling == typed.get(HANDLING)), "")
