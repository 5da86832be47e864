"""The hub's signed answers to our print claims: a grant goes to the station, a refusal frees the claim."""

from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection

from adapters.boxes import evidence
from adapters.directory.directoryview import DirectoryView
from adapters.local import troublebook
from adapters.printing import ledger
from adapters.printing.states import PrintState
from certs import signing
from certs.profiles import Role
from schemas import codec
from schemas.errors import YunhuobanError, declare
from schemas.grants import CODES

GRANT_REFUSED: Final = declare(
    "E-PRINT-301",
    "中枢没有放行这次打印（{verdict}），本县节点不认识这个代码。",
    "请不要另行打印；请把代码告诉联盟运维，并升级县节点。",
)
PRINTS_SUSPENDED: Final = declare(
    "E-PRINT-310",
    "中枢刚从备份恢复，还在核对各打印站，这次打印暂不放行。",
    "请稍后再按打印；不要另行打印。长时间不恢复时请联系联盟运维。",
)
GRANT_FOREIGN: Final = declare("E-PRINT-306", "放行不是给本县这次申请的。", "请不要打印；请联系联盟运维查明来历。")

_SUSPENDED: Final = "E-ADM-120"  # the hub's code: it was restored, and not every station has reported


def check(row: Any, directory: DirectoryView, county: str, now: datetime) -> dict[str, Any]:
    """The grant's record, when the hub signed it for this county. Raises E-JRNL-102, E-CERT-…, E-PRINT-306."""
    grant = codec.decode(row.body, "Grant")
    certificate = directory.hub.get(signing.read_header(row.signature).thumbprint)
    if certificate is None:
        raise YunhuobanError(evidence.UNKNOWN_LOG, place="grant")
    directory.chains.facts([certificate], at=now).demand(Role.HUB_SIGNING)
    signing.verify(row.signature, row.body, certificate=certificate, typ=signing.Typ.GRANT)
    if grant["county"] != county:
        raise YunhuobanError(GRANT_FOREIGN, place="county", found=grant["county"], expected=county)
    return grant


def awaited(tx: Connection, grant: dict[str, Any]) -> bool:
    """Whether this answers our present claim; False when its sheet is on its way already.

    Raises E-PRINT-101 or E-PRINT-306 when we never claimed so.
    """
    entry = ledger.entry(tx, grant["authorisation_no"])
    if entry.claim_id != grant["claim_id"] or (entry.station or "") != grant["station"]:
        raise YunhuobanError(GRANT_FOREIGN, place=grant["authorisation_no"])
    return entry.state is PrintState.CLAIMED


def withhold(tx: Connection, grant: dict[str, Any], now: datetime) -> None:
    """The hub said no: the claim is free again, and a person knows why."""
    number = grant["authorisation_no"]
    if ledger.entry(tx, number).granted_at is None:
        ledger.claim_refused(tx, number, claim_id=grant["claim_id"])
    if grant["code"] == _SUSPENDED:
        error = YunhuobanError(PRINTS_SUSPENDED, place=number)
    else:
        error = YunhuobanError(CODES.get(grant["code"], GRANT_REFUSED), place=number, verdict=grant["code"])
    troublebook.note(tx, f"grant/{number}", error, now)
