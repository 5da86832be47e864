"""The groups of cases that this window opened: their parts, where each stands, and what one failure makes due.

A group is nothing but what its parts say of it (`group.joined`), so it needs no book of its own and is found again
after a restart. Every turn of the loop asks what is due and says it under an id derived of the part's own, so that a
turn that was cut off is only taken again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import structlog
from sqlalchemy import Connection, select

from adapters.boxes import outbox
from adapters.boxes.outbox import Outbox
from adapters.case import casebook, steps
from adapters.directory.directoryview import DirectoryView
from adapters.store import Store, tables
from pages.wording import mark as _
from pages.wording import say
from schemas import casegroup
from schemas.casegroup import GroupState, Part, Step
from schemas.envelope import Envelope, derived_id
from schemas.errors import YunhuobanError
from schemas.lifecycle import ENDED, CaseState

_log = structlog.get_logger(__name__)
_JOINED: Final = "group.joined"
_REASONS: Final = _("申请人事先选择要么全部办成、要么全部不办；同组的第 {part} 部分（{case_no}）没有办成。")
_CLERK: Final = _("本县节点")


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """One group with the parts that were sent."""

    number: str
    kind: str
    count: int
    all_or_none: bool
    parts: Sequence[Part]

    @property
    def state(self) -> GroupState:
        """Where it stands as a whole."""
        return casegroup.standing(self.parts, count=self.count, all_or_none=self.all_or_none)


def find(tx: Connection, number: str) -> Group | None:
    """The group under this number, or None."""
    return next((each for each in _groups(tx) if each.number == number), None)


def open_groups(tx: Connection) -> list[Group]:
    """Groups of which a part is not over yet: only a part like that can have a step due."""
    return [each for each in _groups(tx) if any(part.state not in ENDED for part in each.parts)]


class GroupKeeper:
    """Says what is due for the sake of groups; stateless."""

    def __init__(self, *, store: Store, box: Outbox, county: str) -> None:
        """`county` is this one, as division code."""
        self._store = store
        self._box = box
        self._county = county

    def run_once(self, directory: DirectoryView, now: datetime) -> int:
        """Say everything that is due; returns how much that was. A step that cannot be said is tried again."""
        with self._store.read() as tx:
            wanted = [
                (group, part, step)
                for group in open_groups(tx)
                for part, step in casegroup.due(group.parts, all_or_none=group.all_or_none)
            ]
        return sum(self._say(group, part, step, directory, now) for group, part, step in wanted)

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
        except YunhuobanError as error:
            _log.warning("group_step_waits", case_no=part.case_no, code=error.code.code)
            return False
        return True


def _record(step: Step, reason: Part, now: datetime) -> dict[str, Any]:
    reasons = say(_REASONS, "zh", part=str(reason.part), case_no=reason.case_no)
    clerk = say(_CLERK, "zh")
    if step is Step.WITHDRAW:
        return {"withdrawn_at": now, "reasons": reasons, "recipient": clerk, "clerk": clerk}
    return {"failed_case": reason.case_no, "reasons": reasons, "requested_at": now, "clerk": clerk}


def _groups(tx: Connection) -> list[Group]:
    box, cases = tables.outbox.c, tables.cases.c
    rows = tx.execute(
        select(box.case_no, box.body, cases.state)
        .join(tables.cases, cases.case_no == box.case_no)
        .where(box.type == _JOINED, box.state != "refused")
        .order_by(box.seq)
    ).all()
    parts: dict[str, list[Part]] = {}
    facts: dict[str, Mapping[str, Any]] = {}
    asked, answered = _undo(tx)
    denied = _denied(tx, [row.case_no for row in rows if row.state == CaseState.CLOSED.value])
    for row in rows:
        said = Envelope.parse(row.body).facts or {}
        number = said["group_no"]
        facts.setdefault(number, said)
        parts.setdefault(number, []).append(
            Part(
                case_no=row.case_no,
                part=said["part"],
                state=CaseState.DENIED if row.case_no in denied else CaseState(row.state),
                undo_requested=row.case_no in asked,
                undo_answered=row.case_no in answered,
            )
        )
    return [
        Group(
            number=number,
            kind=facts[number]["group_kind"],
            count=facts[number]["parts"],
            all_or_none=facts[number]["all_or_none"],
            parts=found,
        )
        for number, found in parts.items()
    ]


def _undo(tx: Connection) -> tuple[set[str], set[str]]:
    box, inbox = tables.outbox.c, tables.inbox.c
    asked = tx.execute(select(box.case_no).where(box.type == Step.REQUEST_UNDO.value, box.state != "refused"))
    answered = tx.execute(select(inbox.case_no).where(inbox.type == "case.undone", inbox.state == "applied"))
    return set(asked.scalars()), set(answered.scalars())


def _denied(tx: Connection, closed: Sequence[str]) -> set[str]:
    """Of closed cases those whose application was denied: the closing covers it."""
    inbox = tables.inbox.c
    decided = select(inbox.case_no, inbox.body).where(
        inbox.case_no.in_(closed), inbox.type == "decision.made", inbox.state == "applied"
    )
    found = {row.case_no: Envelope.parse(row.body).facts or {} for row in tx.execute(decided)} if closed else {}
    return {case_no for case_no, facts in found.items() if facts["outcome"] == "denied"}


def _joined_id(tx: Connection, case_no: str) -> str:
    box = tables.outbox.c
    wanted = select(box.message_id).where(box.case_no == case_no, box.type == _JOINED, box.state != "refused")
    return str(tx.execute(wanted.limit(1)).scalar_one())
