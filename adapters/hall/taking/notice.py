"""What the issuing county asks for, all at once (一次性补正告知, 行政许可法第三十二条): as its notice says it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final

from sqlalchemy import Connection

from adapters.boxes import inbox
from adapters.identity import Identity

REQUEST: Final = "supplement.requested"


@dataclass(frozen=True, slots=True, kw_only=True)
class Defect:
    """One thing that is missing or not right."""

    material: str
    code: str | None
    problem: str = field(repr=False)
    remedy: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One notice; a case has one."""

    notice_no: str
    requested_at: datetime
    supply_until: date
    defects: Sequence[Defect]


def of_case(tx: Connection, identity: Identity, case_no: str) -> Notice | None:
    """The notice that came for a case of this county; None when nothing was asked for."""
    seqs = inbox.newest_applied(tx, case_no, REQUEST)
    if not seqs:
        return None
    said = inbox.record_of(tx, identity, seqs[0])
    return Notice(
        notice_no=said["notice_no"],
        requested_at=said["requested_at"],
        supply_until=said["supply_until"],
        defects=[
            Defect(
                material=each["material"], code=each["material_code"], problem=each["problem"], remedy=each["remedy"]
            )
            for each in said["defects"]
        ],
    )
