"""A county of a world over a store of the kind that is tested, instead of the file that the world gave it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from adapters.directory import directories
from adapters.store import open_store
from tests.county_doubles import CrashingStore
from tests.county_world import County, World
from tests.databases import Databases


@contextmanager
def stored(world: World, county: County, databases: Databases, folder: Path) -> Iterator[None]:
    """As long as the block runs; the store is empty but for the directory, and the county has been started anew."""
    county.store.close()
    url = databases.make(folder)
    county.store = CrashingStore(open_store(url))
    with county.store.write() as tx:
        directories.accept(tx, *world.network.directory, anchors=county.identity.anchors, trial=True, now=world.now)
    county.start()
    yield
    county.store.close()
    databases.drop(url)
