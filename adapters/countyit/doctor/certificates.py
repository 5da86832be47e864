"""Checks 5 and 6: the broker's certificate, and our own as we and the broker see it."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from adapters.countyit.doctor.findings import CLOCK_FIRST, Finding, Outcome, Step, failed, not_reached, passed, second
from adapters.countyit.doctor.observations import Seen
from adapters.countyit.doctor.timekeeping import EXPIRED, NOT_YET, clock_is_wrong
from adapters.link.messages import CERTIFICATE_REFUSED
from certs import chain, keys
from certs.keys import Certificate
from certs.profiles import Role
from schemas.errors import Code, YunhuobanError, declare

SERVER_UNTRUSTED: Final = declare(
    "E-LINK-025",
    "{address} 的证书不是本县所信任的发证机构签发的。",
    "请核对 certs/anchors.pem 是否是联盟发的根证书；无误则可能连到了别的机器，或途中有代理，请立即联系中枢运维。",
)
SERVER_OTHER_NAME: Final = declare(
    "E-LINK-026",
    "{address} 的证书里没有名称 {name}。",
    "请按中枢运维给的名称改正 county.toml 中的 server_hostname；名称无误则请核对地址。",
)
SERVER_EXPIRED: Final = declare(
    "E-LINK-027", "{address} 的证书已于 {at} 过期。", "请先核对本机时钟；时钟正确则请中枢运维更换消息服务的证书。"
)
SERVER_REVOKED: Final = declare(
    "E-LINK-028", "{address} 的证书已被吊销。", "请勿连接，立即联系中枢运维：可能有人冒充中枢。"
)
OTHER_COUNTY: Final = declare(
    "E-LINK-032",
    "连接证书是发给 {subject} 的，不是发给本县 {county} 的。",
    "请核对 county.toml 的 division_code，并把本县自己的 connection.pem 和 connection.key 放入 certs。",
)

_ALERTS: Final[Mapping[str, Code]] = MappingProxyType(
    {"revoked": chain.REVOKED, "expired": chain.EXPIRED, "unknown ca": chain.CHAIN_UNTRUSTED}
)
"""What a broker's alert says of our certificate (RFC 8446 §6.2), by a part of OpenSSL's words for it."""


def examine_server(seen: Seen) -> Finding:
    """5. The broker's certificate is of our authority, bears the right name, holds today and is not revoked."""
    facts = seen.tls
    if facts is None or not facts.server_chain:
        return not_reached()
    leaf, complaints = facts.server_chain[0], {each.number for each in facts.server_problems}
    subject = leaf.subject.rfc4514_string()
    if complaints - {EXPIRED, NOT_YET}:
        issuer = leaf.issuer.rfc4514_string()
        return failed(seen.problem(SERVER_UNTRUSTED, Step.SERVER, f"{subject} ← {issuer}", expected="anchors.pem"))
    if not facts.name_matches:
        return failed(seen.problem(SERVER_OTHER_NAME, Step.SERVER, subject, name=seen.server_hostname))
    if seen.chains.facts(facts.server_chain, at=seen.now).revocation == "revoked":
        return failed(seen.problem(SERVER_REVOKED, Step.SERVER, subject))
    if complaints and clock_is_wrong(seen):
        return not_reached(CLOCK_FIRST)
    end = second(min(each.not_valid_after_utc for each in facts.server_chain))
    if complaints:
        return failed(seen.problem(SERVER_EXPIRED, Step.SERVER, subject, at=end))
    return passed(f"{subject} → {end}")


def examine_own(seen: Seen) -> Finding:
    """6. Our own certificate is this county's, for connecting, holds today, and the broker did not turn it away."""
    if seen.own.problem is not None:
        return failed(seen.own.problem)
    leaf = seen.own.chain[0]
    facts = seen.chains.facts(seen.own.chain, at=seen.now)
    code = facts.reason_for(Role.COUNTY_CONNECTION)
    if code in {chain.NOT_YET_VALID, chain.EXPIRED} and clock_is_wrong(seen):
        return not_reached(CLOCK_FIRST)
    if code is not None and code is not chain.REVOCATION_UNKNOWN:  # the broker has the newer lists
        found, expected = _own_words(leaf, facts.role, code)
        return failed(YunhuobanError(code, place="certs/connection.pem", found=found, expected=expected))
    if facts.subject != seen.division_code:
        words = {"subject": facts.subject, "county": seen.division_code}
        return failed(YunhuobanError(OTHER_COUNTY, place="certs/connection.pem", found=facts.subject, **words))
    tls = seen.tls
    if tls is not None and tls.stage == "refused" and tls.says_why and examine_server(seen).outcome is Outcome.PASSED:
        said = next((code for part, code in _ALERTS.items() if part in tls.alert), CERTIFICATE_REFUSED)
        return failed(seen.problem(said, Step.OWN, tls.alert))
    return passed(f"{leaf.subject.rfc4514_string()} → {second(facts.not_after_at)}")


def _own_words(leaf: Certificate, role: Role | None, code: Code) -> tuple[str, str]:
    """What of the certificate speaks for the code, its dates or what it is for, and what it should be."""
    if code is chain.ROLE_WRONG:
        return role or "", Role.COUNTY_CONNECTION
    dates = f"{second(leaf.not_valid_before_utc)} – {second(leaf.not_valid_after_utc)}"
    return f"{keys.subject(leaf)}, {dates}", ""
