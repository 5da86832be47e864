"""The county's people over its store and its storage key, for the node and for the commands."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Self

from fastapi import APIRouter

from adapters.hall.people.tables import TABLES
from adapters.instants import now
from adapters.settings import CountySettings
from adapters.store import Store, open_store
from certs.atrest import AtRest
from pages.access import Access
from pages.people.accounts import AccountBook
from pages.people.organisation import Organisation
from pages.people.person import COUNTY_ROLES, Role
from pages.people.sessions import SessionBook
from pages.people.signin import SignIn
from pages.people.storing import Sealing, Shelf
from pages.people.web import keepingpage, organisationpage, peoplepage, signinpage


@dataclass(frozen=True, slots=True, kw_only=True)
class CountyPeople:
    """Accounts, organisation and the way in, of one county."""

    shelf: Shelf
    accounts: AccountBook
    organisation: Organisation
    sign_in: SignIn

    def pages(self, access: Access) -> APIRouter:
        """`/sign-in`, `/people`, `/organisation` and what belongs to them, for the county's page application."""
        routes = signinpage.router(self.sign_in, access)
        keeper = Role.COUNTY_IT
        for each in (
            peoplepage.router(self.shelf, self.accounts, self.organisation, access, keeper=keeper),
            organisationpage.router(self.organisation, access, keeper=keeper),
            keepingpage.router(self.accounts, self.organisation, access, keeper=keeper),
        ):
            routes.include_router(each)
        return routes

    @classmethod
    def over(cls, store: Store, sealing: Sealing, *, idle_seconds: int) -> Self:
        """Over a store that is open."""
        shelf = Shelf(store=store, sealing=sealing, tables=TABLES, clock=now)
        return cls(
            shelf=shelf,
            accounts=AccountBook(shelf, allowed=COUNTY_ROLES),
            organisation=Organisation(shelf),
            sign_in=SignIn(shelf, SessionBook(shelf, idle_seconds=idle_seconds)),
        )


@contextmanager
def opened(settings: CountySettings) -> Iterator[CountyPeople]:
    """For a command, also before the county has joined. Raises E-STORE-002, E-CERT-085."""
    folder = settings.certificates / "storage"
    sealing = AtRest(folder) if folder.exists() else AtRest.create(folder)
    store = open_store(settings.database)
    try:
        yield CountyPeople.over(store, sealing, idle_seconds=settings.sign_in.idle_minutes * 60)
    finally:
        store.close()
