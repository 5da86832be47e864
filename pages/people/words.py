"""How accounts are spoken of: by the commands in the terminal, and on the pages."""

from collections.abc import Iterable, Mapping
from typing import Final

from pages import wording
from pages.people.person import COUNTY_ROLES, ROLE_NAMES, Role
from pages.wording import mark as _

SPOKEN: Final = tuple(sorted(each.value for each in COUNTY_ROLES))
"""The roles of a county as its commands take them."""
STATES: Final[Mapping[str, str]] = {"active": _("在用"), "locked": _("已锁定"), "left": _("已离岗")}
FACTORS: Final[Mapping[bool, str]] = {True: _("已绑定"), False: _("未绑定")}


def role_named(typed: str) -> str:
    """A role by its code, or by its Chinese name as the pages show it."""
    return next((role.value for role, name in ROLE_NAMES.items() if name == typed), typed)


def said_roles(roles: Iterable[Role], language: str = wording.SOURCE_LANGUAGE) -> str:
    """The names of roles in a row."""
    return "、".join(wording.say(ROLE_NAMES[each], language) for each in sorted(roles))
