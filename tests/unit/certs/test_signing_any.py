"""Detached signatures from anybody: structured almost-signatures, in which everything is right but one thing."""

import base64
import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from certs import keys, signing
from certs.signing import Typ
from tests.hostile import COSTLY, altered, damaged, refusal

pytestmark = pytest.mark.timeout(600)  # many examples with LONG=1

BODY = b"the exact bytes"


def b64(data: bytes) -> str:
    """RFC 7515 base64url."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


@given(data=st.data())
@COSTLY
def test_a_header_that_is_almost_right(signer, data: st.DataObject):
    """Any JSON in the header, over any signature bytes: refused with the signature's own codes, before or after."""
    header: dict[str, Any] = {
        "alg": "ES256",
        "typ": Typ.ENVELOPE.value,
        "x5t#S256": b64(keys.thumbprint(signer.certificate)),
    }
    changed = data.draw(altered(header))
    if changed == header:
        return
    raw = json.dumps(changed).encode("utf-8", "replace")
    signature = data.draw(st.binary(min_size=64, max_size=64) | st.binary(max_size=100) | st.just(bytes(64)))
    token = f"{b64(raw)}..{b64(signature)}"
    error = refusal(lambda: signing.verify(token, BODY, certificate=signer.certificate, typ=Typ.ENVELOPE))
    assert error is not None
    assert error.code.area == "CERT"


@given(data=st.data())
@COSTLY
def test_a_damaged_token(signer, data: st.DataObject):
    """A good signature with characters changed: never another good one, and never another exception."""
    good = signing.sign(BODY, key=signer.key, certificate=signer.certificate, typ=Typ.ENVELOPE)
    token = data.draw(damaged(good.encode())).decode("latin-1")
    error = refusal(lambda: signing.verify(token, BODY, certificate=signer.certificate, typ=Typ.ENVELOPE))
    assert (error is None) == (token == good)


@given(text=st.text(max_size=600))
@example(text="\ud800..a")
@example(text="." * 10_000)
@example(text=b64(b'{"a":' * 100) + ".." + "A" * 86)
@example(text=b64(b"[" * 370) + ".." + "A" * 86)
@example(text=b64(b'{"alg":' + b"9" * 300 + b"}") + ".." + "A" * 86)
def test_any_header_is_read_or_refused(text: str):
    """`read_header` is what admission calls first, on text that nobody has looked at."""
    error = refusal(lambda: signing.read_header(text))
    assert error is None or error.code.area == "CERT"
