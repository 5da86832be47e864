"""The hub's answers to a print claim, and which of them a county believes."""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any, Final

from adapters.window import granting
from certs.signing import Typ
from deploy.contract import made, values
from deploy.contract.throwaway import Network
from deploy.contract.values import ISSUING, NOW, WINDOW, Json
from deploy.contract.vectors import directories
from schemas import codec
from schemas.errors import YunhuobanError
from schemas.grants import answer_id

_GRANTED: Final = {"granted": True, "code": "", "license_state": "valid"}


def vectors(network: Network) -> Json:
    """The file `grants.json`."""
    return {
        "about": (
            "Answers to county 130928, with the directory of directory.json at `at`; null is believed. "
            "`answer`: the message id of the answer to a claim."
        ),
        "at": values.millis(NOW),
        "answer": _answer(),
        "vectors": [_judged(network, *each) for each in _answers(network)],
    }


def _answer() -> Json:
    """The id under which the answer to one asking comes."""
    claim = made.message_id("print.claimed")
    return {"county": WINDOW, "claim_message_id": claim, "message_id": answer_id(WINDOW, claim)}


def _answers(network: Network) -> Iterator[tuple[str, bytes, str]]:
    def said(name: str, *, signer: str = "hub_signing", typ: Typ = Typ.GRANT, **fields: Any) -> tuple[str, bytes, str]:
        body = codec.encode("Grant", values.sample("Grant", "full") | _GRANTED | fields)
        return name, body, network.sign(signer, body, typ)

    yield said("granted")
    yield said("not granted: the license is no longer valid", granted=False, code="E-ADM-072", license_state="revoked")
    yield said("for another county", county=ISSUING)
    yield said("signed as a checkpoint", typ=Typ.CHECKPOINT)
    yield said("signed by the key of checkpoints", signer="hub_checkpoint")
    yield said("signed by a county", signer="issuing_signing")
    name, body, signature = said("one byte changed")
    yield name, body[:12] + bytes([body[12] ^ 1]) + body[13:], signature  # a letter of the authorisation's number


def _judged(network: Network, name: str, body: bytes, signature: str) -> Json:
    code = None
    row = SimpleNamespace(body=body, signature=signature)
    try:
        granting.check(row, directories.view(network), values.WINDOW, NOW)
    except YunhuobanError as error:
        code = error.code.code
    value = values.as_json("Grant", codec.decode(body, "Grant"))
    return {"name": name, "value": value, "body": body.hex(), "signature": signature, "code": code}
