"""The message that joins a case to its group, said by the window's node of each part that it makes."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from adapters.boxes import outbox
from adapters.boxes.outbox import Outbox
from adapters.case import casebook, groupbook, steps
from adapters.case.groupbook import JOINED, Entry, Listed
from adapters.directory.directoryview import DirectoryView
from schemas.envelope import derived_id
from schemas.messages import APPLICATION


def join(
    tx: Connection,
    box: Outbox,
    group: Listed,
    entry: Entry,
    case_no: str,
    *,
    clerk: str,
    directory: DirectoryView,
    now: datetime,
) -> None:
    """A part is this case now; said once. Raises what `steps.put` raises."""
    groupbook.sent(tx, entry, case_no)
    case = casebook.find(tx, case_no)
    application = outbox.newest_good(tx, case_no, APPLICATION)
    if case is None or application is None:
        return
    record = _record(group, entry, clerk, now)
    steps.take(tx, case, JOINED, record, directory, now)
    steps.put(
        tx,
        box,
        case,
        JOINED,
        record,
        directory,
        now,
        county=group.window,
        message_id=derived_id(application.message_id, JOINED),
        patient=True,
    )


def again(
    tx: Connection,
    box: Outbox,
    refused: str,
    case_no: str,
    *,
    clerk: str,
    directory: DirectoryView,
    now: datetime,
) -> None:
    """A part that was refused and corrected is another case: it takes the place of the first, if that was one."""
    found = groupbook.of_case(tx, refused)
    if found is not None:
        group, entry = found
        join(tx, box, group, entry, case_no, clerk=clerk, directory=directory, now=now)


def _record(group: Listed, entry: Entry, clerk: str, now: datetime) -> Mapping[str, Any]:
    return {
        "group_no": group.number,
        "group_kind": group.kind,
        "part": entry.part,
        "parts": group.parts,
        "all_or_none": group.all_or_none,
        "joined_at": now,
        "clerk": clerk,
        "bundle": group.bundle or None,
    }
