"""The vectors say what the specification says: worked out here from its words and with other libraries than our own."""

import base64
import hashlib
import io
import json
import math
from decimal import Decimal

import pytest
from avro.io import BinaryDecoder, DatumReader
from avro.schema import parse
from joserfc import jws
from joserfc.jwk import ECKey

from certs import encryption, keys
from deploy.contract import published
from deploy.contract.throwaway import private_key
from schemas import shapes
from tests.scanning_world import opened

LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
CREDIT_LETTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def read(name):
    """One file of vectors."""
    return json.loads((published.VECTORS / f"{name}.json").read_text(encoding="utf-8"))


def octets(text):
    """Bytes of a vector."""
    return bytes.fromhex(text)


def certificate(name):
    """A published certificate."""
    return keys.certificate_from_der(octets(read("keys")["certificates"][name]["der"]))


def mod_37_36(text):
    """5.4, as the specification writes it."""
    p = 36
    for character in text:
        s = (p + LETTERS.index(character)) % 36
        p = (s or 36) * 2 % 37
    return LETTERS[(37 - p) % 36]


def plain(value):
    """What Apache's library reads, in the form of the vectors."""
    if isinstance(value, dict):
        return {name: plain(each) for name, each in value.items()}
    if isinstance(value, list):
        return [plain(each) for each in value]
    return value.hex() if isinstance(value, bytes) else value


def unnamed(value):
    """A vector's value with its unions as Apache's library has them: without the name of the record."""
    if isinstance(value, dict):
        only = next(iter(value)) if len(value) == 1 else ""
        if only.startswith(shapes.NAMESPACE):
            return unnamed(value[only])
        return {name: unnamed(each) for name, each in value.items()}
    return [unnamed(each) for each in value] if isinstance(value, list) else value


def without_logical_types(schema):
    """The schema with plain numbers for times and dates."""
    if isinstance(schema, dict):
        return {name: without_logical_types(each) for name, each in schema.items() if name != "logicalType"}
    return [without_logical_types(each) for each in schema] if isinstance(schema, list) else schema


@pytest.mark.parametrize("fullness", ["full", "least"])
@pytest.mark.parametrize("name", shapes.MESSAGE_RECORDS)
def test_apaches_avro_reads_every_record(name, fullness):
    """Whoever has an Avro library of another language gets these values."""
    (vector,) = (each for each in read("encoding")["records"] if each["name"] == name)
    data = octets(vector[fullness]["bytes"])
    assert data[:10].hex() == vector["header"]
    schema = parse(json.dumps(without_logical_types(shapes.expanded(name))))
    body = io.BytesIO(data[10:])
    assert plain(DatumReader(schema).read(BinaryDecoder(body))) == unnamed(vector[fullness]["value"])
    assert body.read() == b""


def test_check_characters():
    """5.2, 5.4 and 5.5."""
    vectors = read("identifiers")
    for each in vectors["minted"]:
        assert mod_37_36(each["case_no"][:22].replace("-", "")) == each["case_no"][-1]
    for each in vectors["built"]:
        *body, check = each["license_identifier"].split(".")[5:]
        assert mod_37_36("".join(body)) == check
    for each in vectors["accepted"]:
        if each["kind"] == "credit_code":
            values = [CREDIT_LETTERS.index(character) for character in each["text"]]
            total = sum(value * (3**place % 31) for place, value in enumerate(values[:17]))
            assert values[17] == (31 - total % 31) % 31


def test_shards():
    """3.2."""
    for each in read("routing")["shards"]:
        assert hashlib.sha256(each["case_no"].encode()).digest()[0] % 16 == each["shard"]


