"""What reviews leave: reports with opinions and drawn signatures, and who the experts were that have left the pool."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select, update

from adapters.hall.privacy.retaining.bodies import ended
from adapters.hall.privacy.retaining.rule import before
from adapters.hall.reviewing.tables import review_reports
from adapters.hall.stating.experttables import experts


@dataclass(frozen=True, slots=True)
class Reports:
    """Reports of cases that have ended; the row stays with the digest."""

    name: str
    days: int

    def due(self, tx: Connection, now: datetime, most: int) -> Sequence[str]:
        """Their cases."""
        columns = review_reports.c
        wanted = select(columns.case_no).where(func.length(columns.pdf_sealed) > 0).distinct()
        return list(tx.execute(wanted.where(columns.case_no.in_(ended(before(now, self.days)))).limit(most)).scalars())

    def erase(self, tx: Connection, keys: Sequence[str], now: datetime) -> None:  # noqa: ARG002 -- as every rule
        """Take out the files."""
        tx.execute(update(review_reports).where(review_reports.c.case_no.in_(keys)).values(pdf_sealed=b""))


@dataclass(frozen=True, slots=True)
class Experts:
    """Name and telephone of experts that were withdrawn; the number stays, because reviews name it."""

    name: str
    days: int

    def due(self, tx: Connection, now: datetime, most: int) -> Sequence[str]:
        """Their numbers."""
        columns = experts.c
        left = select(columns.expert_no).where(columns.withdrawn, columns.stated_at < before(now, self.days))
        named = left.where(func.length(columns.name_sealed) > 0)
        return list(tx.execute(named.order_by(columns.expert_no).limit(most)).scalars())

    def erase(self, tx: Connection, keys: Sequence[str], now: datetime) -> None:  # noqa: ARG002 -- as every rule
        """Take them out."""
        gone = {"name_sealed": b"", "telephone_sealed": b""}
        tx.execute(update(experts).where(experts.c.expert_no.in_(keys)).values(**gone))
