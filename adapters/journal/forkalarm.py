"""The fork alarm: the hub has contradicted itself, the link stops, and the evidence is kept for others to check.

While an alarm is open this county sends nothing and gives no arrival an effect; what comes is kept as it came. The
alarm stands in the store, so that a restart does not forget it, and ends when a person acknowledges it: that person
has spoken with whoever watches over the hub, and what was seen of that epoch is then learnt anew.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import structlog
from sqlalchemy import Connection, delete, insert, or_, select, update

from adapters.instants import to_millis
from adapters.local import troublebook
from adapters.store import tables
from schemas import codec
from schemas import directory as form
from schemas.envelope import Envelope
from schemas.errors import Code, YunhuobanError, declare
from schemas.forkfile import Contradiction, ForkFile

FORKED: Final = declare(
    "E-JRNL-103",
    "存证账本分叉：同一纪元同一大小有两个不同的根。本县已停止收发。",
    "请用 adapter fork 导出证据交监督方；查明后由负责人用 adapter fork --acknowledge 确认，方恢复收发。",
)
NOT_CONSISTENT: Final = declare(
    "E-JRNL-110",
    "存证账本分叉：中枢出示的账本不是本县所见账本的延续。本县已停止收发。",
    "请用 adapter fork 导出证据交监督方；查明后由负责人用 adapter fork --acknowledge 确认，方恢复收发。",
)
DISOWNED: Final = declare(
    "E-JRNL-111",
    "存证账本分叉：中枢否认签发过本县持有的检查点。本县已停止收发。",
    "请用 adapter fork 导出证据交监督方；查明后由负责人用 adapter fork --acknowledge 确认，方恢复收发。",
)
NEVER_PROVEN: Final = declare(
    "E-JRNL-112",
    "中枢被要求证明本县见过的检查点，一小时后仍公布账本而不证明。本县已停止收发。",
    "请用 adapter fork 导出材料交监督方；查明后由负责人用 adapter fork --acknowledge 确认，方恢复收发。",
)
NO_SUCH_ALARM: Final = declare("E-JRNL-113", "没有这个编号的未确认分叉告警。", "请用 adapter fork 查看告警及其编号。")
_CODES: Final = {"roots": FORKED, "history": NOT_CONSISTENT, "disowned": DISOWNED, "unproven": NEVER_PROVEN}
_OPEN: Final = select(tables.forks.c.id).where(tables.forks.c.acknowledged_at.is_(None)).limit(1)
_log = structlog.get_logger(__name__)


class ForkFoundError(YunhuobanError):
    """The hub has contradicted itself."""

    def __init__(self, found: Contradiction, *, epoch: int, size: int) -> None:
        """`epoch` and `size` name the checkpoint about which there are two truths."""
        super().__init__(_CODES[found.kind], place=f"{epoch}/{size}")
        self.contradiction = found
        self.epoch = epoch
        self.size = size


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """An alarm as people see it."""

    number: int
    code: Code
    epoch: int
    size: int
    found_at: int
    evidence: bytes
    acknowledged_at: int | None
    acknowledged_by: str


def sound(tx: Connection, error: ForkFoundError, now: datetime) -> None:
    """Stop the link and keep the evidence; what is known already is not kept twice."""
    table = tables.forks
    kind, epoch, size = error.contradiction.kind, error.epoch, error.size
    here = (table.c.kind == kind, table.c.epoch == epoch, table.c.size == size, table.c.acknowledged_at.is_(None))
    if tx.execute(select(table.c.id).where(*here)).first() is not None:
        return
    tx.execute(
        insert(table).values(
            kind=kind,
            epoch=epoch,
            size=size,
            found_at=to_millis(now),
            evidence=_file(tx, error.contradiction, now),
            acknowledged_by="",
        )
    )
    troublebook.note(tx, _trouble(epoch), error, now)
    _log.error("journal.forked", code=error.code.code, place=error.place)


def stopped(tx: Connection) -> bool:
    """Whether an alarm is open."""
    return tx.execute(_OPEN).first() is not None


def alarms(tx: Connection) -> list[Alarm]:
    """All alarms, the oldest first."""
    return [_alarm(row) for row in tx.execute(select(tables.forks).order_by(tables.forks.c.id))]


def acknowledge(tx: Connection, number: int, *, by: str, now: datetime) -> None:
    """A person has looked into it. What was seen of the epoch is forgotten: the evidence stays. Raises E-JRNL-113."""
    table = tables.forks
    row = tx.execute(select(table).where(table.c.id == number, table.c.acknowledged_at.is_(None))).one_or_none()
    if row is None:
        raise YunhuobanError(NO_SUCH_ALARM, place="fork", found=str(number))
    tx.execute(update(table).where(table.c.id == number).values(acknowledged_at=to_millis(now), acknowledged_by=by))
    for seen in (tables.checkpoints, tables.stated):
        tx.execute(delete(seen).where(seen.c.epoch == row.epoch))
    troublebook.clear(tx, _trouble(row.epoch))
    _log.warning("journal.fork_acknowledged", place=f"{row.epoch}/{row.size}")


def _alarm(row: Any) -> Alarm:
    return Alarm(
        number=row.id,
        code=_CODES[row.kind],
        epoch=row.epoch,
        size=row.size,
        found_at=row.found_at,
        evidence=row.evidence,
        acknowledged_at=row.acknowledged_at,
        acknowledged_by=row.acknowledged_by,
    )


def _trouble(epoch: int) -> str:
    return f"fork/{epoch}"


def _file(tx: Connection, found: Contradiction, now: datetime) -> bytes:
    """The evidence with the certificates of the newest directory, by which others can check the signatures."""
    entries = tables.directory_entries.c
    sources = {Envelope.parse(each.envelope).source for each in found.statements}
    held: dict[str, list[bytes]] = {}
    wanted = or_(entries.key.not_like(f"{form.COUNTY}/%"), entries.key.in_([form.county_key(code) for code in sources]))
    for key, value in tx.execute(select(entries.key, entries.value).where(wanted).order_by(entries.key)):
        held.setdefault(form.kind_of(key), []).append(value)
    counties = [codec.decode(each, "CountyEntry") for each in held.get(form.COUNTY, ())]
    signers = [der for each in counties for der in each["signing_certificates"]]
    return ForkFile(
        found=found,
        found_at=to_millis(now),
        certificates=(*held.get(form.HUB_CERTIFICATE, ()), *signers),
        issuing_certificates=tuple(held.get(form.ISSUING, ())),
        revocation_lists=tuple(held.get(form.REVOCATION_LIST, ())),
    ).to_bytes()