def test_buckets():
    """8.1: the formula of the specification, with exact logarithms."""
    for each in read("encryption")["buckets"]:
        n = each["length"]
        e = math.floor(Decimal(n).ln() / Decimal(2).ln() + Decimal("1e-20"))
        m = 2 ** (e - len(f"{e:b}")) - 1
        assert each["padded"] == (1024 if n <= 1024 else (n + m) // (m + 1) * (m + 1))


def test_the_sender_s_values_lead_to_the_ciphertext_and_back():
    """8: the library opens what was made from the parts."""
    sender = read("encryption")["sender"]
    payload, salt = octets(sender["payload"]), octets(sender["salt"])
    assert octets(sender["plaintext"])[:36] == salt + len(payload).to_bytes(4, "big")
    assert octets(sender["commitment"]) == hashlib.sha256(salt + payload).digest()
    assert octets(sender["info"]) == b"yhb-hpke-v1\0" + octets(sender["bound"])
    ciphertext = octets(sender["ciphertext"])
    assert len(ciphertext) == len(octets(sender["plaintext"])) + 81
    opened = encryption.decrypt(
        ciphertext,
        key=private_key(sender["recipient"]),
        bound=octets(sender["bound"]),
        commitment=octets(sender["commitment"]),
    )
    assert opened == payload


@pytest.mark.parametrize("vector", read("messages")["vectors"], ids=lambda each: each["name"])
def test_whole_messages(vector):
    """7, 8 and 9: a JOSE library verifies the signature, and the payload is what was committed to."""
    body, payload = octets(vector["body"]), octets(vector["payload"])
    assert hashlib.sha256(body).hexdigest() == vector["sha256"]
    assert hashlib.sha256(octets(vector["clear"])).hexdigest() == vector["binding"]
    signer = certificate(vector["signer"])
    verified = jws.deserialize_compact(
        vector["signature"], ECKey.import_key(signer.public_key()), algorithms=["ES256"], payload=body
    )
    thumbprint = base64.urlsafe_b64encode(keys.thumbprint(signer)).rstrip(b"=").decode()
    assert verified.headers() == {"alg": "ES256", "typ": "yhb-envelope+jws", "x5t#S256": thumbprint}
    assert vector["publish"]["headers"] == {"signatures": [vector["signature"]]}
    commitment = octets(vector["envelope"]["data_commitment"])
    if vector["recipient"] is None:
        assert body.endswith(payload)
        assert commitment == hashlib.sha256(payload).digest()
        return
    assert commitment == hashlib.sha256(octets(vector["salt"]) + payload).digest()
    sealed = body[
        -(len(body) - len(octets(vector["clear"])) - 1) :
    ]  # its length takes one byte more than that of nothing
    key, bound = private_key(vector["recipient"]), octets(vector["binding"])
    assert encryption.decrypt(sealed, key=key, bound=bound, commitment=commitment) == payload


def test_only_what_is_marked_good_verifies():
    """7: the token that is good is good for a JOSE library too, and one body that was changed for none."""
    vectors = read("signature")
    key = ECKey.import_key(certificate("window_signing").public_key())
    for each in vectors["vectors"]:
        if each["code"] is None:
            jws.deserialize_compact(each["token"], key, algorithms=["ES256"], payload=octets(each["body"]))
    assert [each["name"] for each in vectors["vectors"] if each["code"] is None] == [
        "as it should be",
        "members in another order, with spaces",
    ]


def test_leaves():
    """12.1: the layout, put together by hand."""
    messages = {each["name"]: each for each in read("messages")["vectors"]}
    receipts = read("receipts")
    for leaf, entry in zip(receipts["leaves"], receipts["receipt"]["value"]["entries"], strict=True):
        message = messages[leaf["message"]]
        signature, verdict = message["signature"].encode(), entry["verdict"].encode()
        refusal = octets(entry["refusal"])
        made = (
            b"yhb-leaf-v1\0"
            + octets(message["sha256"])
            + len(signature).to_bytes(4, "big")
            + signature
            + octets(entry["signer_thumbprint"])
            + entry["admitted_at"].to_bytes(8, "big")
            + len(verdict).to_bytes(4, "big")
            + verdict
            + (hashlib.sha256(refusal).digest() if refusal else bytes(32))
        )
        assert made.hex() == leaf["bytes"]
        assert hashlib.sha256(b"\0" + made).hexdigest() == leaf["hash"]


def test_the_digest_of_a_directory():
    """10.2."""
    vectors = read("directory")
    whole = b"yhb-directory-v1\0"
    for each in sorted(vectors["entries"], key=lambda entry: entry["key"].encode()):
        key = each["key"].encode()
        whole += bytes([len(key)]) + key + hashlib.sha256(octets(each["value"])).digest()
    assert hashlib.sha256(whole).hexdigest() == vectors["state_sha256"]
    assert hashlib.sha256(b"yhb-directory-v1\0").hexdigest() == vectors["empty_state_sha256"]


def test_dataschemas():
    """18: the digest over the record's JSON, from the files as they are published."""
    for each in read("encoding")["records"]:
        text = json.dumps(shapes.expanded(each["name"]), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        digest = hashlib.sha256(text.encode()).hexdigest()[:32]
        assert each["dataschema"] == f"{shapes.NAMESPACE}.{each['name']}#{digest}"


def test_a_scanned_face_opens_by_the_words_of_the_specification():
    """14.5: locator, key and seal follow from the token alone, and the face is the one that was sealed."""
    code = read("scanning")["code"]
    token = octets(code["token"])
    assert code["url"].endswith(f"/v#{token.hex()}")
    assert hashlib.sha256(b"yhb-scan-locator-v1\0" + token).hexdigest() == code["locator"]
    assert opened(token, octets(code["sealed"])) == json.loads(code["face"])
    assert hashlib.sha256(code["license_identifier"].encode()).hexdigest() == code["license_sha256"]


def test_a_receipts_link_is_a_compact_jws_of_the_window_county():
    """14.6: any library for JWS verifies it; its payload is the claim and nothing else."""
    link = read("scanning")["link"]
    token = link["url"].partition("/p#")[2]
    key = ECKey.import_key(certificate("window_signing").public_key())
    opened_ = jws.deserialize_compact(token, key, algorithms=["ES256"])
    assert opened_.headers()["typ"] == "yhb-progress+jws"
    assert opened_.payload.decode() == link["body"]
    assert sorted(json.loads(link["body"])) == ["case_no", "exp", "iat"]
