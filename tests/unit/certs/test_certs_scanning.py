"""The sealed face of a license: opened with the token and nothing else, of one length, by the specification's words."""

import pytest
from cryptography.exceptions import InvalidTag

from certs.scanning import seal_face
from schemas.errors import YunhuobanError
from schemas.scanning import FACE_BYTES, SEALED_BYTES, locator
from tests.scanning_world import locator_of, opened

TOKEN, OTHER = bytes(range(16)), bytes(16)


def test_the_token_opens_it_and_another_does_not():
    """Whatever else is there: another token, a face in another's place, a changed bit."""
    sealed = seal_face(TOKEN, b'{"name":"x"}')
    assert opened(TOKEN, sealed) == {"name": "x"}
    for token, data in (
        (OTHER, sealed),
        (TOKEN, seal_face(OTHER, b"{}")),
        (TOKEN, sealed[:-1] + bytes([sealed[-1] ^ 1])),
    ):
        with pytest.raises(InvalidTag):
            opened(token, data)


def test_every_sealed_face_has_one_length_and_none_comes_twice():
    """Its length says nothing of what is inside; the same face sealed twice is not the same."""
    faces = [b"{}", b"x" * FACE_BYTES]
    assert {len(seal_face(TOKEN, each)) for each in faces} == {SEALED_BYTES}
    assert seal_face(TOKEN, faces[0]) != seal_face(TOKEN, faces[0])
    with pytest.raises(YunhuobanError) as raised:
        seal_face(TOKEN, b"x" * (FACE_BYTES + 1))
    assert raised.value.code.code == "E-VIEW-002"
    assert "x" * 20 not in str(raised.value)


def test_a_locator_is_the_labelled_digest_of_the_token():
    """Domain-separated: nobody takes another protocol's digest of the same bytes for it."""
    assert locator(TOKEN).hex() == locator_of(TOKEN).decode()
    assert locator(TOKEN).hex() == "37243e11de9abca219fca6e86fb195b76538a2ca9d3e2cffd3ff4bdaa9dcb041"
