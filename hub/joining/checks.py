"""What a machine can check of a county's request, all of it at once: each finding is a code with its place.

Who the county is, no machine can tell: that is what the two telephone calls are for.
"""

import hashlib
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, select

from certs import keys
from certs.keys import PublicKey
from certs.profiles import PROFILES, Role
from hub.instants import from_millis
from hub.joining.invitations import State
from hub.store import tables
from schemas import codec, releases
from schemas.errors import YunhuobanError, declare
from schemas.joining import fields
from schemas.joining.files import ROLES, Request
from schemas.workdays.hours import beijing_day

SUBJECT_WRONG: Final = declare(
    "E-JOIN-020", "证书申请的主体不是本县的行政区划代码。", "请核对 county.toml 的 division_code，再重新生成申请。"
)
KEYS_EQUAL: Final = declare(
    "E-JOIN-021", "三份证书申请没有用三把不同的密钥。", "请用 adapter join 让程序各生成一把，不要拷贝。"
)
KEY_USED: Final = declare(
    "E-JOIN-022", "申请里的密钥以前用过。", "请把旧密钥移出 certs 文件夹，用 adapter join 生成新密钥。"
)
CLOCK_WRONG: Final = declare(
    "E-JOIN-023", "申请的生成时间不在邀请的有效期之内，县节点的时钟可能不准。", "请校准县节点的时钟，再重新生成申请。"
)
NO_VERSION_IN_COMMON: Final = declare(
    "E-JOIN-024", "县节点与中枢没有共同的标准版本。", "请升级较旧的一方，再重新生成申请。"
)
SKEW: Final = timedelta(minutes=5)


def findings(tx: Connection, request: Request, invitation: Any, now: datetime) -> list[YunhuobanError]:
    """Everything wrong with a request; an empty list is good."""
    found = [*fields.problems(request, beijing_day(now)), *_times(request, invitation, now)]
    if not set(request.contract_versions) & set(releases.readable()):
        expected = " ".join(releases.readable())
        found.append(YunhuobanError(NO_VERSION_IN_COMMON, place="contract_versions", expected=expected))
    opened, wrong = _opened(request)
    return [*found, *wrong, *_keys(tx, request.division_code, opened)]


def public_keys(request: Request) -> dict[str, PublicKey]:
    """The three keys of a request that was checked. Raises E-CERT-005 or -006 for one that was not."""
    return {role: _open(request, role)[1] for role in ROLES}


def digest(key: PublicKey) -> str:
    """By which keys are compared and remembered."""
    return hashlib.sha256(keys.public_bytes(key)).hexdigest()


def _times(request: Request, invitation: Any, now: datetime) -> Iterator[YunhuobanError]:
    """A request is made after its invitation and before it comes in; the file itself may be days on its way."""
    made, first = from_millis(request.made_at), from_millis(invitation.made_at)
    if not first - SKEW <= made <= now + SKEW:
        expected = f"{first.isoformat()} … {now.isoformat()}"
        yield YunhuobanError(CLOCK_WRONG, place="made_at", found=made.isoformat(), expected=expected)


def _open(request: Request, role: str) -> tuple[str, PublicKey]:
    kind = PROFILES[Role(f"county_{role}")].key_kind
    return keys.open_request(request.requests[role].encode(errors="replace"), kind)


def _opened(request: Request) -> tuple[dict[str, PublicKey], list[YunhuobanError]]:
    opened: dict[str, PublicKey] = {}
    wrong: list[YunhuobanError] = []
    for role in ROLES:
        try:
            subject, opened[role] = _open(request, role)
        except YunhuobanError as error:
            wrong.append(YunhuobanError(error.code, place=role, found=error.found, expected=error.expected))
            continue
        if subject != request.division_code:
            wrong.append(YunhuobanError(SUBJECT_WRONG, place=role, expected=request.division_code))
    return opened, wrong


def _keys(tx: Connection, county: str, opened: Mapping[str, PublicKey]) -> Iterator[YunhuobanError]:
    digests = {role: digest(key) for role, key in opened.items()}
    if len(set(digests.values())) != len(digests):
        yield YunhuobanError(KEYS_EQUAL, expected=", ".join(ROLES))
    used = _used(tx, county)
    for role, name in digests.items():
        if name in used:
            yield YunhuobanError(KEY_USED, place=role, found=name[:16])


def _used(tx: Connection, county: str) -> set[str]:
    """Every key that was enrolled, stated or asked for; a county may come again with keys that never served."""
    table = tables.invitations.c
    asked = select(table.county, table.state, table.key_digests)
    never = (State.INVITED, State.EXPIRED, State.BURNT, State.REFUSED)
    used = {
        each
        for row in tx.execute(asked)
        if not (row.county == county and row.state in never)
        for each in row.key_digests.split()
    }
    enrolled = list(tx.execute(select(tables.county_certificates.c.der)).scalars())
    for statement in tx.execute(select(tables.counties.c.key_statement)).scalars():
        enrolled += codec.decode(statement, "KeyStatement")["encryption_certificates"]
    return used | {digest(keys.public_key(keys.certificate_from_der(der))) for der in enrolled}
