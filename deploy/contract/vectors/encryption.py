"""HPKE with everything on the way, padding, what must not open, and parts of attachments."""

import hashlib
from collections.abc import Iterator
from typing import Final

from certs import attachments, encryption
from deploy.contract import hpke, made
from deploy.contract.throwaway import Network, private_key
from deploy.contract.values import Json
from schemas import attachments as limits
from schemas.errors import YunhuobanError

_RECIPIENT: Final = "issuing_encryption"
_EPHEMERAL: Final = "ephemeral encryption"
_PAYLOAD: Final = "付给对方的正文".encode()
_SALT: Final = hashlib.sha256(b"yunhuoban vector salt").digest()
_BOUND: Final = hashlib.sha256(b"yunhuoban vector envelope").digest()
_COMMITMENT: Final = hashlib.sha256(_SALT + _PAYLOAD).digest()
_LENGTHS: Final = (1, 1024, 1025, 1100, 2047, 2048, 2049, 4097, 10_000, 65_536, 65_537, 1_000_000, 3_000_036, 4_194_340)
_FILES: Final = (1, 524_271, 524_272, 524_273, 1_048_544, 2_000_000)
_ATTACHMENT_KEY: Final = hashlib.sha256(b"yunhuoban vector attachment").digest()


def vectors(network: Network) -> Json:
    """The file `encryption.json`."""
    plaintext = made.framed(_PAYLOAD, _SALT)
    sealed = _seal(plaintext)
    return {
        "about": "The ephemeral key gives `ciphertext`, the recipient's opens it. In `opened` a null code is good.",
        "sender": {
            "recipient": _RECIPIENT,
            "recipient_thumbprint": network.thumbprint(_RECIPIENT).hex(),
            "ephemeral_private": private_key(_EPHEMERAL).private_numbers().private_value.to_bytes(32).hex(),
            "payload": _PAYLOAD.hex(),
            "salt": _SALT.hex(),
            "commitment": _COMMITMENT.hex(),
            "plaintext": plaintext.hex(),
            "bound": _BOUND.hex(),
            "info": (b"yhb-hpke-v1\0" + _BOUND).hex(),
            "enc": sealed.enc.hex(),
            "shared_secret": sealed.shared_secret.hex(),
            "key": sealed.key.hex(),
            "base_nonce": sealed.base_nonce.hex(),
            "ciphertext": sealed.ciphertext.hex(),
        },
        "opened": [_opened(*each) for each in _ciphertexts(sealed.ciphertext, plaintext)],
        "buckets": [{"length": each, "padded": encryption.bucket_bytes(each)} for each in _LENGTHS],
        "attachment_key": _ATTACHMENT_KEY.hex(),
        "attachment_sizes": [_sizes(each) for each in _FILES],
        "attachment_parts": list(_parts()),
    }


def _seal(plaintext: bytes) -> hpke.Sealed:
    return hpke.seal(
        plaintext,
        recipient=private_key(_RECIPIENT).public_key(),
        ephemeral=private_key(_EPHEMERAL),
        info=b"yhb-hpke-v1\0" + _BOUND,
    )


def _ciphertexts(good: bytes, plaintext: bytes) -> Iterator[tuple[str, bytes, bytes, bytes]]:
    """Name, ciphertext, bound and commitment."""
    yield "as it should be", good, _BOUND, _COMMITMENT
    yield "one bit changed", good[:-1] + bytes([good[-1] ^ 1]), _BOUND, _COMMITMENT
    yield "the encapsulated key changed", b"\x05" + good[1:], _BOUND, _COMMITMENT
    yield "cut short", good[:-1], _BOUND, _COMMITMENT
    yield "another envelope", good, _COMMITMENT, _COMMITMENT
    yield "another commitment", good, _BOUND, _BOUND
    yield "padding that is not zero", _seal(plaintext[:-1] + b"\x01").ciphertext, _BOUND, _COMMITMENT
    yield "padded beyond the bucket", _seal(plaintext + bytes(1024)).ciphertext, _BOUND, _COMMITMENT
    yield "not padded", _seal(plaintext.rstrip(b"\0")).ciphertext, _BOUND, _COMMITMENT
    longer = plaintext[:32] + (5000).to_bytes(4, "big") + plaintext[36:]
    yield "a length beyond the plaintext", _seal(longer).ciphertext, _BOUND, _COMMITMENT


def _opened(name: str, ciphertext: bytes, bound: bytes, commitment: bytes) -> Json:
    code = None
    try:
        encryption.decrypt(ciphertext, key=private_key(_RECIPIENT), bound=bound, commitment=commitment)
    except YunhuobanError as error:
        code = error.code.code
    given = {"ciphertext": ciphertext.hex(), "bound": bound.hex(), "commitment": commitment.hex()}
    return {"name": name, **given, "code": code}


def _parts() -> Iterator[Json]:
    texts = ("第一片".encode(), "第二片".encode(), b"")
    sealed = [
        attachments.seal_part(text, key=_ATTACHMENT_KEY, index=index, last=index == 2)
        for index, text in enumerate(texts)
    ]
    for index, (text, part) in enumerate(zip(texts, sealed, strict=True)):
        yield _part(index, part, last=index == 2, text=text)
    yield _part(0, sealed[1], last=False, text=None)
    yield _part(1, sealed[1], last=True, text=None)


def _sizes(file_bytes: int) -> Json:
    """How long each part of a file of this length is."""
    piece = limits.PART_BYTES - limits.TAG_BYTES
    ciphertext = file_bytes + limits.TAG_BYTES * -(-file_bytes // piece)
    parts = [limits.part_bytes(ciphertext, number) for number in range(limits.parts_of(ciphertext))]
    return {"file_bytes": file_bytes, "ciphertext_bytes": ciphertext, "part_bytes": parts}


def _part(index: int, part: bytes, *, last: bool, text: bytes | None) -> Json:
    code = None
    try:
        attachments.open_part(part, key=_ATTACHMENT_KEY, index=index, last=last)
    except YunhuobanError as error:
        code = error.code.code
    plain = text.hex() if text is not None else None
    return {"index": index, "last": last, "ciphertext": part.hex(), "plaintext": plain, "code": code}
