"""The authority: a root and an issuing key, the certificates it issued, what it revoked (RFC 5280).

Its folder, private to its owner and on a medium of its own:

    root/key.pem        goes offline: move this one file to a safe after `create`; it is needed again only to publish
                        the root's revocation list (at least every ROOT_CRL_DAYS) and to revoke the issuing key
    root/cert.pem       the anchor that everybody pins
    issuing/key.pem     signs every leaf and the issuing revocation list
    issuing/cert.pem
    authority.json      kind, trial or not, name, the numbers of the last revocation lists
    issued.jsonl        one line per certificate ever issued, with the certificate itself; only appended
    revoked.jsonl       one line per revocation; only appended
    crl/root.crl, crl/issuing.crl    the newest lists, DER

The folder never lies on the hub: whoever holds it can be anybody.
"""

import base64
import hashlib
import json
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Literal, Self

from certs import building, crl, files, keys
from certs.keys import Certificate, PrivateKey, PublicKey, RevocationList
from certs.profiles import PROFILES, Role
from schemas.errors import YunhuobanError, declare

Kind = Literal["transport", "seal"]

ROOT_CRL_DAYS: Final = 190
"""The root's key is fetched from its safe twice a year; its list only says whether the issuing key is revoked."""

_ROLES: Final[dict[Kind, tuple[Role, Role]]] = {
    "transport": (Role.ROOT, Role.ISSUING),
    "seal": (Role.SEAL_ROOT, Role.SEAL_ISSUING),
}

AUTHORITY_EXISTS: Final = declare(
    "E-CERT-030", "这个目录里已经有一个发证机构。", "请换一个空目录；已有的根密钥不能覆盖。"
)
AUTHORITY_MISSING: Final = declare(
    "E-CERT-031", "这个目录里没有完好的发证机构。", "请检查路径；第一次使用请先运行 certs ca init。"
)
ROLE_NOT_ISSUED: Final = declare(
    "E-CERT-032", "这个发证机构不签发这种用途的证书。", "通信证书请用 transport 机构，印章证书请用 seal 机构。"
)
SUBJECT_REFUSED: Final = declare(
    "E-CERT-033", "证书主体的名称不符合该用途的规定。", "县的证书用六位行政区划代码，中枢的证书用 hub。"
)
VALIDITY_REFUSED: Final = declare("E-CERT-035", "有效天数不在允许范围内。", "请给出一个正数，且不超过该用途的上限。")
SERIAL_UNKNOWN: Final = declare(
    "E-CERT-036", "这个发证机构没有签发过该序列号的证书。", "请在 issued.jsonl 中查对序列号（十六进制）。"
)
REASON_UNKNOWN: Final = declare("E-CERT-037", "吊销原因不认识。", "请从命令帮助列出的原因中选一个。")
KEY_AWAY: Final = declare("E-CERT-038", "需要的发证密钥不在这个目录里。", "请把保管的密钥文件放回原处，用完再取走。")
KEY_IN_USE: Final = declare("E-CERT-039", "这把密钥已经用于另一种用途的证书。", "请为每种用途各生成一把新密钥。")


