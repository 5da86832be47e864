"""A county's statement of the keys that others may encrypt to, and statements that count for nothing."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any, Final

from certs import keys
from certs.signing import Typ
from deploy.contract import values
from deploy.contract.throwaway import Network
from deploy.contract.values import ISSUING, NOW, WINDOW, Json
from hub.registry import trust
from schemas import codec
from schemas.envelope import SUITE
from schemas.errors import YunhuobanError

_SIDES: Final = {WINDOW: "window", ISSUING: "issuing"}


def vectors(network: Network) -> Json:
    """The file `key_statement.json`."""
    return {
        "about": "Statements of county 130928, judged at `at` with its certificate `window_signing`; null is good.",
        "at": values.millis(NOW),
        "vectors": [_judged(network, *each) for each in _statements(network)],
    }


def statement(network: Network, code: str, *, signer: str = "", **changes: Any) -> tuple[bytes, str]:
    """The signed statement of a county: bytes and signature."""
    certificate = network.certificates[f"{_SIDES[code]}_encryption"]
    stated = {
        "division_code": code,
        "sequence": 29_922_000,
        "suites": [SUITE],
        "encryption_certificates": [keys.der(certificate)],
        "valid_from": NOW - timedelta(minutes=5),
        "valid_until": NOW + timedelta(days=365),
    }
    body = codec.encode("KeyStatement", values.sample("KeyStatement", "least") | stated | changes)
    return body, network.sign(signer or f"{_SIDES[code]}_signing", body, Typ.KEYS)


def _statements(network: Network) -> Iterator[tuple[str, bytes, str]]:
    good, signature = statement(network, WINDOW)
    yield "as it should be", good, signature
    middle = len(good) // 2  # inside the certificate
    yield "one byte changed", good[:middle] + bytes([good[middle] ^ 1]) + good[middle + 1 :], signature
    yield "signed by another county", *statement(network, WINDOW, signer="issuing_signing")
    yield "signed as something else", good, network.sign("window_signing", good, Typ.ENVELOPE)
    yield "of another county", *statement(network, WINDOW, division_code=ISSUING)
    yield "over", *statement(network, WINDOW, valid_until=NOW)
    yield "not begun", *statement(network, WINDOW, valid_from=NOW + timedelta(minutes=1))
    yield "without a key", *statement(network, WINDOW, encryption_certificates=[])
    yield "another county's key", *_of(network, "issuing_encryption")
    yield "a key for signing", *_of(network, "window_signing")


def _of(network: Network, name: str) -> tuple[bytes, str]:
    return statement(network, WINDOW, encryption_certificates=[keys.der(network.certificates[name])])


def _judged(network: Network, name: str, body: bytes, signature: str) -> Json:
    code = None
    signer = network.certificates["window_signing"]
    try:
        trust.check_key_statement(body, signature, county=WINDOW, signer=signer, chains=network.chains(), now=NOW)
    except YunhuobanError as error:
        code = error.code.code
    value = values.as_json("KeyStatement", codec.decode(body, "KeyStatement"))
    return {"name": name, "value": value, "body": body.hex(), "signature": signature, "code": code}
