"""Who may do what at the hub's pages: all three look on, the operator operates, security decides who takes part."""

from typing import Final

from fastapi import Request

from pages.people.permission import needs, person_of
from pages.people.person import HUB_ROLES, Role

LOOKING: Final = needs(*HUB_ROLES)
OPERATING: Final = needs(Role.OPERATOR)
SECURING: Final = needs(Role.SECURITY)


def decides(request: Request) -> bool:
    """Whether this person decides who takes part, and is shown the way there."""
    return Role.SECURITY in person_of(request).roles
