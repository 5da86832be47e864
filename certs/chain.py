"""What can be said of a certificate at a time: chain, role, trial or not, validity, revocation. Facts, no verdict.

Two layers (RFC 5280 §6, and what OpenSSL lets pass in spite of it):

1. OpenSSL builds and checks the chain to a pinned anchor at the given time (signatures, dates, path length, critical
   extensions), and again with the revocation lists.
2. Our own policy: exactly leaf, issuing, root; strong keys and digests everywhere; the leaf is no authority and
   matches one profile exactly; the trial extension on all three or on none; every list numbered and never older than
   one seen.

*Unknown* means only that a revocation list is missing or stale: nothing passes then, and nothing is refused.
"""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Literal

from OpenSSL import crypto

from certs import crl, keys, policy
from certs.keys import Certificate, RevocationList
from certs.profiles import Role
from schemas.errors import Code, YunhuobanError, declare

Standing = Literal["good", "refused", "unknown"]
Revocation = Literal["good", "revoked", "unknown"]

CHAIN_UNTRUSTED: Final = declare(
    "E-CERT-050", "证书不是由本网络的发证机构签发的。", "请使用本网络签发的证书，并连同中间证书一起提供。"
)
NOT_YET_VALID: Final = declare("E-CERT-051", "证书还没有生效。", "请检查本机时钟；时钟正确则等到生效时间再用。")
EXPIRED: Final = declare("E-CERT-052", "证书已经过期。", "请换用续期后的证书；没有续期的请立即申请。")
REVOKED: Final = declare("E-CERT-053", "证书已被吊销。", "请停止使用这把密钥，生成新密钥并重新申请证书。")
REVOCATION_UNKNOWN: Final = declare(
    "E-CERT-054", "吊销列表缺失或已过期，暂时无法判断证书是否有效。", "无需重发，报文会等待；请通知运维更新吊销列表。"
)
ROLE_WRONG: Final = declare("E-CERT-055", "证书的用途不对。", "请换用为这一用途签发的证书。")
REVOCATION_LIST_OLDER: Final = declare(
    "E-CERT-056", "收到的吊销列表比已见过的更旧。", "请更新吊销列表的来源；若来源无误，请怀疑有人回放旧列表。"
)

_CACHE_LIMIT: Final = 20_000  # chains, about 10 MB: seven per county for every county in the country
_NO_CHECK_TIME: Final = 0x200000  # X509_V_FLAG_NO_CHECK_TIME of x509_vfy.h, which pyOpenSSL does not name
_ERROR_REVOKED: Final = 23  # X509_V_ERR_CERT_REVOKED


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainFacts:
    """What is so at one time. Whoever asks decides, with `standing`."""

    subject: str
    """The only common name: a division code, `hub`, a host, an issuing authority; empty when there is no such."""
    thumbprint: bytes
    """SHA-256 of the leaf's DER."""
    role: Role | None
    """The one profile that the leaf matches exactly; None when it matches none."""
    trial: bool
    """Whether the leaf carries the trial extension."""
    not_before_at: datetime
    """When the whole chain began to be valid, UTC."""
    not_after_at: datetime
    """When the first certificate of the chain ends, UTC."""
    chain_problems: tuple[str, ...]
    """Codes of everything found wrong with chain, profile or dates; empty is good. Revocation is not among them."""
    revoked_at: datetime | None
    """When leaf or issuing certificate was (or, later than the time asked for, will have been) revoked."""
    revocation: Revocation
    """At the time asked for."""
    diagnosis: str
    """OpenSSL's own words, for county IT; empty when it had nothing to say."""
    reason: Code | None
    """The first thing wrong whatever the role; None when there is nothing."""

    def standing(self, role: Role) -> Standing:
        """Whether this certificate may act in the role: `unknown` only for want of a fresh revocation list."""
        if self.chain_problems or self.revocation == "revoked" or self.role is not role:
            return "refused"
        return "unknown" if self.revocation == "unknown" else "good"

    def reason_for(self, role: Role) -> Code | None:
        """Why `standing(role)` is not good, as a code with its sentence and remedy; None when it is good."""
        if not self.chain_problems and self.role is not role:
            return ROLE_WRONG
        return self.reason

    def demand(self, role: Role) -> None:
        """Raise YunhuobanError with `reason_for(role)` unless the standing is good."""
        code = self.reason_for(role)
        if code is not None:
            raise YunhuobanError(code, place=role, found=self.role or "", expected=role)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Judged:
    """What was found about one chain, whatever the time: the part that is remembered."""

    subject: str
    thumbprint: bytes
    role: Role | None
    trial: bool
    not_before_at: datetime
    not_after_at: datetime
    problems: tuple[Code, ...]
    diagnosis: str
    revoked_at: datetime | None
    lists_known: bool
    known_until_at: datetime
    """The earliest nextUpdate of the lists consulted."""


