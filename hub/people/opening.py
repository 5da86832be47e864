"""The hub's people over its store and a storage key of their own, for its pages and for the commands."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import ClassVar, Self

from certs.atrest import AtRest
from hub.instants import now
from hub.people.tables import TABLES
from hub.settings import HubSettings
from hub.store import Store, open_store
from pages.people.keeping import People
from pages.people.person import HUB_ROLES, Role
from pages.people.storing import Shelf


class HubPeople(People):
    """Accounts and the way in, of the hub. Who keeps the accounts operates nothing, and who operates keeps none."""

    roles: ClassVar[frozenset[Role]] = HUB_ROLES
    keeper: ClassVar[Role] = Role.SECURITY
    has_units: ClassVar[bool] = False

    @classmethod
    def over(cls, store: Store, settings: HubSettings) -> Self:
        """Over a store that is open. Raises E-CERT-085."""
        keys = settings.certificates / "storage"
        sealing = AtRest(keys) if keys.exists() else AtRest.create(keys)
        named = (settings.origin, *(part for name in settings.web.names for part in (name, *name.split("."))))
        words = frozenset("".join(filter(str.isalpha, each.lower())) for each in named)
        shelf = Shelf(store=store, sealing=sealing, tables=TABLES, clock=now, words=lambda: words)
        return cls.on(shelf, idle_seconds=settings.web.idle_minutes * 60)


@contextmanager
def opened(folder: Path) -> Iterator[HubPeople]:
    """For a command. Raises E-CONF-001, E-STORE-…, E-CERT-085."""
    settings = HubSettings.load(folder)
    store = open_store(settings.database)
    try:
        yield HubPeople.over(store, settings)
    finally:
        store.close()
