"""A county node as a program of its own, in a checkout of yesterday: with its own `schemas`, codec and store.

`python county_of_yesterday.py SOCKET NETWORK FOLDER CODE` does what it is told over the socket: an expression with
arguments comes in, its value goes out. It runs in a folder that `conftest.py` has made; nothing of today is imported.
"""

import shutil
import sys
from datetime import datetime
from multiprocessing.connection import Client
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from adapters.identity import Identity, key_statement
from adapters.link import traffic
from schemas import releases
from tests import county_world
from tests.county_records import START


class Clock(SimpleNamespace):
    """What a node asks of its world."""

    now: datetime = START

    def clock(self) -> datetime:
        """The time that it was told."""
        return self.now


def main(socket: str, network: Path, folder: Path, code: str) -> None:
    """Answer until the other side hangs up."""
    identity = Identity.load(county_world.settings(network / code, code))
    world = Clock(network=SimpleNamespace(folder=network, identities={code: identity}))
    if not (folder / f"{code}.sqlite").exists():  # else its node ran another version before
        shutil.copy(network / "template.sqlite", folder / f"{code}.sqlite")
    county: Any = county_world.County(world, code, folder)  # type: ignore[arg-type]

    def arrive(body: bytes, signature: str, **named: Any) -> bool:
        """As the receiver takes it: whose it is, this program's own reading says."""
        source = traffic._source(SimpleNamespace(body=body, type=named["type_"]))  # type: ignore[arg-type]
        return bool(county.arrive(body, signature, **{**named, "source": source}))

    names = {
        "county": county,
        "arrive": arrive,
        "world": world,
        "identity": identity,
        "key_statement": key_statement,
        "releases": releases,
    }
    with Client(socket, family="AF_UNIX") as line:
        while True:
            try:
                expression, arguments = line.recv()
            except EOFError:
                return
            try:
                line.send((True, eval(expression, names | arguments)))
            except Exception as error:  # noqa: BLE001 -- the test fails with it
                line.send((False, repr(error)))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]), sys.argv[4])
