"""Renewing a county that joined by an invitation: the old key signs for the new one, or there is no renewal.

A card without a challenge is a renewal. Its statement is signed by the signing key that is enrolled; if the county has
a new one, the enrolled one signs the same statement as well (`renewal_signature`). A key whose certificate was revoked
signs for nothing, nor does it come back under a new certificate: after a burn the county is invited anew.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, select

from certs import keys, signing
from certs.chain import TrustStore
from certs.keys import Certificate
from certs.profiles import Role
from hub.store import tables
from schemas.errors import YunhuobanError, declare

NOT_BY_THE_OLD_KEY: Final = declare(
    "E-JOIN-038",
    "登记卡换了签名密钥，却没有用已登记、未吊销的旧签名密钥签过。",
    "请县里用 adapter card --renews 旧证书文件夹 重新生成；旧密钥已泄露或丢失的，请用 hub county invite 重新邀请。",
)


def see_to(
    tx: Connection,
    county: str,
    *,
    signer: Certificate,
    statement: bytes,
    signature: str,
    chains: TrustStore,
    now: datetime,
) -> None:
    """See that the enrolled signing key stands behind this card. Raises E-JOIN-038 otherwise."""
    enrolled = _enrolled(tx, county)
    same = [each for each in enrolled if keys.public_key(each) == keys.public_key(signer)]
    revoked = [each for each in same if chains.facts([each], at=now).revocation == "revoked"]
    if same and not revoked:
        return
    try:
        named = signing.read_header(signature).thumbprint
        old = next((each for each in enrolled if keys.thumbprint(each) == named and each not in same), None)
        if old is not None:
            signing.verify(signature, statement, certificate=old, typ=signing.Typ.KEYS)
            chains.facts([old], at=now).demand(Role.COUNTY_SIGNING)
    except YunhuobanError as error:
        raise YunhuobanError(NOT_BY_THE_OLD_KEY, place="renewal_signature", found=error.code.code) from error
    if old is None or revoked:
        raise YunhuobanError(NOT_BY_THE_OLD_KEY, place="renewal_signature")


def _enrolled(tx: Connection, county: str) -> Sequence[Certificate]:
    table = tables.county_certificates.c
    rows = tx.execute(select(table.der).where(table.division_code == county, table.role == Role.COUNTY_SIGNING.value))
    return [keys.certificate_from_der(der) for der in rows.scalars()]
