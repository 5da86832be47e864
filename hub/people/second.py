"""What takes two persons at the hub: the second signs with both factors, at the first one's page or terminal.

In earnest the first one has an account, too: whoever only holds the machine could be the second person as well. On
trial whoever holds the machine may stand for both, and the record says so.
"""

from dataclasses import dataclass
from typing import Final, Protocol

from pages.people.permission import NOBODY
from pages.people.person import Person
from schemas.errors import YunhuobanError

OF_MACHINE: Final = "second-person"


class SecondPersons(Protocol):
    """Who verifies a second person."""

    def vouch(self, account: str, password: str, typed: str, *, first: str, address: str) -> Person:
        """Who it is. Raises E-PAGE-061, -062, -063, -066."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """What somebody typed to sign."""

    account: str
    password: str
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Two:
    """The rule of two persons, of one hub."""

    people: SecondPersons
    trial: bool

    def second(self, typed: Signature, *, first: str, has_account: bool, address: str) -> str:
        """The account of the second person.

        Raises E-PAGE-061, -062, -063 or -066, and E-PAGE-068 when the first one has not signed in.
        """
        if not has_account:
            if self.trial:
                return OF_MACHINE
            raise YunhuobanError(NOBODY, place="account")
        return self.signed(typed, first=first, address=address)

    def signed(self, typed: Signature, *, first: str, address: str) -> str:
        """The account of who typed this; another one than the first. Raises E-PAGE-061, -062, -063 or -066."""
        account = typed.account.strip().lower()
        return self.people.vouch(account, typed.password, typed.code, first=first, address=address).account
