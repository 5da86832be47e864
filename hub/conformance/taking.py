"""A county's result comes in, as a file or with its card: believed when the county itself has signed it.

The newest one counts, also when it says that the county failed: a county that breaks its mapping is not live by the
result of before.
"""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, delete, insert, select, update

from certs import keys, signing
from certs.chain import TrustStore
from certs.profiles import Role
from hub.conformance import held
from hub.instants import from_millis, to_millis
from hub.registry import trust
from hub.store import tables
from schemas.conformance.result import Result, SignedResult
from schemas.errors import YunhuobanError, declare

NOT_THEIRS: Final = declare(
    "E-CNF-011",
    "自测结果不是由已登记的县签署的。",
    "请先登记该县（hub county add），或请县里重新运行 adapter test -d。",
)
OLDER: Final = declare("E-CNF-012", "已有这个县更新的自测结果，没有采用这一份。", "请向县里要最新的结果文件。")
FROM_THE_FUTURE: Final = declare(
    "E-CNF-013", "自测结果的时间在将来，没有采用。", "请县里校准时钟，再运行 adapter test -d。"
)
_AHEAD: Final = timedelta(minutes=5)


def take(tx: Connection, signed: SignedResult, *, chains: TrustStore, now: datetime, beside: bool = False) -> Result:
    """Check a result and keep it in the place of the county's last.

    `beside` a card an older one is left alone: it is no reason to refuse the card.
    Raises E-CNF-001, E-CNF-011 to -013, and E-CERT-… for the certificate and the signature.
    """
    thumbprint = signing.read_header(signed.signature).thumbprint
    columns = tables.county_certificates.c
    wanted = select(columns.division_code, columns.der).where(
        columns.thumbprint == thumbprint, columns.role == Role.COUNTY_SIGNING.value
    )
    row = tx.execute(wanted).one_or_none()
    if row is None:
        raise YunhuobanError(NOT_THEIRS, place="signature", found=thumbprint.hex()[:16])
    certificate = keys.certificate_from_der(row.der)
    chains.facts([certificate], at=now).demand(Role.COUNTY_SIGNING)
    signing.verify(signed.signature, signed.body, certificate=certificate, typ=signing.Typ.CONFORMANCE)
    result = signed.result
    if result.county != row.division_code:
        raise YunhuobanError(NOT_THEIRS, place="county", found=result.county, expected=row.division_code)
    if result.tested_at > now + _AHEAD:
        raise YunhuobanError(FROM_THE_FUTURE, place="tested_at", found=result.tested_at.isoformat())
    trust.lock(tx)
    table = tables.conformance.c
    before = tx.execute(select(table.tested_at).where(table.county == result.county)).scalar()
    if before is None or before <= to_millis(result.tested_at):
        _keep(tx, result, signed, now)
    elif not beside:
        at = from_millis(before).isoformat()
        raise YunhuobanError(OLDER, place="tested_at", found=result.tested_at.isoformat(), expected=f">= {at}")
    return result


def set_policy(tx: Connection, *, required: bool) -> None:
    """Require results, or only note them; it counts from the next batch and the next directory on."""
    trust.lock(tx)
    held.require(tx, wanted=required)
    tx.execute(update(tables.counties).values(changed_in=trust.bump(tx)))


def _keep(tx: Connection, result: Result, signed: SignedResult, now: datetime) -> None:
    table = tables.conformance
    tx.execute(delete(table).where(table.c.county == result.county))
    tx.execute(
        insert(table).values(
            county=result.county,
            body=signed.body,
            signature=signed.signature,
            tested_at=to_millis(result.tested_at),
            taken_at=to_millis(now),
        )
    )
    trust.bump(tx, result.county)
