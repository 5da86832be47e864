"""Who may speak of a county's renewal over the joining page: an enrolled message-signing key of that county, in force.

In this order: 1 the signature names a certificate that is enrolled here for message signing of this county; 2 it is
over these exact bytes; 3 that certificate is in force and not revoked. Who brought the bytes does not matter.
"""

from datetime import datetime
from typing import Final

from sqlalchemy import Connection, select

from certs import keys, signing
from certs.chain import TrustStore
from certs.keys import Certificate
from certs.profiles import Role
from hub.store import tables
from schemas.errors import YunhuobanError, declare

NOT_ITS_KEY: Final = declare(
    "E-RENEW-041",
    "不是用这个县已登记的签名密钥签的，没有收下。",
    "请核对县节点的 certs 文件夹是不是现用的；密钥已吊销或证书已到期的，请中枢重新邀请。",
)


def demand(
    tx: Connection, county: str, body: bytes, signature: str, *, chains: TrustStore, now: datetime
) -> Certificate:
    """The certificate whose key signed this. Raises E-RENEW-041, E-CERT-07…, or what is wrong with the certificate."""
    table = tables.county_certificates.c
    named = signing.read_header(signature).thumbprint
    own = (table.thumbprint == named) & (table.division_code == county) & (table.role == Role.COUNTY_SIGNING.value)
    der = tx.execute(select(table.der).where(own)).scalar()  # 1
    if der is None:
        raise YunhuobanError(NOT_ITS_KEY, place=county, found=named.hex()[:16])
    certificate = keys.certificate_from_der(bytes(der))
    signing.verify(signature, body, certificate=certificate, typ=signing.Typ.RENEWAL)  # 2
    chains.facts([certificate], at=now).demand(Role.COUNTY_SIGNING)  # 3
    return certificate
