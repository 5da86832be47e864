"""Taking in what a county says of itself for all, and keeping it for the next directory (`schemas.stating`).

Nothing is judged here but whether the county may say it and whether it can be so: the county answers for it with its
signature, which lies in the journal. The newest statement of one key counts, in whichever order two of them come.
"""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Connection, func, insert, select, update

from hub.instants import to_millis
from hub.registry import trust
from hub.registry.tables import statements
from schemas import codec, directory, itemdetail
from schemas.envelope import Envelope
from schemas.errors import YunhuobanError, declare
from schemas.identifiers.item import IMPLEMENTATION_LENGTH
from schemas.stating import STATEMENTS, demand

TOO_MANY: Final = declare("E-STATE-007", "本县在目录里的说明太多。", "请先撤下不再有效的；一个县最多 {most} 条。")
MOST_OF_A_COUNTY: Final = 5000
_columns: Final = statements.c


def take(tx: Connection, envelope: Envelope) -> None:
    """Keep it, unless something newer is there. Raises E-STATE-001 to -007, E-CODEC-…."""
    stated = STATEMENTS[envelope.type]
    record = codec.decode(envelope.data, stated.record)
    demand(envelope.type, envelope.source, record)
    key, said_at = stated.key(record), to_millis(envelope.time)
    value, withdrawn = codec.encode(stated.record, record), bool(record["withdrawn"])
    before = tx.execute(select(statements).where(_columns.key == key)).one_or_none()
    if before is not None and before.said_at > said_at:
        return  # two messages of one county may overtake each other
    row = {"county": envelope.source, "value": value, "said_at": said_at, "withdrawn": withdrawn}
    if before is not None and bytes(before.value) == value:
        tx.execute(update(statements).where(_columns.key == key).values(**row))
        return  # the same again is no reason for a new directory
    if not withdrawn and (before is None or before.withdrawn):
        _demand_room(tx, envelope.source)
    trust.lock(tx)
    row["changed_in"] = trust.bump(tx)
    if before is not None:
        tx.execute(update(statements).where(_columns.key == key).values(**row))
    else:
        tx.execute(insert(statements).values(key=key, **row))


def demand_detailed(tx: Connection, envelope: Envelope, issuing: str) -> None:
    """Hold a special procedure or an inspection to what the county has stated of its item. Raises E-ADM-111 or -112."""
    key = directory.detail_key(issuing, envelope.service_item[:IMPLEMENTATION_LENGTH])
    wanted = select(_columns.value).where(_columns.key == key, _columns.withdrawn.is_(False))
    value = tx.execute(wanted).scalar()
    detail = codec.decode(value, "ItemDetail") if value is not None else None
    itemdetail.check(envelope.type, envelope.facts or {}, detail)


def changed(tx: Connection, since: int) -> Sequence[Any]:
    """What was said or withdrawn after `since` of the counter `trust`."""
    return tx.execute(select(statements).where(_columns.changed_in > since)).all()


def _demand_room(tx: Connection, county: str) -> None:
    """Only what counts takes room: a county makes some by withdrawing. Raises E-STATE-007."""
    mine = select(func.count()).where(_columns.county == county, _columns.withdrawn.is_(False))
    count = tx.execute(mine).scalar_one()
    if count >= MOST_OF_A_COUNTY:
        raise YunhuobanError(
            TOO_MANY, place=county, found=str(count), expected=f"< {MOST_OF_A_COUNTY}", most=str(MOST_OF_A_COUNTY)
        )
