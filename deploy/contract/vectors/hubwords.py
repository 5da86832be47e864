"""What the hub says itself, signed: one of each of its words but the receipt, which has a file of its own."""

from certs import keys
from deploy.contract import values
from deploy.contract.throwaway import Network
from deploy.contract.values import WINDOW, Json
from deploy.contract.words import WORDS, Word
from schemas import codec


def vectors(network: Network) -> Json:
    """The file `hub_words.json`."""
    return {
        "about": "Verify `signature` over `body` with `signer` as `typ`; the certificate must have the role `role`.",
        "vectors": [_signed(network, word) for word in WORDS.values() if word.typ is not None],
    }


def _signed(network: Network, word: Word) -> Json:
    if word.typ is None or word.role is None:
        raise ValueError(word.name)
    record = values.sample(word.record, "full")
    record |= {"county": WINDOW} if "county" in record else {}
    body = codec.encode(word.record, record)
    signer = word.role.value
    return {
        "name": word.name,
        "record": word.record,
        "value": values.as_json(word.record, codec.decode(body, word.record)),
        "body": body.hex(),
        "typ": word.typ.value,
        "role": word.role.value,
        "signer": signer,
        "thumbprint": keys.thumbprint(network.certificates[signer]).hex(),
        "signature": network.sign(signer, body, word.typ),
    }