class TrustStore:
    """Pinned anchors, known intermediates and revocation lists, for either trial or production, never both.

    Safe to use from several threads: lists and memory are replaced together, in one assignment.
    """

    def __init__(
        self,
        anchors: Sequence[Certificate],
        intermediates: Sequence[Certificate] = (),
        crls: Sequence[RevocationList] = (),
        *,
        trial: bool,
        crl_floor: Mapping[str, int] | None = None,
    ) -> None:
        """Raise what `replace_crls` raises. `crl_floor` carries `crl_numbers()` over a restart."""
        self.trial = trial
        self._anchors = tuple(anchors)
        self._intermediates = tuple(intermediates)
        self._numbers: dict[str, int] = dict(crl_floor or {})
        self._lists: dict[str, RevocationList] = {}
        self._memory: dict[tuple[Certificate, ...], _Judged] = {}
        self.replace_crls(crls)

    def crl_numbers(self) -> dict[str, int]:
        """The highest CRL number seen, by the issuer's thumbprint in hexadecimal."""
        return dict(self._numbers)

    def replace_crls(self, crls: Sequence[RevocationList]) -> None:
        """Use these lists from now on and forget everything remembered.

        All or nothing: raises REVOCATION_LIST_FOREIGN, REVOCATION_LIST_WITHOUT_NUMBER or REVOCATION_LIST_OLDER and
        keeps the lists it had. Of two lists by one issuer the higher number counts.
        """
        numbers, lists = dict(self._numbers), dict[str, RevocationList]()
        for revocation_list in crls:
            issuer = self._issuer_of(revocation_list)
            if issuer is None:
                raise YunhuobanError(crl.REVOCATION_LIST_FOREIGN)
            if not crl.has_plain_scope(revocation_list):
                raise YunhuobanError(crl.REVOCATION_LIST_WITHOUT_NUMBER)
            crl.next_update_at(revocation_list)
            name, number = keys.thumbprint(issuer).hex(), crl.number(revocation_list)
            if number < self._numbers.get(name, 0):
                raise YunhuobanError(REVOCATION_LIST_OLDER, found=str(number), expected=f">= {self._numbers[name]}")
            if name not in lists or number > crl.number(lists[name]):
                lists[name] = revocation_list
                numbers[name] = max(number, numbers.get(name, 0))
        # A new dictionary: a thread still judging with the old lists remembers into the old memory only.
        self._numbers, self._lists, self._memory = numbers, lists, {}

    def facts(self, chain: Sequence[Certificate], *, at: datetime) -> ChainFacts:
        """What is so of `chain[0]` at the aware time `at`. The first look costs about a millisecond, the next µs.

        `chain` is the leaf, or leaf and issuing certificate (the root may follow). Raises CERTIFICATE_MALFORMED for
        a certificate that parses only in part, and ValueError for an empty chain or a naive time.
        """
        if not chain or at.tzinfo is None:
            raise ValueError("a chain and an aware time are needed")
        memory, key = self._memory, tuple(chain[:4])  # a fourth is already one too many
        judged = memory.get(key)
        if judged is None:
            judged = self._judge(key, at)
            if len(memory) >= _CACHE_LIMIT:
                memory.pop(next(iter(memory)), None)
            memory[key] = judged
        return _at(judged, at)

    def _issuer_of(self, revocation_list: RevocationList) -> Certificate | None:
        candidates = (*self._anchors, *self._intermediates)
        return next((one for one in candidates if crl.is_signed_by(revocation_list, one)), None)

    def _judge(self, chain: tuple[Certificate, ...], at: datetime) -> _Judged:
        leaf = chain[0]
        try:
            path, problems = self._path(chain)
            window = max(one.not_valid_before_utc for one in path), min(one.not_valid_after_utc for one in path)
            # Inside the window OpenSSL judges the very time asked for; outside, the structure is judged at its edge
            # and `_at` says what is wrong with the time, so that what is remembered holds for every time.
            moment = min(max(at, window[0]), window[1])
            diagnosis = self._openssl(path, moment)
            if diagnosis:
                problems.append(CHAIN_UNTRUSTED)
            trials = {policy.is_trial(one) for one in path}
            if trials != {self.trial}:
                problems.append(policy.TRIAL_MIXED)
            role = policy.role_of(leaf)
            problems.extend(policy.problems(path, role))
            revoked_at, lists = self._revocation(path)
            return _Judged(
                subject=policy.subject_of(leaf),
                thumbprint=keys.thumbprint(leaf),
                role=role,
                trial=policy.is_trial(leaf),
                not_before_at=window[0],
                not_after_at=window[1],
                problems=tuple(dict.fromkeys(problems)),
                diagnosis=diagnosis,
                revoked_at=revoked_at,
                lists_known=lists is not None and not self._openssl_refuses_lists(path, moment),
                known_until_at=min((crl.next_update_at(one) for one in lists or ()), default=window[0]),
            )
        except (*keys.PARSING_FAILURES, crypto.Error) as error:
            raise YunhuobanError(keys.CERTIFICATE_MALFORMED) from error

    def _path(self, chain: tuple[Certificate, ...]) -> tuple[list[Certificate], list[Code]]:
        """Leaf, issuing, root as far as they can be found by name and key; whether they fit is OpenSSL's to say."""
        problems: list[Code] = []
        if len(chain) > 3 or (len(chain) == 3 and chain[2] not in self._anchors):
            problems.append(policy.DEPTH_WRONG)
        path = [chain[0]]
        issuing = _issuer(chain[0], (*chain[1:2], *self._intermediates))
        if issuing is None:
            # issued by a root directly, or by nobody we know
            problems.append(policy.DEPTH_WRONG if _issuer(chain[0], self._anchors) else CHAIN_UNTRUSTED)
            return path, problems
        path.append(issuing)
        if chain[1:2] and chain[1] != issuing:
            problems.append(policy.DEPTH_WRONG)
        root = _issuer(issuing, self._anchors)
        if root is None:
            problems.append(CHAIN_UNTRUSTED)
            return path, problems
        path.append(root)
        return path, problems

    def _openssl(self, path: Sequence[Certificate], moment: datetime) -> str:
        """OpenSSL's complaint about the path at that time, or nothing."""
        store = crypto.X509Store()
        for anchor in self._anchors:
            store.add_cert(crypto.X509.from_cryptography(anchor))
        # X509Store reads wall-clock fields: any other zone than UTC would shift the time (library fact).
        store.set_time(moment.astimezone(UTC))
        store.set_flags(crypto.X509StoreFlags.X509_STRICT | crypto.X509StoreFlags.CHECK_SS_SIGNATURE)
        return _complaint(store, path)[1]

    def _openssl_refuses_lists(self, path: Sequence[Certificate], moment: datetime) -> bool:
        """Whether OpenSSL finds the lists of this path wanting, their dates apart; *revoked* is no such finding.

        OpenSSL's *revoked* does not look at the revocation date, therefore the date is judged by `_revocation`.
        """
        store = crypto.X509Store()
        for anchor in self._anchors:
            store.add_cert(crypto.X509.from_cryptography(anchor))
        for revocation_list in self._lists.values():
            store.add_crl(revocation_list)
        store.set_time(moment.astimezone(UTC))
        store.set_flags(crypto.X509StoreFlags.CRL_CHECK | crypto.X509StoreFlags.CRL_CHECK_ALL | _NO_CHECK_TIME)
        return _complaint(store, path)[0] not in {0, _ERROR_REVOKED}

    def _revocation(self, path: Sequence[Certificate]) -> tuple[datetime | None, list[RevocationList] | None]:
        """The earliest revocation on the path, and the lists that speak for it (None when one is missing)."""
        if len(path) != 3:
            return None, None
        revoked_at: datetime | None = None
        lists: list[RevocationList] = []
        for certificate, issuer in itertools.pairwise(path):
            revocation_list = self._lists.get(keys.thumbprint(issuer).hex())
            if revocation_list is None:
                return revoked_at, None
            lists.append(revocation_list)
            entry = revocation_list.get_revoked_certificate_by_serial_number(certificate.serial_number)
            if entry is not None and (revoked_at is None or entry.revocation_date_utc < revoked_at):
                revoked_at = entry.revocation_date_utc
        return revoked_at, lists