class Authority:
    """Issues and revokes. One command at a time: a lock in the folder keeps serials and list numbers apart."""

    def __init__(self, folder: Path, state: dict[str, Any], root: Certificate, issuing: Certificate) -> None:
        """Use `create` or `open`."""
        self.folder = folder
        self.kind: Kind = state["kind"]
        self.trial: bool = state["trial"]
        self.name: str = state["name"]
        self.root = root
        self.issuing = issuing
        self._register_bytes = 0
        self._roles_of_keys: dict[str, set[str]] = {}

    @classmethod
    def create(cls, folder: Path, *, kind: Kind, trial: bool, now: datetime, name: str) -> Self:
        """Make root and issuing keys in a folder of its own, and publish the first (empty) revocation lists.

        Raises AUTHORITY_EXISTS, SUBJECT_REFUSED (`name` is 1–48 ASCII characters, because the broker and OpenSSL
        must agree on the hash of the name) or FILE_UNWRITABLE.
        """
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9 ._-]{0,47}", name):
            raise YunhuobanError(SUBJECT_REFUSED, place="name", expected="[A-Za-z0-9 ._-]{1,48}")
        if (folder / "authority.json").exists() or (folder / "root").exists():
            raise YunhuobanError(AUTHORITY_EXISTS, place=folder.name)
        for part in (folder, folder / "root", folder / "issuing", folder / "crl"):
            files.make_private_folder(part)
        root_role, issuing_role = _ROLES[kind]
        root_key, issuing_key = (keys.generate_key(PROFILES[role].key_kind) for role in (root_role, issuing_role))
        root = building.sign(
            PROFILES[root_role], f"{name} root", root_key.public_key(), None, root_key, now=now, trial=trial
        )
        issuing = building.sign(
            PROFILES[issuing_role], f"{name} issuing", issuing_key.public_key(), root, root_key, now=now, trial=trial
        )
        keys.save_private_key(root_key, folder / "root" / "key.pem")
        keys.save_certificates([root], folder / "root" / "cert.pem")
        keys.save_private_key(issuing_key, folder / "issuing" / "key.pem")
        keys.save_certificates([issuing], folder / "issuing" / "cert.pem")
        state = {"kind": kind, "trial": trial, "name": name, "crl_numbers": {"root": 0, "issuing": 0}}
        _write_state(folder, state)
        authority = cls(folder, state, root, issuing)
        authority.publish_crls(now=now)
        return authority

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Open a folder made by `create`; the keys are read when they are needed. Raises AUTHORITY_MISSING."""
        state = _read_state(folder)
        try:
            (root,) = keys.load_certificates(folder / "root" / "cert.pem")
            (issuing,) = keys.load_certificates(folder / "issuing" / "cert.pem")
        except (ValueError, YunhuobanError) as error:
            raise YunhuobanError(AUTHORITY_MISSING, place=folder.name) from error
        return cls(folder, state, root, issuing)

    def issue(
        self,
        role: Role,
        subject: str,
        public_key: PublicKey,
        *,
        now: datetime,
        dns: Sequence[str] = (),
        addresses: Sequence[str] = (),
        days: int | None = None,
    ) -> Certificate:
        """Issue one certificate; it is recorded on disk before it is returned.

        `days` shortens the profile's life; the issuing certificate's own end caps it. Raises ROLE_NOT_ISSUED,
        SUBJECT_REFUSED, HOST_NAMES_REFUSED, VALIDITY_REFUSED, KEY_UNSUITABLE, KEY_IN_USE, KEY_AWAY.
        """
        profile = PROFILES[role]
        if profile.parent is not _ROLES[self.kind][1]:
            raise YunhuobanError(ROLE_NOT_ISSUED, found=role, expected=self.kind)
        if not re.fullmatch(profile.subject_shape, subject):
            raise YunhuobanError(SUBJECT_REFUSED, place=role, expected=profile.subject_shape)
        if bool(dns or addresses) != profile.needs_san:
            raise YunhuobanError(building.HOST_NAMES_REFUSED, place=role)
        if not 1 <= (days or profile.validity_days) <= profile.validity_days or days == 0:
            raise YunhuobanError(VALIDITY_REFUSED, found=str(days), expected=f"1..{profile.validity_days}")
        keys.demand_kind(public_key, profile.key_kind, role)
        alternatives = building.names(dns, addresses)
        with files.locked(self.folder):
            self._refuse_key_of_another_role(role, public_key)
            certificate = building.sign(
                profile,
                subject,
                public_key,
                self.issuing,
                self._key("issuing"),
                now=now,
                trial=self.trial,
                alternatives=alternatives,
                days=days,
            )
            record = {
                "serial": f"{certificate.serial_number:x}",
                "role": role.value,
                "subject": subject,
                "thumbprint": keys.thumbprint(certificate).hex(),
                "key_digest": _key_digest(public_key),
                "issued_at": now.astimezone(UTC).isoformat(),
                "not_after_at": certificate.not_valid_after_utc.isoformat(),
                "certificate": base64.b64encode(keys.der(certificate)).decode("ascii"),
            }
            files.append_line(self.folder / "issued.jsonl", json.dumps(record, ensure_ascii=False))
        return certificate

    def chain(self, certificate: Certificate) -> list[Certificate]:
        """The leaf followed by the issuing certificate: what its holder presents. The root is never presented."""
        return [certificate, self.issuing]

    def issued(self) -> list[dict[str, str]]:
        """Every certificate ever issued, oldest first, as recorded in issued.jsonl."""
        return _lines(self.folder / "issued.jsonl")

    def revoked(self) -> dict[int, crl.Revocation]:
        """Every revocation by serial number; the first one counts."""
        revocations: dict[int, crl.Revocation] = {}
        for line in _lines(self.folder / "revoked.jsonl"):
            serial = int(line["serial"], 16)
            revocations.setdefault(
                serial,
                crl.Revocation(
                    serial=serial,
                    revoked_at=datetime.fromisoformat(line["revoked_at"]),
                    reason=crl.Reason(line["reason"]),
                ),
            )
        return revocations

    def revoke(self, serial: int, *, now: datetime, reason: str) -> None:
        """Record a revocation; it takes effect with the next `publish_crls`. Revoking twice keeps the first date.

        `reason` is one of `certs.crl.Reason`. Raises SERIAL_UNKNOWN or REASON_UNKNOWN.
        """
        if reason not in set(crl.Reason):
            raise YunhuobanError(REASON_UNKNOWN, found=reason, expected=", ".join(crl.Reason))
        known = {int(line["serial"], 16) for line in self.issued()} | {self.issuing.serial_number}
        if serial not in known:
            raise YunhuobanError(SERIAL_UNKNOWN, found=f"{serial:x}")
        with files.locked(self.folder):
            if serial not in self.revoked():
                record = {
                    "serial": f"{serial:x}",
                    "revoked_at": now.astimezone(UTC).replace(microsecond=0).isoformat(),
                    "reason": reason,
                }
                files.append_line(self.folder / "revoked.jsonl", json.dumps(record))

    def publish_crls(self, *, now: datetime, days: int = 14) -> list[RevocationList]:
        """Sign and write crl/root.crl and crl/issuing.crl with rising numbers; returns both, root first.

        The issuing list holds for `days`. The root list holds for ROOT_CRL_DAYS or `days`, whichever is longer;
        while the root key is in its safe the last root list is returned as it is. Raises KEY_AWAY when the issuing
        key is missing, or the root key while the issuing certificate is revoked and the root list does not say so.
        """
        if days < 1:
            raise YunhuobanError(VALIDITY_REFUSED, found=str(days), expected=">= 1")
        with files.locked(self.folder):
            revoked = self.revoked()
            own = [revoked.pop(self.issuing.serial_number)] if self.issuing.serial_number in revoked else []
            # Before the issuing list, so that a missing root key is noticed before anything changes.
            if (self.folder / "root" / "key.pem").exists():
                root_list = self._publish("root", self.root, own, now=now, days=max(days, ROOT_CRL_DAYS))
            else:
                root_list = self._last_root_list(own)
            issuing_list = self._publish("issuing", self.issuing, list(revoked.values()), now=now, days=days)
        return [root_list, issuing_list]

    def _last_root_list(self, own: list[crl.Revocation]) -> RevocationList:
        """The list published while the root key was here; it must already say what is to be said."""
        path = self.folder / "crl" / "root.crl"
        if not path.exists():
            raise YunhuobanError(KEY_AWAY, place="root/key.pem")
        last = crl.load(path)
        if own and last.get_revoked_certificate_by_serial_number(self.issuing.serial_number) is None:
            raise YunhuobanError(KEY_AWAY, place="root/key.pem")
        return last

    def _publish(
        self, part: str, issuer: Certificate, revocations: list[crl.Revocation], *, now: datetime, days: int
    ) -> RevocationList:
        state = _read_state(self.folder)
        number = state["crl_numbers"][part] + 1
        state["crl_numbers"][part] = number
        made = crl.build(issuer, self._key(part), revocations, number=number, now=now, days=days)
        _write_state(self.folder, state)  # the number is spent before the list can be seen
        files.write_atomically(self.folder / "crl" / f"{part}.crl", keys.crl_der(made))
        return made

    def _key(self, part: str) -> PrivateKey:
        path = self.folder / part / "key.pem"
        if not path.exists():
            raise YunhuobanError(KEY_AWAY, place=f"{part}/key.pem")
        return keys.load_private_key(path)

    def _refuse_key_of_another_role(self, role: Role, public_key: PublicKey) -> None:
        """One key, one role: otherwise a decryption key could be talked into signing. Renewal may keep the key.

        What was read of the register once is not read again: it only grows, and thousands may be issued in one go.
        """
        path = self.folder / "issued.jsonl"
        if path.exists():
            register = files.read(path)
            for line in _records(path, register[self._register_bytes :]):
                self._roles_of_keys.setdefault(line["key_digest"], set()).add(line["role"])
            self._register_bytes = len(register)
        others = self._roles_of_keys.get(_key_digest(public_key), set()) - {role.value}
        if others:
            raise YunhuobanError(KEY_IN_USE, place=role, found=min(others))


def _key_digest(public_key: PublicKey) -> str:
    return hashlib.sha256(keys.public_bytes(public_key)).hexdigest()


def _read_state(folder: Path) -> dict[str, Any]:
    try:
        state: dict[str, Any] = json.loads(files.read(folder / "authority.json"))
        complete = state.keys() == {"kind", "trial", "name", "crl_numbers"} and state["kind"] in _ROLES
    except (ValueError, AttributeError, YunhuobanError) as error:
        raise YunhuobanError(AUTHORITY_MISSING, place=folder.name) from error
    if not complete:
        raise YunhuobanError(AUTHORITY_MISSING, place=folder.name)
    return state


def _write_state(folder: Path, state: dict[str, Any]) -> None:
    files.write_atomically(
        folder / "authority.json", json.dumps(state, ensure_ascii=False, indent=1).encode(), mode=files.PRIVATE
    )


def _lines(path: Path) -> list[dict[str, str]]:
    """The records of an append-only file; a torn last line (power cut) raises AUTHORITY_MISSING, never hides."""
    return _records(path, files.read(path)) if path.exists() else []


def _records(path: Path, data: bytes) -> list[dict[str, str]]:
    try:
        return [json.loads(line) for line in data.decode().splitlines()]
    except ValueError as error:
        raise YunhuobanError(AUTHORITY_MISSING, place=path.name) from error
