"""The county's people over its store and its storage key, for the node and for the commands."""

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import ClassVar, Self

from adapters.hall.people import placewords
from adapters.hall.people.tables import TABLES
from adapters.instants import now
from adapters.settings import CountySettings
from adapters.store import Store, open_store
from certs.atrest import AtRest
from pages.people.keeping import People
from pages.people.person import COUNTY_ROLES, Role
from pages.people.storing import Sealing, Shelf


class CountyPeople(People):
    """Accounts, organisation and the way in, of one county: county IT keeps them."""

    roles: ClassVar[frozenset[Role]] = COUNTY_ROLES
    keeper: ClassVar[Role] = Role.COUNTY_IT
    has_units: ClassVar[bool] = True

    @classmethod
    def over(
        cls, store: Store, sealing: Sealing, *, idle_seconds: int, words: Callable[[], Collection[str]] = tuple
    ) -> Self:
        """Over a store that is open. `words` are what the place is called (`placewords`)."""
        shelf = Shelf(store=store, sealing=sealing, tables=TABLES, clock=now, words=words)
        return cls.on(shelf, idle_seconds=idle_seconds)


@contextmanager
def opened(folder: Path) -> Iterator[CountyPeople]:
    """For a command, also before the county has joined. Raises E-CONF-002, E-STORE-002, E-CERT-085."""
    settings = CountySettings.load(folder)
    keys = settings.certificates / "storage"
    sealing = AtRest(keys) if keys.exists() else AtRest.create(keys)
    store = open_store(settings.database)
    try:
        idle_seconds, words = settings.sign_in.idle_minutes * 60, partial(placewords.of, settings.division_code)
        yield CountyPeople.over(store, sealing, idle_seconds=idle_seconds, words=words)
    finally:
        store.close()
