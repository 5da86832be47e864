"""The broker: which version, with which known defects; alarms; queues and permissions against the contract."""

import re
from collections.abc import Iterator
from typing import Final

from hub import bootstrap
from hub.broker.management import Management
from hub.doctor import versions
from hub.doctor.findings import Finding, Step, failed, not_reached, passed, told
from hub.doctor.ground import Ground
from hub.registry import county
from hub.store import Store
from schemas import topology
from schemas.errors import YunhuobanError, declare

VERSION_UNTRIED: Final = declare(
    "E-OPS-001",
    "没有用这个版本的消息服务试过。",
    "请使用 RabbitMQ 3.10 到 4.x；Debian 12 自带的 3.10.8 即可。",
)
KNOWN_DEFECTS: Final = declare(
    "E-OPS-002",
    "这个版本的消息服务有 {count} 处已知缺陷，后来的版本已经改正。",
    "中枢已避开它们，不必停用；遇到所列现象时不要另找原因，方便时升级。",
)
ALARM: Final = declare(
    "E-OPS-003",
    "消息服务正在报警，不收任何报文。",
    "磁盘报警请腾出空间，内存报警请查哪个队列在增长；解除后自动恢复，各县发件箱里的报文不会丢失。",
)
QUEUES_MISSING: Final = declare(
    "E-OPS-004",
    "消息服务里缺少约定的队列、交换机或绑定。",
    "hub up 在运行时一分钟内会补上；没有补上的，请重新执行 hub broker start 并查看其输出。",
)
PERMISSIONS_DIFFER: Final = declare(
    "E-OPS-005",
    "有消息服务用户的权限与约定不同，或有不该有的用户。",
    "hub up 在运行时一分钟内会改正各县的权限；不认识的用户请查明是谁建的，然后删除。",
)
QUEUES_STRANGE: Final = declare(
    "E-OPS-006",
    "消息服务里有约定之外的队列。",
    "请查明是谁建的；里面没有报文、也没有人用的，可以删除。",
)

_ALARMS: Final = ("memory_alarm", "disk_alarm")
_NAMED: Final = 5
_SLOW: Final = re.compile(r"county\.[0-9]{6}\.slow")


def examine_version(ground: Ground) -> Iterator[Finding]:
    """Which RabbitMQ answers, and what is known to be wrong with it."""
    management = ground.management
    if isinstance(management, YunhuobanError):
        yield failed(Step.BROKER, management)
        return
    version = management.overview().version
    if not versions.supported(version):
        wanted = f"{versions.OLDEST} … {versions.NEWEST_MAJOR}.x"
        yield failed(Step.BROKER, YunhuobanError(VERSION_UNTRIED, place="broker", found=version, expected=wanted))
        return
    yield passed(Step.BROKER, f"RabbitMQ {version}")
    known = versions.defects(version)
    if known:
        said = "; ".join(f"{each.what} ({each.fixed_in})" for each in known)
        expected = f">= {max(known, key=lambda each: versions.parts(each.fixed_in)).fixed_in}"
        count = str(len(known))
        yield told(
            Step.BROKER, YunhuobanError(KNOWN_DEFECTS, place=version, found=said, expected=expected, count=count)
        )


def examine_alarms(ground: Ground) -> Iterator[Finding]:
    """Whether the broker takes messages now, and how much room it says it has."""
    management = ground.management
    if isinstance(management, YunhuobanError):
        yield not_reached(Step.ALARMS)
        return
    overview = management.overview()
    standing = [name for name in _ALARMS if getattr(overview, name)]
    if standing:
        yield failed(Step.ALARMS, YunhuobanError(ALARM, place=overview.node, found=", ".join(standing), expected="-"))
        return
    yield passed(Step.ALARMS, f"{overview.disk_free_bytes // 2**20} MiB")


def examine_topology(ground: Ground) -> Iterator[Finding]:
    """Whether every queue, exchange and binding is there as agreed, and no other."""
    management, store = ground.management, ground.store
    if isinstance(management, YunhuobanError) or isinstance(store, YunhuobanError):
        yield not_reached(Step.TOPOLOGY)
        return
    vhost = ground.settings.broker.vhost
    if vhost not in management.vhosts():
        yield failed(Step.TOPOLOGY, YunhuobanError(QUEUES_MISSING, place="vhost", found="-", expected=vhost))
        return
    yield from _queues(management, store, vhost)


def _queues(management: Management, store: Store, vhost: str) -> Iterator[Finding]:
    with store.read() as tx:
        active, known = county.active(tx), [row.division_code for row in county.listed(tx)]
    whole = topology.declarations(active)
    lacking = management.missing(vhost, whole)  # what is there otherwise is E-BROKER-022
    names = [each.name for each in lacking.exchanges] + [each.name for each in lacking.queues]
    names += [f"{each.exchange} → {each.queue}" for each in lacking.bindings]
    if names:
        yield failed(Step.TOPOLOGY, YunhuobanError(QUEUES_MISSING, place=vhost, found=_few(names), expected="-"))
        return
    yield passed(Step.TOPOLOGY, f"{len(whole.queues)}")
    ours = {each.name for each in topology.declarations(known).queues}
    strange = [
        each.name for each in management.queues(vhost) if each.name not in ours and not _SLOW.fullmatch(each.name)
    ]
    if strange:
        yield told(Step.TOPOLOGY, YunhuobanError(QUEUES_STRANGE, place=vhost, found=_few(strange), expected="-"))


def examine_permissions(ground: Ground) -> Iterator[Finding]:
    """Whether each user may do what was agreed and nothing else, and opens no connection with a password."""
    management, store = ground.management, ground.store
    if isinstance(management, YunhuobanError) or isinstance(store, YunhuobanError):
        yield not_reached(Step.PERMISSIONS)
        return
    vhost = ground.settings.broker.vhost
    if vhost not in management.vhosts():
        yield not_reached(Step.PERMISSIONS)
        return
    with store.read() as tx:
        wanted = [topology.hub_permissions(bootstrap.HUB_USER), *map(topology.permissions, county.active(tx))]
    wrong = management.verify_back(vhost, wanted)
    if wrong:
        yield failed(Step.PERMISSIONS, YunhuobanError(PERMISSIONS_DIFFER, place=vhost, found=_few(wrong), expected="-"))
        return
    yield passed(Step.PERMISSIONS, f"{len(wanted)}")


def _few(names: list[str]) -> str:
    shown = ", ".join(name[:60] for name in names[:_NAMED])
    return shown if len(names) <= _NAMED else f"{shown} … ({len(names)})"
