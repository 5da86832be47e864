"""The loop that sends the parts of groups that had to wait, each once, when those before it are granted.

What cannot be sent stands on the group's page and among the node's troubles until it goes, or until somebody closes
the group: nothing is dropped in silence.
"""

from datetime import datetime
from typing import Final

import structlog
from sqlalchemy import Connection

from adapters.case import groupbook, groupstanding
from adapters.case.groupbook import Entry
from adapters.case.groupstanding import Group
from adapters.case.workplace import Workplace
from adapters.hall.grouping.pressing import give_up, send
from adapters.hall.taking import drafts
from adapters.local import troublebook
from schemas.casegroup import Turn, turn
from schemas.errors import YunhuobanError, declare

_log = structlog.get_logger(__name__)
NEVER_COMPLETED: Final = declare(
    "E-GROUP-001",
    "这一组没有办全：第 {part} 部分没有送出。",
    "请看组合页上的原因：能排除的，排除后自动送出；办不成的，在那里结束这一组。",
)


class PartSender:
    """Stateless: works from what is committed."""

    def __init__(self, place: Workplace) -> None:
        """Where the county's people work, which is where the parts were taken."""
        self._place = place

    def run_once(self, now: datetime) -> int:
        """Send what is due; returns how many parts."""
        with self._place.store.read() as tx:
            found = groupstanding.open_groups(tx, self._place.county)
            left = groupbook.unpressed(tx, self._place.county)
        ready = [
            (each, entry) for each in found for entry in each.entries if _turn(each, entry) not in (None, Turn.LATER)
        ]
        self._forget(left)
        return sum(self._step(group.listed.number, entry.part, now) for group, entry in ready)

    def _step(self, number: str, part: int, now: datetime) -> bool:
        """One part, looked at again in its own transaction."""
        try:
            with self._place.store.write() as tx:
                groupbook.find(tx, self._place.county, number, for_change=True)
                group = groupstanding.find(tx, self._place.county, number)
                entry = next((each for each in group.entries if each.part == part), None) if group is not None else None
                if group is None or entry is None:
                    return False
                how = _turn(group, entry)
                if how is Turn.NOW:
                    case_no = send(tx, self._place, group.listed, entry, now)
                    troublebook.clear(tx, trouble(number))
                elif how is Turn.NEVER:
                    return self._never(tx, group, entry, now)
                else:
                    return False
        except YunhuobanError as error:
            with self._place.store.write() as tx:
                _tell(tx, number, part, error.code.code, now)
            return False
        _log.info("group.part_sent", group_no=number, part=part, case_no=case_no)
        return True

    def _never(self, tx: Connection, group: Group, entry: Entry, now: datetime) -> bool:
        if group.listed.all_or_none:
            give_up(tx, self._place, entry)
            _log.info("group.part_given_up", group_no=group.listed.number, part=entry.part)
            return True
        _tell(tx, group.listed.number, entry.part, "", now)
        return False

    def _forget(self, left: list[groupbook.Listed]) -> None:
        """A form that was deleted, or wiped after its term, takes its group along.

        Each is looked at again: a form that was sent in the meantime is gone, too, and its group is not.
        """
        for each in left:
            with self._place.store.write() as tx:
                group = groupbook.find(tx, self._place.county, each.number, for_change=True)
                if group is not None and group.pressed_at is None and not drafts.exists(tx, group.form_id):
                    groupbook.forget(tx, group)


def trouble(number: str) -> str:
    """Under which the trouble of a group stands."""
    return f"group/{number}"


def _turn(group: Group, entry: Entry) -> Turn | None:
    """Whether a part may be sent; None for one that does not wait."""
    if not entry.waits:
        return None
    return turn(entry.after, group.parts, all_or_none=group.listed.all_or_none)


def _tell(tx: Connection, number: str, part: int, why: str, now: datetime) -> None:
    if not troublebook.stands(tx, trouble(number), NEVER_COMPLETED):
        error = YunhuobanError(NEVER_COMPLETED, place=number, found=why, part=str(part))
        troublebook.note(tx, trouble(number), error, now, case_no=number)
