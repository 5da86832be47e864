"""Who may do what at the hub's pages: all three look on, the operator operates, security decides who takes part.

Whether a county's card stands is ruled by whoever operates nothing.
"""

from typing import Final

from fastapi import Request

from pages.people.permission import needs, person_of
from pages.people.person import HUB_ROLES, Role

LOOKING: Final = needs(*HUB_ROLES)
OPERATING: Final = needs(Role.OPERATOR)
SECURING: Final = needs(Role.SECURITY)
RULING: Final = needs(Role.SECURITY, Role.AUDITOR)


def decides(request: Request) -> bool:
    """Whether this person decides who takes part, and is shown the way there."""
    return Role.SECURITY in person_of(request).roles
