"""The trust file: what a proof is checked against, handed over by another way than the proof itself.

One JSON object in the form of RFC 8785; every member is there, and no other:

    format                   "yunhuoban-trust-1"
    origin                   the journal's name, as in its checkpoints
    trial                    whether this is the trial network, whose certificates say so
    roots                    [b64 DER] of the transport root
    checkpoint_certificates  [hex SHA-256] of the certificates whose checkpoints are believed
    witnesses                [b64 DER] of the message-signing certificates of counties whose countersignatures count
"""

from collections.abc import Sequence
from dataclasses import dataclass

from certs import keys as certificates
from certs.keys import Certificate
from schemas.strictjson import b64_list, bad, digest, dump, items, load, members, octets, string

FORMAT = "yunhuoban-trust-1"
_MOST = 16
_MOST_WITNESSES = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustFile:
    """The parsed file."""

    origin: str
    trial: bool
    roots: Sequence[Certificate]
    checkpoint_certificates: frozenset[bytes]
    """Thumbprints."""
    witnesses: Sequence[Certificate] = ()
    """Of counties, got from themselves or from somebody else than the hub."""

    @classmethod
    def parse(cls, data: bytes) -> "TrustFile":
        """Read the file. Raises E-VERIFY-001 or E-CERT-003."""
        names = ("format", "origin", "trial", "roots", "checkpoint_certificates", "witnesses")
        found = members(load(data), "trust", names)
        if found["format"] != FORMAT:
            raise bad("format", FORMAT)
        if type(found["trial"]) is not bool or not found["roots"] or not found["checkpoint_certificates"]:
            raise bad("trust", ", ".join(names))
        pinned = items(found["checkpoint_certificates"], "checkpoint_certificates", _MOST)
        roots = items(found["roots"], "roots", _MOST)
        return cls(
            origin=string(found["origin"], "origin"),
            trial=found["trial"],
            roots=[certificates.certificate_from_der(octets(each, "roots")) for each in roots],
            checkpoint_certificates=frozenset(digest(each, "checkpoint_certificates") for each in pinned),
            witnesses=tuple(
                certificates.certificate_from_der(octets(each, "witnesses"))
                for each in items(found["witnesses"], "witnesses", _MOST_WITNESSES)
            ),
        )

    def to_bytes(self) -> bytes:
        """The file."""
        return dump(
            {
                "format": FORMAT,
                "origin": self.origin,
                "trial": self.trial,
                "roots": b64_list([certificates.der(each) for each in self.roots]),
                "checkpoint_certificates": sorted(each.hex() for each in self.checkpoint_certificates),
                "witnesses": b64_list([certificates.der(each) for each in self.witnesses]),
            }
        )
