"""A proof verifies green without the hub, and nothing about it can be changed unseen."""

import json
import random
from dataclasses import replace
from pathlib import Path

import pytest

from certs import keys as certificates
from certs.authority import Authority
from hub.bootstrap import Keys
from hub.evidence.proof import NOT_JOURNALLED, make_proof
from hub.evidence.prooffile import MAX_BYTES, ProofFile
from hub.evidence.trustfile import TrustFile
from hub.evidence.verify import parse_trust, render, trust_of, verify_proof, write_trust
from hub.views.ladder import UNKNOWN_CASE
from schemas import releases
from schemas.envelope import KEY_BURNT, new_id
from schemas.errors import YunhuobanError
from tests import contract_versions
from tests.hub_world import Case, Network, World, sign
from tests.sampling import SEED, all_or_some, some
from tests.unit.hub_evidence.conftest import whole_case


@pytest.fixture(scope="module")
def made(network: Network, hub_keys: Keys, tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, TrustFile]:
    """The proof of a whole case that lies in the journal between others, and the trust file."""
    world = World.make(network, tmp_path_factory.mktemp("world"))
    Case(world).up_to("decision.made")
    case, _ = whole_case(world)
    Case(world).up_to("license.issued")
    with world.store.read() as tx:
        data = make_proof(tx, case.case_no, keys=hub_keys)
    world.store.close()
    return data, trust_of(hub_keys, trial=True)


@pytest.mark.both_stores
def test_a_proof_is_green(made: tuple[bytes, TrustFile]):
    """Every check of an honest proof is ok, each message has its two lines, and there is no witness yet."""
    found = verify_proof(*made)
    assert found.good
    assert {line.state for line in found.lines} == {"ok"}
    names = [line.id for line in found.lines]
    assert names[:4] == ["form", "certificates", "checkpoint", "statement"]
    assert names[-7:] == ["case", "order", "lifecycle", "receipts", "grants", "claims", "countersignatures"]
    assert sum(name.startswith("message.") for name in names) == 16
    assert sum(name.startswith("signer.") for name in names) == 15
    assert "refusal.16" in names
    assert found.witnesses == 0
    assert render(found)


def test_same_proof_same_bytes(world: World, hub_keys: Keys):
    """Made twice, only the hub's last signature differs."""
    case, _ = whole_case(world)
    with world.store.read() as tx:
        first, second = (json.loads(make_proof(tx, case.case_no, keys=hub_keys)) for _ in range(2))
    assert first.pop("signature") != second.pop("signature")
    assert first == second


