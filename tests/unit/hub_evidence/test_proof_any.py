"""Proof files and trust files from anybody: a verdict line, or one declared error, whatever is in them."""

import base64
import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hub.bootstrap import Keys
from hub.evidence.proof import make_proof
from hub.evidence.prooffile import ProofFile
from hub.evidence.trustfile import TrustFile
from hub.evidence.verify import trust_of, verify_proof
from tests.hostile import COSTLY, altered, damaged, noise, refusal
from tests.hub_world import Network, World
from tests.unit.hub_evidence.conftest import whole_case

pytestmark = pytest.mark.timeout(600)  # many examples with LONG=1

HOSTILE_NUMBERS = (b"1e999", b"-0", b"1" * 5000, b"NaN", b"1.0", b"9007199254740993")


@pytest.fixture(scope="module")
def made(network: Network, hub_keys: Keys, tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, TrustFile]:
    """The proof of a whole case, and the trust file."""
    world = World.make(network, tmp_path_factory.mktemp("world"))
    case, _ = whole_case(world)
    with world.store.read() as tx:
        data = make_proof(tx, case.case_no, keys=hub_keys)
    world.close()
    return data, trust_of(hub_keys, trial=True)


def canonical(value: Any) -> bytes:
    """RFC 8785, as far as proofs need it."""
    try:
        return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode("utf-8", "replace")
    except TypeError:
        return b""


@given(data=st.data())
@COSTLY
def test_a_damaged_proof(made: tuple[bytes, TrustFile], data: st.DataObject):
    """Bytes changed anywhere: never good, never anything but lines and declared errors."""
    proof, trust = made
    changed = data.draw(damaged(proof) | st.binary(max_size=300))
    if changed != proof:
        assert not verify_proof(changed, trust).good


@given(data=st.data())
@COSTLY
def test_an_altered_proof(made: tuple[bytes, TrustFile], data: st.DataObject):
    """Well-formed JSON in canonical form with one place altered, which reaches the checks behind the form."""
    proof, trust = made
    value = data.draw(altered(json.loads(proof)))
    changed = canonical(value)
    if changed != proof:
        assert not verify_proof(changed, trust).good


@given(data=st.data())
@COSTLY
def test_altered_octets_in_a_proof(made: tuple[bytes, TrustFile], data: st.DataObject):
    """Good base64 of damaged certificates, lists, envelopes, refusals and records: the parsers behind it are met."""
    proof, trust = made
    value = json.loads(proof)
    places = [(value["checkpoint"], "record"), *[(each, "envelope") for each in value["messages"]]]
    places += [(each, "refusal") for each in value["messages"] if each["refusal"]]
    places += [(each, "record") for each in value["grants"]]
    places += [
        (value[name], at)
        for name in ("certificates", "issuing_certificates", "revocation_lists")
        for at in range(len(value[name]))
    ]
    holder, key = data.draw(st.sampled_from(places))
    octets = base64.b64decode(holder[key])
    holder[key] = base64.b64encode(data.draw(damaged(octets))).decode()
    changed = canonical(value)
    if changed != proof:
        assert not verify_proof(changed, trust).good


@given(data=st.data())
@COSTLY
def test_any_trust_file(made: tuple[bytes, TrustFile], data: st.DataObject):
    """A trust file, or E-VERIFY-001, or the certificate's own error."""
    good = made[1].to_bytes()
    changed = data.draw(noise([good]) | altered(json.loads(good)).map(canonical))
    error = refusal(lambda: TrustFile.parse(changed))
    assert error is None or error.code.area in ("VERIFY", "CERT")


@given(text=st.sampled_from(HOSTILE_NUMBERS))
@example(text=b"[" * 200_000)
@example(text=b'{"a":' * 200_000)
def test_numbers_and_nesting(text: bytes):
    """Numbers of thousands of digits and nesting that would end a recursive reader: one error, at once."""
    for parse in (ProofFile.parse, TrustFile.parse):
        error = refusal(lambda parse=parse: parse(text))
        assert error is not None
        assert error.code.code == "E-VERIFY-001"
