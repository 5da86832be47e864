"""The form of a proof: one JSON file with everything needed to check what happened in one case, without a network.

The file is one object in the canonical form of RFC 8785 (UTF-8, members sorted, no white space, no fractions), so that
it has exactly one spelling. `b64` is RFC 4648 §4 with padding, `hex` is lower case, a time is an integer, milliseconds
since 1970 in UTC. Every member is there, and no other.

    format              "yunhuoban-proof-1"
    case_no             the case
    epoch               the journal's epoch, as in the checkpoint
    counties            name by division code of every county in the messages
    checkpoint          {record: b64 of the Avro `Checkpoint`, signature: detached JWS over these bytes}
    countersignatures   newest of each county, by county; the counties' certificates are not here, but in a trust file:
        county            division code
        record            b64 of the Avro `Checkpoint` that the county countersigned, this one or an earlier one
        signature         the county's detached JWS (typ `yhb-checkpoint+jws`) over these bytes
        consistency       [b64] RFC 9162 §2.1.4.1 proof from there to the checkpoint; [] when it is this one
    certificates        [b64 DER] of whoever signed something below: counties and the hub; by SHA-256, ascending
    issuing_certificates  [b64 DER] between those and the root, which is never in the file
    revocation_lists    [b64 DER] CRLs in force when a message was admitted, and the newest; by SHA-256, ascending
    messages            in the order of the journal, one per message of the case that was admitted or refused:
        envelope          b64 of the exact bytes received
        signature         the sender's detached JWS over these bytes; "" when there was none
        signer            hex SHA-256 of the signer's certificate as journalled; 64 zeros when it was not known
        admitted_at       time of the verdict
        verdict           "admitted" or a refusal code
        refusal           b64 of the Avro `Refusal` that the sender was given; "" when admitted
        leaf_index        place in the journal
        inclusion         [b64] RFC 9162 §2.1.3.1 proof of that leaf in the tree of the checkpoint
    grants              by time, then by bytes: what the hub answered to the case's print claims:
        record            b64 of the Avro `Grant`
        signature         the hub's detached JWS over these bytes
    signature           the hub's detached JWS (typ `yhb-receipt+jws`) over the canonical form of everything else: its
                        statement that these are all messages of the case up to the checkpoint

Whoever makes the same proof twice gets the same bytes, the last signature apart (ES256 is made with fresh randomness).
How a leaf is made of a message is said in `schemas.leaf`; the Avro records are the published contract's.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final, Self, TypeAlias

from hub.instants import from_millis, to_millis
from schemas.errors import YunhuobanError, declare
from schemas.strictjson import (
    LATEST_MILLIS,
    b64,
    b64_list,
    bad,
    digest,
    dump,
    integer,
    items,
    load,
    members,
    octets,
    string,
)
from schemas.tree import HASH_BYTES

_Octets: TypeAlias = bytes

FORMAT: Final = "yunhuoban-proof-1"
MAX_BYTES: Final = 128 * 2**20  # some thirty licenses at their cap; a usual case has 100 kB
MAX_ITEMS: Final = 2000  # of any list; a usual case has 20 messages
MAX_CERTIFICATES: Final = 64
MAX_COUNTERSIGNATURES: Final = 64
_MAX_DEPTH_PROOF: Final = 64  # a tree of 2^64 leaves

TOO_LARGE: Final = declare("E-VERIFY-002", "存证文件过大。", "请联系联盟运维，说明办件编号。")


@dataclass(frozen=True, slots=True, kw_only=True)
class ProofMessage:
    """One message of the case with its verdict and its place in the journal."""

    envelope: _Octets
    signature: str
    signer: _Octets
    admitted_at: datetime
    verdict: str
    refusal: _Octets
    leaf_index: int
    inclusion: tuple[_Octets, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """A record of the hub and its detached signature."""

    record: _Octets
    signature: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Countersignature:
    """One county's word that the journal it saw goes on to be this one."""

    county: str
    record: _Octets
    signature: str
    consistency: tuple[_Octets, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProofFile:
    """The whole file, its base64 undone. Nothing in it is believed yet."""

    case_no: str
    epoch: int
    counties: Mapping[str, str]
    checkpoint: Signed
    certificates: tuple[_Octets, ...]
    issuing_certificates: tuple[_Octets, ...]
    revocation_lists: tuple[_Octets, ...]
    messages: tuple[ProofMessage, ...]
    grants: tuple[Signed, ...]
    countersignatures: tuple[Countersignature, ...] = ()
    signature: str = ""

    @classmethod
    def parse(cls, data: _Octets) -> Self:
        """Read a file from anywhere. Raises E-VERIFY-001 or -002."""
        if len(data) > MAX_BYTES:
            raise YunhuobanError(TOO_LARGE, found=f"{len(data)} B", expected=f"<= {MAX_BYTES} B")
        found = cls(**_file(load(data)))
        if found.to_bytes() != data:  # another spelling, or another order of what has one order
            raise bad("file", "RFC 8785")
        return found

    def to_bytes(self) -> _Octets:
        """The file. Raises E-VERIFY-002 when it is larger than anybody reads."""
        data = dump(self._members() | {"signature": self.signature})
        if len(data) > MAX_BYTES:
            raise YunhuobanError(TOO_LARGE, found=f"{len(data)} B", expected=f"<= {MAX_BYTES} B")
        return data

    def statement(self) -> _Octets:
        """What the hub's signature of the whole is over."""
        return dump(self._members())

    def signed(self, sign: Callable[[_Octets], str]) -> "ProofFile":
        """The same with the signature of the whole."""
        return replace(self, signature=sign(self.statement()))

    def _members(self) -> dict[str, Any]:
        return {
            "format": FORMAT,
            "case_no": self.case_no,
            "epoch": self.epoch,
            "counties": dict(self.counties),
            "checkpoint": _signed_members(self.checkpoint),
            "countersignatures": [
                {
                    "county": each.county,
                    "record": b64(each.record),
                    "signature": each.signature,
                    "consistency": b64_list(each.consistency),
                }
                for each in sorted(self.countersignatures, key=lambda each: each.county)
            ],
            "certificates": b64_list(sorted(self.certificates, key=_digest)),
            "issuing_certificates": b64_list(sorted(self.issuing_certificates, key=_digest)),
            "revocation_lists": b64_list(sorted(self.revocation_lists, key=_digest)),
            "messages": [
                {
                    "envelope": b64(each.envelope),
                    "signature": each.signature,
                    "signer": each.signer.hex(),
                    "admitted_at": to_millis(each.admitted_at),
                    "verdict": each.verdict,
                    "refusal": b64(each.refusal),
                    "leaf_index": each.leaf_index,
                    "inclusion": b64_list(each.inclusion),
                }
                for each in sorted(self.messages, key=lambda each: each.leaf_index)
            ],
            "grants": [_signed_members(each) for each in self.grants],
        }


def _file(value: Any) -> dict[str, Any]:
    names = (
        "format", "case_no", "epoch", "counties", "checkpoint", "countersignatures", "certificates",
        "issuing_certificates", "revocation_lists", "messages", "grants", "signature",
    )  # fmt: skip
    found = members(value, "file", names)
    if found["format"] != FORMAT:
        raise bad("format", FORMAT)
    counties = found["counties"]
    if not isinstance(counties, dict) or len(counties) > MAX_CERTIFICATES:
        raise bad("counties", "object")
    return {
        "case_no": string(found["case_no"], "case_no"),
        "epoch": integer(found["epoch"], "epoch"),
        "counties": {code: string(name, "counties") for code, name in counties.items()},
        "checkpoint": _signed(found["checkpoint"], "checkpoint"),
        "signature": string(found["signature"], "signature"),
        "messages": tuple(_message(each) for each in items(found["messages"], "messages", MAX_ITEMS)),
        "grants": tuple(_signed(each, "grants") for each in items(found["grants"], "grants", MAX_ITEMS)),
        "countersignatures": tuple(
            _countersignature(each)
            for each in items(found["countersignatures"], "countersignatures", MAX_COUNTERSIGNATURES)
        ),
    } | {
        name: tuple(octets(each, name) for each in items(found[name], name, MAX_CERTIFICATES))
        for name in ("certificates", "issuing_certificates", "revocation_lists")
    }


def _message(value: Any) -> ProofMessage:
    names = ("envelope", "signature", "signer", "admitted_at", "verdict", "refusal", "leaf_index", "inclusion")
    found = members(value, "messages", names)
    return ProofMessage(
        envelope=octets(found["envelope"], "envelope"),
        signature=string(found["signature"], "signature"),
        signer=digest(found["signer"], "signer"),
        admitted_at=from_millis(integer(found["admitted_at"], "admitted_at", LATEST_MILLIS)),
        verdict=string(found["verdict"], "verdict"),
        refusal=octets(found["refusal"], "refusal"),
        leaf_index=integer(found["leaf_index"], "leaf_index"),
        inclusion=_hashes(found["inclusion"], "inclusion", _MAX_DEPTH_PROOF),
    )


def _countersignature(value: Any) -> Countersignature:
    found = members(value, "countersignatures", ("county", "record", "signature", "consistency"))
    return Countersignature(
        county=string(found["county"], "countersignatures"),
        record=octets(found["record"], "countersignatures"),
        signature=string(found["signature"], "countersignatures"),
        consistency=_hashes(found["consistency"], "consistency", _MAX_DEPTH_PROOF * 2),
    )


def _hashes(value: Any, place: str, most: int) -> tuple[bytes, ...]:
    found = tuple(octets(each, place) for each in items(value, place, most))
    if any(len(each) != HASH_BYTES for each in found):
        raise bad(place, f"{HASH_BYTES} B")
    return found


def _signed(value: Any, place: str) -> Signed:
    found = members(value, place, ("record", "signature"))
    return Signed(record=octets(found["record"], place), signature=string(found["signature"], place))


def _signed_members(each: Signed) -> dict[str, str]:
    return {"record": b64(each.record), "signature": each.signature}


def _digest(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()
