"""Makes the broker agree with the contract: exchanges, queues, users and permissions, and reads them back."""

from collections.abc import Sequence
from typing import Final

from hub.broker.management import Management
from schemas import topology
from schemas.errors import YunhuobanError, declare

NOT_AS_ASKED: Final = declare(
    "E-BROKER-050", "消息服务的权限与约定不一致。", "请检查是否有人手工改过权限，然后重新执行。"
)


def provision(management: Management, *, vhost: str, hub_user: str, counties: Sequence[str]) -> None:
    """Apply everything for these counties. Repeating it changes nothing. Raises E-BROKER-…."""
    management.create_vhost(vhost)
    management.apply(vhost, topology.declarations(counties))
    wanted = [topology.hub_permissions(hub_user), *(topology.permissions(code) for code in counties)]
    for each in wanted:
        management.create_user(each.user)
        management.grant(vhost, each)
    wrong = management.verify_back(vhost, wanted)
    if wrong:
        raise YunhuobanError(NOT_AS_ASKED, found=", ".join(wrong)[:200])


def cut_off(management: Management, *, vhost: str, county: str) -> None:
    """Take a county's permissions away and close its connections."""
    management.revoke(vhost, county)
    management.close_connections(county)
