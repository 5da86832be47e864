"""Who acts at a page of the hub, and what a second person typed there, as parts of a request."""

from typing import Annotated

from fastapi import Form, Request

from hub.people.second import Signature, Two
from hub.record.noting import Actor
from pages.people.permission import person_of
from pages.people.web.signinpage import address_of

Typed = Annotated[str, Form(max_length=200)]
Reason = Annotated[str, Form(max_length=400)]


def actor_of(request: Request) -> Actor:
    """Who is in front of the page, and at which address."""
    return Actor(account=person_of(request).account, address=address_of(request))


def has_account(request: Request) -> bool:
    """Whether somebody has signed in, rather than opened the page by the machine's own address."""
    return bool(getattr(request.state, "has_account", False))


class SecondSignature:
    """What the second person typed, as a part of a form."""

    def __init__(self, second_account: Typed = "", second_password: Typed = "", second_code: Typed = "") -> None:
        self._typed = Signature(account=second_account, password=second_password, code=second_code)

    def signed(self, request: Request, two: Two) -> str:
        """The account of the second person. Raises E-PAGE-061, -062, -063, -066, -068."""
        who = actor_of(request)
        return two.second(self._typed, first=who.account, has_account=has_account(request), address=who.address)
