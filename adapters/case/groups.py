"""What the failure of one part makes due for the others of the groups that this window opened, said by the node.

Which cases belong together stands in a book (`groupbook`), where each stands in its own row, so that both are found
again after a restart. Every turn of the loop reads the groups that are not over, asks what is due and says it under an
id derived of the part's own, so that a turn that was cut off is only taken again.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import structlog
from sqlalchemy import Connection, select

from adapters.boxes import outbox
from adapters.boxes.outbox import Outbox
from adapters.case import casebook, groupbook, groupstanding, steps
from adapters.case.groupstanding import Group
from adapters.directory.directoryview import DirectoryView
from adapters.identity import Identity
from adapters.local import localwrites
from adapters.store import Store, tables
from pages.wording import mark as _
from pages.wording import say
from schemas import casegroup, codec
from schemas.casegroup import Part, Step
from schemas.envelope import derived_id
from schemas.errors import YunhuobanError
from schemas.messages import TYPES

_log = structlog.get_logger(__name__)
_REASONS: Final = _("申请人事先选择要么全部办成、要么全部不办；同组的第 {part} 部分（{case_no}）没有办成。")
_CLERK: Final = _("本县节点")


class GroupKeeper:
    """Says what is due for the sake of groups; stateless."""

    def __init__(self, *, store: Store, identity: Identity, box: Outbox) -> None:
        """Nothing is read yet."""
        self._store = store
        self._identity = identity
        self._box = box
        self._county = identity.division_code

    def run_once(self, directory: DirectoryView, now: datetime) -> int:
        """Say everything that is due; returns how much that was. A step that cannot be said is tried again."""
        with self._store.read() as tx:
            found = groupstanding.open_groups(tx, self._county)
        done = sum(self._say(group, part, step, directory, now) for group in found for part, step in group.due)
        for group in found:
            if group.still:
                self._end(group.listed.number, now)
        return done

    def _end(self, number: str, now: datetime) -> None:
        with self._store.write() as tx:
            group = groupstanding.find(tx, self._county, number)
            if group is not None and group.still and groupstanding.settled(tx, group):
                groupbook.over(tx, group.listed, now)

    def _say(self, group: Group, part: Part, step: Step, directory: DirectoryView, now: datetime) -> bool:
        reason = casegroup.failed(group.parts)
        try:
            with self._store.write() as tx:
                case = casebook.find(tx, part.case_no)
                if case is None or reason is None:
                    return False
                message_id = derived_id(_joined_id(tx, part.case_no), step.value)
                if outbox.find(tx, message_id) is not None:  # said before, and refused: a person has to look
                    return False
                record = _record(step, reason, now)
                steps.take(tx, case, step.value, record, directory, now)
                steps.put(
                    tx, self._box, case, step.value, record, directory, now, county=self._county,
                    message_id=message_id, patient=True,
                )  # fmt: skip
                if step is Step.WITHDRAW:
                    self._tell(tx, part.case_no, message_id, record, now)
        except YunhuobanError as error:
            _log.warning("group_step_waits", case_no=part.case_no, code=error.code.code)
            return False
        return True

    def _tell(self, tx: Connection, case_no: str, message_id: str, record: Mapping[str, Any], now: datetime) -> None:
        """The county's own system learns of a withdrawal that it did not say itself."""
        kind = TYPES[Step.WITHDRAW.value]
        localwrites.plan(
            tx,
            self._identity,
            message_id=message_id,
            message_type=kind.name,
            case_no=case_no,
            source=self._county,
            payload=codec.encode(kind.record, record),
            now=now,
        )


def _record(step: Step, reason: Part, now: datetime) -> dict[str, Any]:
    reasons = say(_REASONS, "zh", part=str(reason.part), case_no=reason.case_no)
    clerk = say(_CLERK, "zh")
    if step is Step.WITHDRAW:
        return {"withdrawn_at": now, "reasons": reasons, "recipient": clerk, "clerk": clerk}
    return {"failed_case": reason.case_no, "reasons": reasons, "requested_at": now, "clerk": clerk}


def _joined_id(tx: Connection, case_no: str) -> str:
    box = tables.outbox.c
    wanted = select(box.message_id).where(box.case_no == case_no, box.type == groupbook.JOINED, box.state != "refused")
    return str(tx.execute(wanted.limit(1)).scalar_one())
