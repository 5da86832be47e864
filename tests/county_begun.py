"""A case that stands at a rung already: brought there once per run by `World.up_to`, copied for every test after it.

What a county knows of a case lies in its store; a copy is what a node finds after a start. Only for a world in which
nothing has happened yet and nothing was changed: `begin_at` looks.
"""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from certs import keys
from schemas.tree import Frontier
from tests.county_doubles import PlainRenderer, PlainSealer
from tests.county_world import START, County, World, settings

_MEMORY: Final = (("source", "records"), ("sink", "rows"), ("sink", "order"), ("printer", "sheets"),
                  ("sealer", "requests"))  # fmt: skip
"""What the doubles round a county remember."""


@dataclass(frozen=True, kw_only=True)
class Begun:
    """One rung of a network: a store per county, and what the hub and the doubles remember."""

    folder: Path
    frontier: Frontier
    seen: dict[str, set[str]]
    memory: dict[tuple[str, str, str], Any]


_begun: Final[dict[tuple[Path, str, bool], Begun]] = {}


def begin_at(world: World, rung: str, *, sealed: bool = False) -> str:
    """Bring the one case of a new world to a rung; returns its number.

    `sealed` makes its license in earnest: drawn from the template and sealed, so that every check of it is good.
    """
    assert world.now == START
    assert world.grant
    assert not world.held
    for county in world.counties.values():
        assert county.store.commits == 0
        assert not county.source.records
        assert county.settings == settings(county.settings.folder, county.code)
        assert (type(county.sealer), type(county.renderer)) == (PlainSealer, PlainRenderer)
    key = world.network.folder, rung, sealed
    if key not in _begun:
        _begun[key] = _bring(world, rung, sealed=sealed)
    begun = _begun[key]
    for code, county in world.counties.items():
        county.store.close()
        shutil.copy(begun.folder / f"{code}.sqlite", world.folder / f"{code}.sqlite")
        county.seen = set(begun.seen[code])
        for double, name in _MEMORY:
            setattr(getattr(county, double), name, begun.memory[code, double, name].copy())
    world.hub.frontier = begun.frontier
    return world.case_no()


def _bring(world: World, rung: str, *, sealed: bool) -> Begun:
    """The same, rung by rung, in a world of its own."""
    folder = Path(tempfile.mkdtemp(dir=world.network.folder, prefix="begun-"))
    made = World(network=world.network, folder=folder)
    with _in_earnest(made.issuing) if sealed else nullcontext():
        made.up_to(rung)
    for county in made.counties.values():
        county.store.close()
    return Begun(
        folder=folder,
        frontier=made.hub.frontier,
        seen={code: county.seen for code, county in made.counties.items()},
        memory={
            (code, double, name): getattr(getattr(county, double), name)
            for code, county in made.counties.items()
            for double, name in _MEMORY
        },
    )


@contextmanager
def _in_earnest(county: County) -> Iterator[None]:
    """A county that draws and seals its licenses as its node does; afterwards it has its doubles again."""
    from adapters.licenses.render import Renderer
    from adapters.licenses.seal import FileSeal
    from adapters.licenses.seal_process import SealProcess

    doubles, seal = (county.renderer, county.sealer), county.settings.certificates / "seal"

    def crls() -> list[bytes]:
        return list(county.view().seal_crls)

    with SealProcess(
        plugin=FileSeal(key_file=seal / "seal.key", chain_file=seal / "seal.pem"),
        anchors=[keys.der(each) for each in county.identity.seal_anchors],
        crls=crls,
        register=county.folder / "seal-register.jsonl",
        trial=county.settings.trial,
    ) as sealer:
        county.renderer, county.sealer = Renderer(), sealer
        county.start()
        yield
    county.renderer, county.sealer = doubles
    county.start()
