"""A person in front of a page, as every route sees one, and the roles that accounts have.

The roles of a county's hall are those of its work: who takes and prints, who decides, who keeps the blank stock, who
runs the node, who looks on. The hub's are the three separate people of 等保 2.0 (三员). One account may have several,
except where two of them watch each other (`FORBIDDEN_TOGETHER`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from pages.wording import mark as _


class Role(StrEnum):
    """What an account may do."""

    CLERK = "clerk"
    APPROVER = "approver"
    STOCK_KEEPER = "stock_keeper"
    COUNTY_IT = "county_it"
    AUDITOR = "auditor"
    OPERATOR = "operator"
    SECURITY = "security"


COUNTY_ROLES: Final = frozenset({Role.CLERK, Role.APPROVER, Role.STOCK_KEEPER, Role.COUNTY_IT, Role.AUDITOR})
HUB_ROLES: Final = frozenset({Role.OPERATOR, Role.SECURITY, Role.AUDITOR})

ROLE_NAMES: Final[Mapping[Role, str]] = {
    Role.CLERK: _("窗口人员"),
    Role.APPROVER: _("审批人员"),
    Role.STOCK_KEEPER: _("空白证照保管人"),
    Role.COUNTY_IT: _("县信息中心"),
    Role.AUDITOR: _("审计员"),
    Role.OPERATOR: _("系统管理员"),
    Role.SECURITY: _("安全管理员"),
}

FORBIDDEN_TOGETHER: Final = (
    frozenset({Role.CLERK, Role.STOCK_KEEPER}),  # keeper ≠ printer: domain.md section 6.1
    frozenset({Role.AUDITOR, Role.COUNTY_IT}),
    frozenset({Role.AUDITOR, Role.OPERATOR}),
    frozenset({Role.AUDITOR, Role.SECURITY}),
    frozenset({Role.OPERATOR, Role.SECURITY}),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Who is in front of the page. `account` goes into ledgers and logs, `name` only onto the screen and paper."""

    account: str
    name: str
    roles: frozenset[Role]
    unit: str = ""  # the hall, town, village or agent organisation the account belongs to


def of_machine(roles: frozenset[Role]) -> Person:
    """Whoever opened the page by an address that this machine's own command printed."""
    return Person(account="desk", name=_("本机"), roles=roles)
