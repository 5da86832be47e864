"""A hub and a county of today, and a county of yesterday in a process and a checkout of its own."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from multiprocessing.connection import Connection, Listener
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from adapters.boxes import fate
from adapters.store import open_store
from schemas import releases
from tests import contract_versions, county_world, hub_world
from tests.witness_world import Stage, hub_network

ROOT = Path(__file__).resolve().parents[3]
PROGRAM = Path(__file__).with_name("county_of_yesterday.py")


class CountyOfYesterday:
    """The node in the other process, with as much of a `County` as those around it use."""

    def __init__(self, code: str, line: Connection, folder: Path, world: county_world.World) -> None:
        """Its store is a file: what lies in its outbox is read from there, as a link would."""
        self.code, self.world, self._line = code, world, line
        self.store = open_store(f"sqlite:///{folder / f'{code}.sqlite'}")
        self.seen: set[str] = set()
        self.source = SimpleNamespace(add=lambda *given: self.tell("county.source.add(*given)", given=given))

    def tell(self, expression: str, **arguments: Any) -> Any:
        """Have it done over there, at our time."""
        self._line.send((f"(setattr(world, 'now', _now), {expression})[1]", arguments | {"_now": self.world.now}))
        done, value = self._line.recv()
        assert done, value
        return value

    def read(self) -> int:
        """One turn of the reading loop."""
        return self.tell("county.read()")

    def handle(self) -> int:
        """One turn of the handling loop."""
        return self.tell("county.handle()")

    def issue(self) -> int:
        """One turn of the issuing loop."""
        return self.tell("county.issue()")

    def write(self) -> int:
        """One turn of the local writer."""
        return self.tell("county.write()")

    def print_ready(self) -> None:
        """Print whatever was granted."""
        self.tell("county.print_ready()")

    def arrive(self, *given: Any, **named: Any) -> bool:
        """What the broker hands over is committed as it came."""
        return self.tell("arrive(*given, **named)", given=given, named=named)

    def arrive_directory(self, *given: Any) -> None:
        """A directory, as the hub addresses it."""
        self.tell("county.arrive_directory(*given)", given=given)

    def rows(self, statement: Any) -> list[Any]:
        """What the store says."""
        with self.store.read() as tx:
            return list(tx.execute(statement).all())

    def due(self) -> list[Any]:
        """What lies in the outbox to be sent, on both roads."""
        with self.store.read() as tx:
            return [row for express in (True, False) for row in fate.due(tx, self.world.now, 1000, express=express)]


def checkout(folder: Path) -> None:
    """Yesterday's checkout: today's, with yesterday's contract, which it knows as its own released version."""
    for package in ("schemas", "certs", "pages", "adapters"):
        shutil.copytree(ROOT / package, folder / package, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "tests").mkdir()
    for file in (ROOT / "tests").glob("county*.py"):
        shutil.copy(file, folder / "tests")
    shutil.copy(PROGRAM, folder)
    yesterday = contract_versions.older()
    for file in (folder / "schemas" / "avro").iterdir():
        file.unlink()
    for name, kind in yesterday.types.items():
        text = json.dumps(kind, ensure_ascii=False)
        (folder / "schemas" / "avro" / f"{name}.avsc").write_text(text, encoding="utf-8")
    shutil.rmtree(folder / "schemas" / "released")
    contract_versions.write(folder / "schemas" / "released", yesterday)
    # Yesterday's code did not know the field that yesterday's contract does not have.
    contents = folder / "adapters" / "licenses" / "licensed.py"
    text = contents.read_text(encoding="utf-8")
    assert 'decision["established_on"]' in text
    contents.write_text(text.replace('decision["established_on"]', 'decision.get("established_on")'), encoding="utf-8")
    # Nor did it speak of what a QR code leads to.
    issuing = folder / "adapters" / "authority" / "issuing.py"
    text = issuing.read_text(encoding="utf-8")
    assert "self._box.put(tx, scan, directory, now)" in text
    issuing.write_text(text.replace("self._box.put(tx, scan, directory, now)", "_ = scan"), encoding="utf-8")


@pytest.fixture(scope="session")
def yesterday(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The checkout, made once."""
    folder = tmp_path_factory.mktemp("yesterday")
    checkout(folder)
    return folder


@pytest.fixture(scope="session")
def networks(tmp_path_factory: pytest.TempPathFactory) -> tuple[county_world.Network, hub_world.Network]:
    """Keys and certificates of a hub and three counties of today, who read yesterday's contract, too."""
    with contract_versions.released(tmp_path_factory.mktemp("released"), contract_versions.older()):
        counties = county_world.Network.make(tmp_path_factory.mktemp("counties"))
        return counties, hub_network(counties, tmp_path_factory.mktemp("hub"))


@pytest.fixture
def stage_with_yesterday(
    networks: tuple[county_world.Network, hub_world.Network], yesterday: Path, tmp_path: Path
) -> Iterator[Callable[[str], Stage]]:
    """Makes a stage on which the county of this code runs yesterday's checkout."""
    counties, hub = networks
    with ExitStack() as stack:
        stack.enter_context(contract_versions.released(tmp_path / "released", contract_versions.older()))
        assert releases.readable() == [releases.current(), "1.0"]

        def make(code: str) -> Stage:
            world = county_world.World(network=counties, folder=tmp_path)
            world.counties[code].store.close()
            folder = tmp_path / "yesterday"
            folder.mkdir()
            line = stack.enter_context(_program(yesterday, counties.folder, folder, code))
            world.counties[code] = CountyOfYesterday(code, line, folder, world)  # type: ignore[assignment]
            stage = Stage(counties=world, network=hub, folder=tmp_path)
            for county in world.counties.values():
                stack.callback(county.store.close)
            stack.callback(stage.hub.world.store.close)
            return stage

        yield make


@pytest.fixture
def stage_of_today(
    networks: tuple[county_world.Network, hub_world.Network], yesterday: Path, tmp_path: Path
) -> Iterator[tuple[Stage, Callable[[str], CountyOfYesterday]]]:
    """A stage on which everybody runs today's checkout, and how a county of it goes back to yesterday's."""
    counties, hub = networks
    with ExitStack() as stack:
        stack.enter_context(contract_versions.released(tmp_path / "released", contract_versions.older()))
        world = county_world.World(network=counties, folder=tmp_path)
        stage = Stage(counties=world, network=hub, folder=tmp_path)
        for county in world.counties.values():
            stack.callback(county.store.close)
        stack.callback(stage.hub.world.store.close)

        def go_back(code: str) -> CountyOfYesterday:
            before = world.counties[code]
            before.store.close()
            line = stack.enter_context(_program(yesterday, counties.folder, tmp_path, code))
            after = CountyOfYesterday(code, line, tmp_path, world)
            after.seen = before.seen
            stack.callback(after.store.close)
            # Its local system is where it was: the node has read that far.
            after.tell("county.source.records.extend([None] * count)", count=len(before.source.records))
            world.counties[code] = after  # type: ignore[assignment]
            return after

        yield stage, go_back


@contextmanager
def _program(checkout: Path, network: Path, folder: Path, code: str) -> Iterator[Connection]:
    socket = str(folder / "line")
    with Listener(socket, family="AF_UNIX") as listener:
        command = [sys.executable, str(checkout / PROGRAM.name), socket, str(network), str(folder), code]
        environment = {**os.environ, "PYTHONPATH": str(checkout)}
        with subprocess.Popen(command, cwd=checkout, env=environment) as process:
            with listener.accept() as line:
                yield line
            process.wait(30)