def test_any_changed_byte_is_seen(made: tuple[bytes, TrustFile]):
    """Whatever byte is changed, wherever: never green, never an exception."""
    data, trust = made
    chance = random.Random(SEED)
    stretch = len(data) // 150 + 1
    for at in some(range(len(data)), 1, kind=lambda at: at // stretch):
        changed = bytearray(data)
        changed[at] ^= 1 << chance.randrange(8)
        assert not verify_proof(bytes(changed), trust).good, at


def test_any_member_changed_is_seen(made: tuple[bytes, TrustFile]):
    """Every member of the file, changed or taken away: never green; the short run tries some of each kind."""
    data, trust = made
    paths = list(_paths(json.loads(data)))
    for path in all_or_some(paths, 4, kind=lambda path: tuple("" if isinstance(name, int) else name for name in path)):
        for change in (_alter, _remove):
            copy = json.loads(data)
            if change(copy, path):
                assert not verify_proof(_canonical(copy), trust).good, (path, change.__name__)
    assert len(paths) > 200


def test_messages_removed_added_moved(made: tuple[bytes, TrustFile]):
    """A message taken away, doubled or put in another place: never green."""
    data, trust = made
    count = len(json.loads(data)["messages"])
    for at in range(count):
        for change in ("remove", "double", "swap"):
            copy = json.loads(data)
            messages = copy["messages"]
            if change == "remove":
                del messages[at]
            elif change == "double":
                messages.insert(at, messages[at])
            else:
                messages[at], messages[at - 1] = messages[at - 1], messages[at]
            assert not verify_proof(_canonical(copy), trust).good, (at, change)


def test_truncated_and_foreign_files(made: tuple[bytes, TrustFile]):
    """Half a file, no file, other JSON, deep nesting, huge numbers: one failed line, no exception."""
    data, trust = made
    halves = [data[:at] for at in range(0, len(data), max(1, len(data) // 60))]
    odd = [b"", b"null", b"[]", b"{}", b"\xff", b"[" * 100_000, b'{"a":1,"a":2}', b"9" * 10_000, b'{"format":NaN}']
    odd += [data + b" ", b" " + data]
    odd += [data.replace(b'"epoch":1', b'"epoch":' + value) for value in (b"true", b"1.0", b"-1", b"1e0", b"[]")]
    odd.append(b'{"format":"\\ud800"}')
    for each in halves + odd:
        found = verify_proof(each, trust)
        assert not found.good
        assert [line.id for line in found.lines] == ["form"]


def test_too_large_is_not_read(made: tuple[bytes, TrustFile]):
    """A file beyond the cap is refused before it is parsed."""
    assert verify_proof(b" " * (MAX_BYTES + 1), made[1]).lines[0].detail.startswith("E-VERIFY-002")


def test_another_root(made: tuple[bytes, TrustFile], tmp_path_factory: pytest.TempPathFactory, world: World):
    """Under another authority's root nothing verifies, although the file holds all its certificates."""
    other = Authority.create(tmp_path_factory.mktemp("other"), kind="transport", trial=True, now=world.now, name="O")
    found = verify_proof(made[0], replace(made[1], roots=[other.root]))
    assert not found.good


def test_another_journal_or_network(made: tuple[bytes, TrustFile], network: Network):
    """Another journal's name, another checkpoint certificate, production instead of trial: not green."""
    data, trust = made
    other = frozenset({certificates.thumbprint(network.grants.certificate)})
    for wrong in (
        replace(trust, origin="elsewhere"),
        replace(trust, checkpoint_certificates=other),
        replace(trust, trial=False),
    ):
        assert not verify_proof(data, wrong).good


def test_trust_file(made: tuple[bytes, TrustFile], hub_keys: Keys, tmp_path):
    """A trust file reads back as it was written, and is refused when it is not of its form."""
    write_trust(tmp_path / "trust.json", keys=hub_keys, trial=True)
    data = (tmp_path / "trust.json").read_bytes()
    assert parse_trust(data) == made[1]
    for wrong in (b"", b"{}", data[:-2], data.replace(b"true", b"1"), data.replace(b'"roots":[', b'"roots":[],"x":[')):
        with pytest.raises(YunhuobanError):
            parse_trust(wrong)
    empty = json.loads(data) | {"roots": []}
    with pytest.raises(YunhuobanError):
        parse_trust(_canonical(empty))


def test_unknown_and_parked_cases(world: World, hub_keys: Keys):
    """Of a case without messages there is no proof, nor of one whose only message waits for its predecessor."""
    with world.store.read() as tx, pytest.raises(YunhuobanError) as unknown:
        make_proof(tx, "140881-20261122-999999-0", keys=hub_keys)
    assert unknown.value.code is UNKNOWN_CASE
    case = Case(world)
    case.application()
    world.send(case.acceptance())
    with world.store.read() as tx, pytest.raises(YunhuobanError) as parked:
        make_proof(tx, case.case_no, keys=hub_keys)
    assert parked.value.code is NOT_JOURNALLED


def test_case_under_way_is_provable(world: World, hub_keys: Keys):
    """A proof can be had at every rung of the ladder."""
    case = Case(world)
    trust = trust_of(hub_keys, trial=True)
    for message in case.ladder():
        world.send(message)
        world.later(seconds=1)
        with world.store.read() as tx:
            data = make_proof(tx, case.case_no, keys=hub_keys)
        assert verify_proof(data, trust).good
    assert len(ProofFile.parse(data).messages) == 8


def test_a_case_with_a_burnt_key_is_provable(world: World, hub_keys: Keys):
    """A message said again because its destination had destroyed the key is proven, and is no second step."""
    case = Case(world)
    case.up_to("print.authorised")
    first = case.sent["license.issued"]
    about = {
        "source": first.envelope.destination,
        "destination": first.envelope.source,
        "in_reply_to": first.envelope.id,
    }
    world.send(case.message("message.refused", {"code": KEY_BURNT.code}, **about))
    again = replace(first.envelope, id=new_id(), supersedes=first.envelope.id, data=b"for another key")
    world.send(sign(again, world.network.counties[first.envelope.source]))
    world.send(case.claim())
    world.send(case.outcome())
    with world.store.read() as tx:
        data = make_proof(tx, case.case_no, keys=hub_keys)
    found = verify_proof(data, trust_of(hub_keys, trial=True))
    assert found.good, [line for line in found.lines if line.state != "ok"]


def test_a_case_whose_county_went_back_to_an_older_contract_is_provable(world: World, hub_keys: Keys, tmp_path: Path):
    """A message said again because its destination cannot read the first form any more is no second step, either."""
    with contract_versions.released(tmp_path / "released", contract_versions.older("0.9"), *releases.released()):
        case = Case(world)
        case.up_to("decision.made")
        first = case.sent["decision.made"]
        older = {"contract": "0.9", "dataschema": releases.dataschema("Decision", "0.9")}
        again = replace(
            first.envelope, id=new_id(), supersedes=first.envelope.id, data=b"in the older version", **older
        )
        world.send(sign(again, world.network.counties[first.envelope.source]))
        with world.store.read() as tx:
            data = make_proof(tx, case.case_no, keys=hub_keys)
        found = verify_proof(data, trust_of(hub_keys, trial=True))
        assert found.good, [line for line in found.lines if line.state != "ok"]
        assert len(ProofFile.parse(data).messages) == 4


def _paths(value, path=()):
    yield from ([path] if path else [])
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in children:
        yield from _paths(child, (*path, key))


def _parent(value, path):
    for key in path[:-1]:
        value = value[key]
    return value


def _alter(value, path) -> bool:
    """Another value of the same kind, still well formed."""
    parent, key = _parent(value, path), path[-1]
    old = parent[key]
    if isinstance(old, int):
        parent[key] = old + 1
    elif isinstance(old, str):
        swapped = {"A": "B"}.get(old[len(old) // 2] if old else "", "A")
        parent[key] = old[: len(old) // 2] + swapped + old[len(old) // 2 + 1 :] if old else "AAAA"
    else:
        return False
    return parent[key] != old


def _remove(value, path) -> bool:
    del _parent(value, path)[path[-1]]
    return True


def _canonical(value) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
