"""The benchmark's load is real: the hub admits all of it, and so does the ordinary version that it is compared with."""

from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import func, select

from deploy.bench import hubrun
from deploy.bench.counties import ALL, BenchCounty, division_codes, make_counties
from deploy.bench.ground import Ground, make_authority
from deploy.bench.messages import KIB, Wire, make_flood, make_load
from deploy.bench.ordinary import Ordinary, RefusedError
from hub.bootstrap import Hub
from hub.instants import now
from hub.intake.inspection import SIGNATURES
from hub.store import tables
from schemas import topology
from schemas.envelope import Envelope
from schemas.identifiers.division import DivisionCode
from tests.hub_world import Message, ScriptedLink


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """A ground whose node is never started."""

    ground: Ground
    counties: dict[str, BenchCounty]


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    """Three enrolled counties."""
    folder = tmp_path_factory.mktemp("bench")
    authority = make_authority(folder / "authority")
    counties = make_counties(authority, division_codes(3), now())
    return Prepared(ground=Ground.make(folder / "hub", authority, counties), counties=counties)


@pytest.fixture
def hub(prepared: Prepared) -> Iterator[Hub]:
    """The ground's hub on a fresh store."""
    prepared.ground.fresh_store()
    with closing(Hub(prepared.ground.settings)) as opened:
        yield opened


def load_of(prepared: Prepared, count: int, size_bytes: int = KIB) -> list[Wire]:
    """A load between the three counties."""
    return make_load(prepared.counties, count=count, size_bytes=size_bytes, now=now())


def as_properties(wire: Wire) -> dict[str, object]:
    """What the ordinary version sees of AMQP's properties."""
    return {
        "headers": {SIGNATURES: [wire.signature]},
        "message_id": wire.message_id,
        "type": wire.type,
        "user_id": wire.source,
    }


def test_the_hub_admits_every_message_of_the_load_and_sends_it_on(prepared: Prepared, hub: Hub):
    """Nothing is refused or parked, so that a run measures admission and nothing else."""
    load, link = load_of(prepared, 300), ScriptedLink()
    link.incoming = [
        Message(envelope=Envelope.parse(each.body), body=each.body, signature=each.signature).delivery()
        for each in load
    ]
    pipeline = hub.pipeline(link)  # type: ignore[arg-type]
    while link.incoming:
        pipeline.run_once(0.0)
    pipeline.flush()
    with hub.store.read() as tx:
        states = tx.execute(select(tables.messages.c.state, func.count()).group_by(tables.messages.c.state)).all()
    assert [tuple(row) for row in states] == [("admitted", 300)]
    forwards = Counter(each.routing_key for each in link.published if each.type != "admission.receipt")
    assert forwards == Counter(topology.county_inbox(each.destination) for each in load)


def test_the_ordinary_version_admits_the_same_load(prepared: Prepared, hub: Hub, tmp_path: Path):
    """What FastStream serves makes the same checks on the same messages."""
    with closing(Ordinary(tmp_path / "ordinary.sqlite", hub.store, hub.keys)) as ordinary:
        receipts = [ordinary.admit(ordinary.check(each.body, as_properties(each))) for each in load_of(prepared, 100)]
    assert len({body for body, _ in receipts}) == 100


def test_the_ordinary_version_refuses_what_the_hub_refuses(prepared: Prepared, hub: Hub, tmp_path: Path):
    """It is not fast because it looks away: other bytes, another sender, a follower without its predecessor."""
    load = load_of(prepared, 100)
    opening = next(each for each in load if each.type == "application.submitted")
    follower = next(each for each in load if each.type == "application.accepted")
    with closing(Ordinary(tmp_path / "ordinary.sqlite", hub.store, hub.keys)) as ordinary:
        with pytest.raises(Exception, match="E-C"):
            ordinary.check(opening.body[:-1] + b"\x00\x00", as_properties(opening))
        with pytest.raises(RefusedError, match="copies"):
            ordinary.check(opening.body, as_properties(opening) | {"user_id": opening.destination})
        with pytest.raises(RefusedError, match="case unknown"):
            ordinary.admit(ordinary.check(follower.body, as_properties(follower)))


@pytest.mark.parametrize("size_bytes", [KIB, 16 * KIB])
def test_every_body_has_its_size(prepared: Prepared, size_bytes: int):
    """A figure for 1 KiB is a figure for 1 KiB, whatever the clear fields take."""
    assert {len(each.body) for each in load_of(prepared, 120, size_bytes)} <= {size_bytes, size_bytes - 1}


def test_the_load_is_a_mix_over_all_shards(prepared: Prepared):
    """Opening messages and following ones, each shard with its part, half of all signed *received*."""
    load = load_of(prepared, 1600)
    kinds, shards = Counter(each.type for each in load), Counter(topology.shard(each.case_no) for each in load)
    assert kinds["message.received"] / len(load) == pytest.approx(0.5, abs=0.05)
    assert kinds["application.submitted"] > kinds["print.authorised"] > 0
    assert set(shards) == set(range(topology.SHARDS))
    assert max(shards.values()) < 1.5 * min(shards.values())


def test_a_flood_is_one_county_on_one_shard(prepared: Prepared):
    """The worst that a county can do to a shard, with case numbers that the other load does not use."""
    flooder = next(iter(prepared.counties))
    flood = make_flood(prepared.counties, flooder=flooder, count=20, size_bytes=KIB, now=now())
    assert {(each.source, topology.shard(each.case_no)) for each in flood} == {(flooder, 0)}
    assert not {each.case_no for each in flood} & {each.case_no for each in load_of(prepared, 400)}


def test_there_are_as_many_counties_as_in_the_country():
    """Real codes, each once, the two examples first."""
    codes = division_codes(ALL)
    assert len(set(codes)) == ALL
    assert codes[:2] == ["130928", "140881"]
    assert all(DivisionCode.parse(code).is_county_level for code in codes)


def test_the_workers_are_the_products_own_command(prepared: Prepared):
    """No hook of the benchmark inside the hub."""
    assert [command[:3] for command in hubrun.commands(prepared.ground, 2)] == [["hub", "run", "admission"]] * 2
