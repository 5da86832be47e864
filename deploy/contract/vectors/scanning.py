"""What a license's QR code leads to, with every value on the way, and the link on a receipt."""

import base64
import hashlib
import json
from datetime import timedelta
from typing import Final

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from certs.signing import Typ
from deploy.contract.throwaway import Network
from deploy.contract.values import CASE_NO, LICENSE, NOW, Json
from schemas.progressclaim import ProgressClaim
from schemas.scanning import FACE_BYTES, KEY_LABEL, NONCE_BYTES, TOKEN_BYTES, digest, locator

_HOST: Final = "verify.example"
_FACE: Final = {
    "v": 1,
    "name": "营业执照",
    "holder": "永济*****有限公司",
    "identifier": "1.2.156.3005.2.11100000MB03271699001.****.****0017.001.G",
    "authority": "永济市行政审批服务管理局",
    "issued_on": "2026-11-22",
    "valid_from": "2026-11-22",
    "valid_until": None,
    "trial": False,
}


def vectors(network: Network) -> Json:
    """The file `scanning.json`."""
    return {
        "about": (
            "`code`: a token and what follows from it; `sealed` is nonce, ciphertext and tag of AES-256-GCM over the "
            "face, padded with blanks, with the locator as associated data. `link`: a receipt's, by `window_signing`."
        ),
        "code": _code(),
        "link": _link(network),
    }


def _code() -> Json:
    token = hashlib.sha256(b"yunhuoban vector token").digest()[:TOKEN_BYTES]
    nonce = hashlib.sha256(b"yunhuoban vector scan nonce").digest()[:NONCE_BYTES]
    key = HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=KEY_LABEL).derive(token)
    face = json.dumps(_FACE, ensure_ascii=False, separators=(",", ":")).encode().ljust(FACE_BYTES)
    return {
        "url": f"https://{_HOST}/v#{token.hex()}",
        "token": token.hex(),
        "locator": locator(token).hex(),
        "key": key.hex(),
        "license_identifier": LICENSE,
        "license_sha256": digest(LICENSE).hex(),
        "face": face.rstrip(b" ").decode(),
        "sealed": (nonce + AESGCM(key).encrypt(nonce, face, locator(token))).hex(),
    }


def _link(network: Network) -> Json:
    body = ProgressClaim(case_no=CASE_NO, issued_at=NOW, expires_at=NOW + timedelta(days=365)).write()
    header, _, signature = network.sign("window_signing", body, Typ.PROGRESS).partition("..")
    middle = base64.urlsafe_b64encode(body).rstrip(b"=").decode("ascii")
    return {"body": body.decode(), "url": f"https://{_HOST}/p#{header}.{middle}.{signature}"}
