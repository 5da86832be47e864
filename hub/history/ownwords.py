"""What somebody gives back to the hub as the hub's own word: proven by its own earlier signature, or refused.

Receipts, grants and checkpoints outlive a restore in the counties' stores. Which certificates the hub had before it
say the entries of its directories, those that were removed too.
"""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Connection, select

from certs import keys, signing
from certs.keys import Certificate
from hub.instants import to_millis
from hub.store import tables
from schemas import codec
from schemas.directory import HUB_CERTIFICATE
from schemas.errors import YunhuobanError, declare
from schemas.leaf import ADMITTED, NOTHING, Leaf
from schemas.tree import verify_inclusion

REPORT_WRONG: Final = declare(
    "E-JRNL-054", "恢复报告中的{what}不是本中枢签发的，或与报告不符。", "请保留原件并联系联盟运维；报告可以更正后重发。"
)


class OwnWords:
    """Checks in one transaction; certificates once found are kept."""

    def __init__(self, tx: Connection, certificates: Sequence[Certificate]) -> None:
        """`certificates` are the hub's present checkpoint and signing certificates; older ones are looked up."""
        self._tx = tx
        self._own = {keys.thumbprint(each): each for each in certificates}

    def receipt(self, county: str, item: Mapping[str, Any]) -> dict[str, Any]:
        """Prove one returned receipt: a verdict of ours on a message of this county. Raises E-JRNL-054 or E-CODEC-…."""
        receipt = codec.decode(item["receipt"], "AdmissionReceipt")
        checkpoint = self.checkpoint(receipt["checkpoint"], receipt["checkpoint_signature"])
        if len(receipt["entries"]) != 1:
            raise report_wrong("receipts")
        (entry,) = receipt["entries"]
        try:
            leaf = Leaf(
                envelope_sha256=entry["envelope_sha256"],
                signature=item["signature"].encode(),
                signer_thumbprint=entry["signer_thumbprint"],
                admitted_at=entry["admitted_at"],
                verdict=entry["verdict"],
                detail_sha256=hashlib.sha256(entry["refusal"]).digest() if entry["verdict"] != ADMITTED else NOTHING,
            )
        except ValueError:
            raise report_wrong("receipts") from None
        if not verify_inclusion(
            leaf.hash(), entry["leaf_index"], checkpoint["size"], entry["proof"], checkpoint["root"]
        ):
            raise report_wrong("receipts")
        return {
            "source": county,
            "message_id": entry["message_id"],
            "envelope_sha256": entry["envelope_sha256"],
            "verdict": entry["verdict"],
            "admitted_at": to_millis(entry["admitted_at"]),
            "receipt": item["receipt"],
            "signature": item["signature"],
        }

    def grant(self, county: str, item: Mapping[str, Any]) -> tuple[str, Mapping[str, Any], Mapping[str, Any]]:
        """Prove one grant that a station of this county holds. Raises E-JRNL-054 or E-CODEC-…."""
        grant = codec.decode(item["grant"], "Grant")
        self._verify(item["grant"], item["signature"], signing.Typ.GRANT)
        if grant["county"] != county:
            raise report_wrong("grants")
        return item["message_id"], grant, item

    def checkpoint(self, body: bytes, signature: str) -> Mapping[str, Any]:
        """Prove one checkpoint. Raises E-JRNL-054, E-CODEC-… or E-CERT-…."""
        record = codec.decode(body, "Checkpoint")
        self._verify(body, signature, signing.Typ.CHECKPOINT)
        return record

    def _verify(self, body: bytes, signature: str, typ: signing.Typ) -> None:
        """Signed by this hub, now or under an earlier certificate of its own. Raises E-JRNL-054 or E-CERT-…."""
        thumbprint = signing.read_header(signature).thumbprint
        if thumbprint not in self._own:
            entries = tables.directory_entries.c  # what was removed stays there
            named = select(entries.value).where(entries.key == f"{HUB_CERTIFICATE}/{thumbprint.hex()}")
            der = self._tx.execute(named).scalar()
            if der is None:
                raise report_wrong(typ.value)
            self._own[thumbprint] = keys.certificate_from_der(der)
        signing.verify(signature, body, certificate=self._own[thumbprint], typ=typ)


def report_wrong(what: str) -> YunhuobanError:
    """The error for the part of a report that is not so."""
    return YunhuobanError(REPORT_WRONG, what=what, place=what)
