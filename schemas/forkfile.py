"""The form of a fork's evidence: what a county keeps when the hub has contradicted itself, for anyone to check.

One JSON object in the canonical form of RFC 8785; `b64` is RFC 4648 §4 with padding. Every member is there:

    format               "yunhuoban-fork-1"
    kind                 "roots": two roots for one epoch and size; "history": a proof, signed by the hub, that does not
                         hold; "disowned": the hub refused its own checkpoint; "unproven": it did not prove one in time
    found_at             when the county found it, milliseconds since 1970 in UTC
    checkpoints          [{record: b64 of the Avro `Checkpoint`, signature: the hub's detached JWS}], at most 2
    statements           [{envelope: b64, signature, evidence: b64 of the Avro `AdmissionReceipt`}], at most 2:
                         counties' envelopes that state a checkpoint, with the hub's verdict on them
    publications         [{record: b64 of the Avro `CheckpointPublished`, signature}], at most 1
    certificates         [b64 DER] of the hub and of the counties that signed the statements
    issuing_certificates [b64 DER] between those and the root, which is never in the file
    revocation_lists     [b64 DER]
"""

from dataclasses import dataclass
from typing import Any, Final, Literal, Self, TypeAlias, get_args

from schemas.strictjson import LATEST_MILLIS, b64, b64_list, bad, dump, integer, items, load, members, octets, string

_Octets: TypeAlias = bytes
Kind = Literal["roots", "history", "disowned", "unproven"]
FORMAT: Final = "yunhuoban-fork-1"
MAX_BYTES: Final = 64 * 2**20
_MOST_CERTIFICATES: Final = 64


@dataclass(frozen=True, slots=True)
class SignedRecord:
    """Exact bytes and their detached signature."""

    record: _Octets
    signature: str


@dataclass(frozen=True, slots=True)
class Statement:
    """A county's envelope with its signature and the hub's verdict on it."""

    envelope: _Octets
    signature: str
    evidence: _Octets


@dataclass(frozen=True, slots=True, kw_only=True)
class Contradiction:
    """What does not go together."""

    kind: Kind
    checkpoints: tuple[SignedRecord, ...] = ()
    statements: tuple[Statement, ...] = ()
    publications: tuple[SignedRecord, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ForkFile:
    """The whole file. Nothing in it is believed yet."""

    found: Contradiction
    found_at: int
    certificates: tuple[_Octets, ...]
    issuing_certificates: tuple[_Octets, ...]
    revocation_lists: tuple[_Octets, ...]

    @classmethod
    def parse(cls, data: _Octets) -> Self:
        """Read a file from anywhere. Raises E-VERIFY-001."""
        if len(data) > MAX_BYTES:
            raise bad("file", f"<= {MAX_BYTES} B")
        names = (
            "format", "kind", "found_at", "checkpoints", "statements", "publications", "certificates",
            "issuing_certificates", "revocation_lists",
        )  # fmt: skip
        value = members(load(data), "file", names)
        if value["format"] != FORMAT or value["kind"] not in get_args(Kind):
            raise bad("format", FORMAT)
        found = cls(
            found=Contradiction(
                kind=value["kind"],
                checkpoints=_all_signed(value, "checkpoints", 2),
                statements=tuple(_statement(each) for each in items(value["statements"], "statements", 2)),
                publications=_all_signed(value, "publications", 1),
            ),
            found_at=integer(value["found_at"], "found_at", LATEST_MILLIS),
            certificates=_ders(value, "certificates"),
            issuing_certificates=_ders(value, "issuing_certificates"),
            revocation_lists=_ders(value, "revocation_lists"),
        )
        if found.to_bytes() != data:
            raise bad("file", "RFC 8785")
        return found

    def to_bytes(self) -> _Octets:
        """The file."""
        return dump(
            {
                "format": FORMAT,
                "kind": self.found.kind,
                "found_at": self.found_at,
                "checkpoints": [_signed_members(each) for each in self.found.checkpoints],
                "statements": [
                    {"envelope": b64(each.envelope), "signature": each.signature, "evidence": b64(each.evidence)}
                    for each in self.found.statements
                ],
                "publications": [_signed_members(each) for each in self.found.publications],
                "certificates": b64_list(self.certificates),
                "issuing_certificates": b64_list(self.issuing_certificates),
                "revocation_lists": b64_list(self.revocation_lists),
            }
        )


def is_fork_file(data: bytes) -> bool:
    """Whether this says that it is a fork's evidence, so that whoever verifies files knows which kind it has."""
    return b'"format":"' + FORMAT.encode() + b'"' in data[:MAX_BYTES]


def _all_signed(value: dict[str, Any], name: str, most: int) -> tuple[SignedRecord, ...]:
    return tuple(_signed(each, name) for each in items(value[name], name, most))


def _signed(value: Any, place: str) -> SignedRecord:
    found = members(value, place, ("record", "signature"))
    return SignedRecord(octets(found["record"], place), string(found["signature"], place))


def _signed_members(each: SignedRecord) -> dict[str, str]:
    return {"record": b64(each.record), "signature": each.signature}


def _statement(value: Any) -> Statement:
    found = members(value, "statements", ("envelope", "signature", "evidence"))
    return Statement(
        octets(found["envelope"], "statements"),
        string(found["signature"], "statements"),
        octets(found["evidence"], "statements"),
    )


def _ders(value: dict[str, Any], name: str) -> tuple[bytes, ...]:
    return tuple(octets(each, name) for each in items(value[name], name, _MOST_CERTIFICATES))
