"""Detached JWS over exact bytes: good ones of every kind, and everything that must not be taken for one."""

import json
from collections.abc import Iterator

from certs import signing
from certs.signing import Typ
from deploy.contract.made import Made
from deploy.contract.throwaway import Network, b64url, token
from deploy.contract.values import Json
from schemas.errors import YunhuobanError

_SIGNER = "window_signing"


def vectors(network: Network, message: Made) -> Json:
    """The file `signature.json`; `message` is what the envelope's signatures are over."""
    body = message.body
    good = {"alg": "ES256", "typ": Typ.ENVELOPE.value, "x5t#S256": b64url(network.thumbprint(_SIGNER))}
    plain = network.sign(_SIGNER, body, Typ.ENVELOPE)
    found = [_judged(network, "as it should be", plain, body)]
    found += [_judged(network, name, each, body) for name, each in _headers(good, body)]
    found += [_judged(network, name, each, body) for name, each in _tokens(plain, body)]
    found.append(_judged(network, "one byte of the body changed", plain, body[:-1] + bytes([body[-1] ^ 1])))
    other = network.sign("issuing_signing", body, Typ.ENVELOPE)
    found.append(_judged(network, "another county's certificate", other, body))
    return {
        "about": "`token` is to be verified over `body` with the certificate `window_signing` as `typ`; null is good.",
        "signing_input": {
            "header": json.dumps(good, separators=(",", ":")),
            "input": f"{plain.partition('.')[0]}.{b64url(body)}",
        },
        "typs": [each.value for each in Typ],
        "vectors": found,
    }


def _headers(good: Json, body: bytes) -> Iterator[tuple[str, str]]:
    """Signatures that are right over headers of another form."""
    turned = dict(reversed(good.items()))
    yield "members in another order, with spaces", token(_SIGNER, json.dumps(turned, indent=1).encode(), body)
    yield "another kind", _token(good | {"typ": Typ.KEYS.value}, body)
    yield "an unknown kind", _token(good | {"typ": "JWT"}, body)
    yield "another algorithm", _token(good | {"alg": "none"}, body)
    yield "one member more", _token(good | {"kid": "1"}, body)
    yield "one member less", _token({"alg": "ES256", "typ": Typ.ENVELOPE.value}, body)
    yield "the thumbprint in hexadecimal", _token(good | {"x5t#S256": "00" * 32}, body)
    twice = json.dumps(good, separators=(",", ":"))[:-1] + ',"alg":"ES256"}'
    yield "a member twice", token(_SIGNER, twice.encode(), body)
    yield "a header that is no JSON", token(_SIGNER, b"alg=ES256", body)


def _tokens(plain: str, body: bytes) -> Iterator[tuple[str, str]]:
    """What can be done to a good token."""
    header, _, signature = plain.split(".")
    yield "the body in the middle", f"{header}.{b64url(body)}.{signature}"
    yield "padded base64", f"{header}=..{signature}"
    yield "the signature cut short", plain[:-1]
    yield "the signature spelt otherwise", plain[:-1] + chr(ord(plain[-1]) + 1)
    yield "one bit of the signature changed", f"{header}..{'A' if signature[0] != 'A' else 'B'}{signature[1:]}"
    yield "a line end", plain + "\n"
    yield "nothing", ""


def _token(header: Json, body: bytes) -> str:
    return token(_SIGNER, json.dumps(header, separators=(",", ":")).encode(), body)


def _judged(network: Network, name: str, jws: str, body: bytes) -> Json:
    code = None
    try:
        signing.verify(jws, body, certificate=network.certificates[_SIGNER], typ=Typ.ENVELOPE)
    except YunhuobanError as error:
        code = error.code.code
    return {"name": name, "token": jws, "body": body.hex(), "typ": Typ.ENVELOPE.value, "code": code}
