"""The people of one side over its store: accounts, units and the way in, for its pages and for its commands."""

from dataclasses import dataclass
from typing import ClassVar, Self

from fastapi import APIRouter

from pages.access import Access
from pages.people.accounts import AccountBook
from pages.people.organisation import Organisation
from pages.people.person import Role
from pages.people.sessions import SessionBook
from pages.people.signin import SignIn
from pages.people.storing import Shelf
from pages.people.web import keepingpage, organisationpage, peoplepage, signinpage


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """Accounts, organisation and the way in. Each side says which roles there are and who keeps the accounts."""

    shelf: Shelf
    accounts: AccountBook
    organisation: Organisation
    sign_in: SignIn

    roles: ClassVar[frozenset[Role]]
    keeper: ClassVar[Role]
    has_units: ClassVar[bool]

    def pages(self, access: Access) -> APIRouter:
        """`/sign-in`, `/people` and what belongs to them, for a page application."""
        routes = signinpage.router(self.sign_in, access)
        parts = [peoplepage.router(self.shelf, self.accounts, self.organisation, access, keeper=self.keeper)]
        if self.has_units:
            parts.append(organisationpage.router(self.organisation, access, keeper=self.keeper))
        parts.append(keepingpage.router(self.accounts, self.organisation, access, keeper=self.keeper))
        for each in parts:
            routes.include_router(each)
        return routes

    @classmethod
    def on(cls, shelf: Shelf, *, idle_seconds: int) -> Self:
        """Over a store that is open."""
        return cls(
            shelf=shelf,
            accounts=AccountBook(shelf, allowed=cls.roles),
            organisation=Organisation(shelf),
            sign_in=SignIn(shelf, SessionBook(shelf, idle_seconds=idle_seconds)),
        )
