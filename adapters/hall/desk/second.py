"""The second person who signs when nothing came out of the printer and the printer cannot say whether it did.

They sign on the same page with account, password and second factor, without taking the first one's session. In a county
on trial whoever holds the machine may stand for both: the ledger says so.
"""

from typing import Annotated, Final, Protocol

from fastapi import Form, Request

from pages.people.permission import person_of
from pages.people.person import Person
from pages.people.signin import NOT_ANOTHER
from pages.people.web.signinpage import address_of
from schemas.errors import YunhuobanError

OF_MACHINE: Final = "second-person"
Typed = Annotated[str, Form(max_length=200)]


class SecondPersons(Protocol):
    """Who verifies a second person."""

    def vouch(self, account: str, password: str, typed: str, *, first: str, address: str) -> Person:
        """Who it is. Raises E-PAGE-061, -062, -063, -066."""


class SecondSignature:
    """What the second person typed, as a part of a form."""

    def __init__(self, second_account: Typed = "", second_password: Typed = "", second_code: Typed = "") -> None:
        self._account = second_account.strip().lower()
        self._password = second_password
        self._code = second_code

    def signed(self, request: Request, people: SecondPersons | None) -> str:
        """The account of the second person. Raises E-PAGE-061, -062, -063, -066."""
        if not has_account(request):
            return OF_MACHINE
        if people is None:
            raise YunhuobanError(NOT_ANOTHER, place="witness")
        return self.person(request, people).account

    def person(self, request: Request, people: SecondPersons) -> Person:
        """Who the second person is. Raises E-PAGE-061, -062, -063, -066."""
        first, address = person_of(request).account, address_of(request)
        return people.vouch(self._account, self._password, self._code, first=first, address=address)


def has_account(request: Request) -> bool:
    """Whether somebody has signed in, rather than opened the page by the machine's own address."""
    return bool(getattr(request.state, "has_account", False))
