"""What a route asks of who calls it, declared at the route.

The guard (`pages.access`) lets nobody without a session pass and says who it is; here stands which roles a route is
for. A route that declares nothing is refused to everybody: a test goes through all routes of an application.
"""

from typing import Any, Final

from fastapi import Depends, Request

from pages.people.person import Person, Role
from schemas import errors
from schemas.errors import YunhuobanError

NOT_YOUR_ROLE: Final = errors.declare(
    "E-PAGE-060",
    "您的账号没有办这件事的角色。",
    "请由有这个角色的人办理；角色不对时，请县信息中心修改账号。",
)

NOBODY: Final = errors.declare("E-PAGE-068", "这一步要先登录。", "请登录后再做。")


def person_of(request: Request) -> Person:
    """Who is in front of the page; the guard has put it there. Raises E-PAGE-068 on a page that is open to all."""
    found: Person | None = getattr(request.state, "person", None)
    if found is None:
        raise YunhuobanError(NOBODY, place="session")
    return found


class Asked:
    """A route's dependency: one of these roles. Raises E-PAGE-060."""

    def __init__(self, roles: frozenset[Role]) -> None:
        self.roles = roles

    def __call__(self, request: Request) -> None:
        """Let pass who has one of the roles."""
        if not person_of(request).roles & self.roles:
            raise YunhuobanError(NOT_YOUR_ROLE, place="role", expected=", ".join(sorted(self.roles)))


def needs(*roles: Role) -> Any:
    """For a route's `dependencies=[needs(…)]`: whoever calls it has one of these roles."""
    return Depends(Asked(frozenset(roles)))
