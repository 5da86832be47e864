"""Draws as soon as the seed is there: a loop of the node and no button, so that nobody chooses the moment."""

from collections.abc import Callable
from typing import Any, Final

import structlog
from sqlalchemy import Connection, select

from adapters.boxes import outbox
from adapters.boxes.kept import is_kept
from adapters.case import casebook, seeding
from adapters.case.workplace import Workplace
from adapters.store import tables
from pages.people.person import Person
from schemas import drawing
from schemas.envelope import derived_id
from schemas.errors import YunhuobanError
from schemas.lifecycle import CaseState

_CONVENED: Final = "review.convened"
DRAWN: Final = "review.drawn"
_OPEN: Final = (CaseState.ACCEPTED, CaseState.SPECIAL)
_log = structlog.get_logger(__name__)


class Drawer:
    """One for a node."""

    def __init__(self, place: Workplace) -> None:
        """Nothing is drawn yet."""
        self._place = place

    def run_once(self) -> int:
        """Draw what can be drawn; returns how many reviews."""
        with self._place.store.read() as tx:
            waiting = self._waiting(tx)
        return sum(self._each(self._draw, row) for row in waiting)

    def _waiting(self, tx: Connection) -> list[Any]:
        """Reviews convened here whose receipt came, in cases that are examined, and that were not drawn yet."""
        out, cases = tables.outbox.c, tables.cases.c
        wanted = select(tables.outbox).where(
            out.type == _CONVENED,
            out.state != "refused",
            out.receipt.is_not(None),
            out.case_no.in_(select(cases.case_no).where(cases.state.in_(sorted(_OPEN)))),
        )
        rows = [row for row in tx.execute(wanted) if is_kept(row)]
        return [row for row in rows if outbox.find(tx, derived_id(row.message_id, DRAWN)) is None]

    @staticmethod
    def _each(draw: Callable[[Any], bool], row: Any) -> int:
        try:
            return int(draw(row))
        except YunhuobanError as error:  # one review that cannot be drawn keeps no other waiting
            _log.warning("review.not_drawn", case_no=row.case_no, code=error.code.code, place=error.place)
            return 0

    def _draw(self, row: Any) -> bool:
        place, now = self._place, self._place.clock()
        with place.store.write() as tx:
            case, found = casebook.find(tx, row.case_no), seeding.of_message(tx, row.message_id)
            if case is None or found is None or place.directory(tx) is None:
                return False
            convened, seed = place.box.record(tx, row.message_id), found[1]
            record = {
                "review": convened["review"],
                "seed_size": seed.size,
                "seed_root": seed.root,
                "drawn": drawing.order(seed.root, row.message_id, convened["pool"]),
                "drawn_at": now,
                "clerk": convened["clerk"],
            }
            nobody = Person(account="", name="", roles=frozenset())
            place.say(
                tx, case, DRAWN, record, message_id=derived_id(row.message_id, DRAWN), person=nobody, signature=None,
                now=now,
            )  # fmt: skip
        _log.info("review.drawn", case_no=row.case_no, size=seed.size)
        place.sent()
        return True
