"""Renewing a county's certificates: when it is time, and what the authority asks before it issues the next ones.

The authority believes nobody but itself: a request counts by the message-signing key that it certified for this county,
while that certificate is in force and not revoked. In this order: 1 the file is of its one form; 2 its signer's
certificate is one that was issued here, for message signing, to the county that asks; 3 it is in force and not revoked;
4 the signature is over these bytes; 5 each certificate request proves its key, names the county, and the key is new.
The same file twice is answered with the same certificates, so that an answer that was lost is simply fetched again.
"""

import base64
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from certs import files, keys, policy, signing
from certs.authority import Authority
from certs.keys import Certificate, PublicKey
from certs.profiles import PROFILES, Role
from schemas.errors import YunhuobanError, declare
from schemas.renewing.files import ROLES, RenewalAnswer, RenewalRequest, SignedRequest

SIGNER_NOT_IN_FORCE: Final = declare(
    "E-RENEW-010",
    "续期申请不是用本机构签发的、仍然有效的县签名证书签的。",
    "密钥已被吊销或证书已过期的县不能续期；请由中枢重新邀请（hub county invite）。",
)
KEY_NOT_NEW: Final = declare(
    "E-RENEW-011", "续期申请里的密钥以前已经签发过证书，或与申请不符。", "请县里重新生成申请：每次续期都用新的密钥。"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A certificate's life as its holder plans by it."""

    begins_at: datetime
    ends_at: datetime
    renew_at: datetime
    """From here on its holder asks for the next."""
    warn_days: int

    def days_left(self, now: datetime) -> int:
        """Whole days; negative when it is over."""
        return (self.ends_at - now).days

    def warns(self, now: datetime) -> bool:
        """Whether a person is to be told."""
        return self.days_left(now) < self.warn_days


def span(certificate: Certificate) -> Span:
    """By the profile of its role; a certificate without a role is planned for like a county's."""
    profile = PROFILES[policy.role_of(certificate) or Role.COUNTY_CONNECTION]
    begins, ends = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    return Span(
        begins_at=begins,
        ends_at=ends,
        renew_at=begins + (ends - begins) * profile.renew_percent / 100,
        warn_days=profile.warn_days,
    )


def role(name: str) -> Role:
    """The role of one of the county's three keys, by the name of its files."""
    return Role(f"county_{name}")


def answer(authority: Authority, data: bytes, *, now: datetime) -> RenewalAnswer:
    """Check a request file and issue. Raises E-RENEW-001, -010, -011, or E-CERT-… for a request or key in the file."""
    signed = SignedRequest.read(data)  # 1
    request = RenewalRequest.read(signed.body)
    _demand_signer(authority, signed, request, now)  # 2 to 4
    wanted = {name: _proven(request, name) for name in ROLES}  # 5
    issued = _issued(authority, request.division_code, wanted)
    begun = authority.folder / "renewals.jsonl"
    known = begun.exists() and signed.sha256.hex() in files.read(begun).decode().split()
    if issued and not known:
        raise YunhuobanError(KEY_NOT_NEW, place=min(issued))
    if not known:
        files.append_line(begun, signed.sha256.hex())
    for name in ROLES:
        if name not in issued:  # all three, or what a run that was cut short has left
            issued[name] = authority.issue(role(name), request.division_code, wanted[name], now=now)
    return RenewalAnswer(
        division_code=request.division_code,
        request_sha256=signed.sha256,
        chains={name: [keys.der(each) for each in authority.chain(issued[name])] for name in ROLES},
    )


def _demand_signer(authority: Authority, signed: SignedRequest, request: RenewalRequest, now: datetime) -> None:
    certificate = keys.certificate_from_der(request.signer)
    named = keys.thumbprint(certificate).hex()
    record = next((each for each in authority.issued() if each["thumbprint"] == named), None)
    ours = record is not None and (record["role"], record["subject"]) == (
        Role.COUNTY_SIGNING.value,
        request.division_code,
    )
    in_force = certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc
    if not ours or not in_force or certificate.serial_number in authority.revoked():
        raise YunhuobanError(SIGNER_NOT_IN_FORCE, place=request.division_code, found=named[:16])
    signing.verify(signed.signature, signed.body, certificate=certificate, typ=signing.Typ.RENEWAL)


def _proven(request: RenewalRequest, name: str) -> PublicKey:
    subject, key = keys.open_request(request.requests[name].encode(errors="replace"), PROFILES[role(name)].key_kind)
    if subject != request.division_code:
        raise YunhuobanError(KEY_NOT_NEW, place=name, found=subject[:20], expected=request.division_code)
    return key


def _issued(authority: Authority, county: str, wanted: dict[str, PublicKey]) -> dict[str, Certificate]:
    """What was issued for these very keys before. Raises E-RENEW-011 for a key that serves something else."""
    here = {keys.public_bytes(each): name for name, each in wanted.items()}
    if len(here) != len(wanted):
        raise YunhuobanError(KEY_NOT_NEW, place="requests", found="one key twice")
    found: dict[str, Certificate] = {}
    for record in authority.issued():
        certificate = keys.certificate_from_der(base64.b64decode(record["certificate"]))
        name = here.get(keys.public_bytes(keys.public_key(certificate)))
        if name is None:
            continue
        if (record["role"], record["subject"]) != (role(name).value, county):
            raise YunhuobanError(KEY_NOT_NEW, place=name, found=record["role"])
        found[name] = certificate
    return found