def _at(judged: _Judged, at: datetime) -> ChainFacts:
    """What was found, at one time."""
    problems = judged.problems
    if at < judged.not_before_at:
        problems = (*problems, NOT_YET_VALID)
    if at > judged.not_after_at:
        problems = (*problems, EXPIRED)
    revocation: Revocation
    # A certificate once revoked stays so, however old the list that said it.
    if judged.revoked_at is not None and judged.revoked_at <= at:
        revocation = "revoked"
    elif not judged.lists_known or at > judged.known_until_at:
        revocation = "unknown"
    else:
        revocation = "good"
    reason: Code | None = None
    if problems:
        reason = problems[0]
    elif revocation != "good":
        reason = REVOKED if revocation == "revoked" else REVOCATION_UNKNOWN
    return ChainFacts(
        subject=judged.subject,
        thumbprint=judged.thumbprint,
        role=judged.role,
        trial=judged.trial,
        not_before_at=judged.not_before_at,
        not_after_at=judged.not_after_at,
        chain_problems=tuple([problem.code for problem in problems]),
        revoked_at=judged.revoked_at,
        revocation=revocation,
        diagnosis=judged.diagnosis,
        reason=reason,
    )


def _issuer(certificate: Certificate, candidates: Sequence[Certificate]) -> Certificate | None:
    """The candidate that bears the issuer's name and whose key signed the certificate."""
    for candidate in candidates:
        if candidate.subject == certificate.issuer and candidate != certificate:
            try:
                certificate.verify_directly_issued_by(candidate)
            except policy.SIGNATURE_FAILURES:
                continue
            return candidate
    return None


def _complaint(store: crypto.X509Store, path: Sequence[Certificate]) -> tuple[int, str]:
    """OpenSSL's error number and text for the path; 0 and nothing when it is content."""
    leaf, *others = [crypto.X509.from_cryptography(certificate) for certificate in path]
    try:
        crypto.X509StoreContext(store, leaf, others).verify_certificate()
    except crypto.X509StoreContextError as error:
        number, depth, text = error.errors
        return int(number), f"{text} (OpenSSL {number}, depth {depth})"
    return 0, ""
