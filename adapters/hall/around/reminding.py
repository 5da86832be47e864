"""到期提醒: the node itself proposes that a holder is reminded, 60 and 30 days before a license ends.

That a license of another county's case ends is said by one press of an approver, who may change the words, or by the
node itself where the county wants it so (`sending`); then nobody is told here. A clerk telephones the holders of this
county's own cases and those that another county asks to be told. Nothing of it names a person.
"""

from datetime import date, datetime, timedelta

from sqlalchemy import Connection, select

from adapters.boxes.outbox import Outbox
from adapters.hall.around import expiring
from adapters.hall.noticing.waiting import Waiting
from adapters.instants import to_millis
from adapters.store import tables
from pages.people.person import Role
from schemas.workdays.hours import beijing_day


class Reminders:
    """What is proposed, found once a day: every decision has to be opened for it. Used by one loop."""

    def __init__(self, box: Outbox, county: str, *, by_node: bool = False) -> None:
        """`by_node` says that the node itself sends what is due to another county. Nothing is looked for yet."""
        self._box = box
        self._county = county
        self._by_node = by_node
        self._day: date | None = None
        self._own: list[Waiting] = []

    def waiting(self, tx: Connection, now: datetime) -> list[Waiting]:
        """For the approver what to have told, for the clerk whom to tell."""
        today = beijing_day(now)
        if self._day != today:
            rows = expiring.ending(tx, self._box, self._county, today, max(expiring.STEPS))
            self._own = [
                Waiting(Role.CLERK if each.own else Role.APPROVER, f"{each.case_no}/expiring{step}", reminder=True)
                for each in rows
                if (each.own or not self._by_node) and (step := expiring.step_of(each, today)) is not None
            ]
            self._day = today
        return [*self._own, *_asked(tx, now)]


def _asked(tx: Connection, now: datetime) -> list[Waiting]:
    """What other counties asked this county's window to pass on of late."""
    columns = tables.inbox.c
    since = to_millis(now - timedelta(days=min(expiring.STEPS)))
    wanted = select(columns.case_no, columns.seq).where(
        columns.type == "license.expiring", columns.state == "applied", columns.arrived_at > since
    )
    return [Waiting(Role.CLERK, f"{row.case_no}/expiring/{row.seq}", reminder=True) for row in tx.execute(wanted)]
