"""The hub's work: what waits too long, what died, when it was last saved, and who may look after it."""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Final

from sqlalchemy import select

from hub.alerting.limits import DEFAULT
from hub.backup import last, writing
from hub.broker.states import QueueState
from hub.doctor.findings import Finding, Step, failed, moment, not_reached, passed, told
from hub.doctor.ground import Ground
from hub.people.tables import TABLES
from hub.views import ledgerview
from hub.views.ledgerview import Pile
from pages.people.accounts import State
from pages.people.person import HUB_ROLES, Role
from schemas import topology
from schemas.errors import YunhuobanError, declare

WAITS_TOO_LONG: Final = declare(
    "E-OPS-040",
    "有报文在中枢等得太久：收下了，还没有转出去。",
    "请看 hub status：消息服务报警的先处理报警；没有报警的，查受理进程的日志，进程停了会自动重启。",
)
NOBODY_WORKS: Final = declare(
    "E-OPS-041",
    "队列里有报文，但没有受理进程在取。",
    "请确认 hub up 在运行；在运行而仍没有的，请查看受理进程的日志后重新启动中枢。",
)
COUNTY_HELD: Final = declare(
    "E-OPS-042",
    "有县收不下报文，发给它的报文在待通队列中等候，别的县不受影响。",
    "请打电话给该县信息中心：多半是县节点没有运行；恢复后自动送达，不必重发。",
)
DIED: Final = declare(
    "E-OPS-050",
    "有没人处理的死信。",
    "请用 hub dead list 逐条查看原因，改正后重放，或写明理由作废；不要批量重放没有看过的。",
)
NEVER_SAVED: Final = declare(
    "E-OPS-060",
    "这个中枢还没有备份过。",
    "请用 hub backup make 备份一次并核验（hub backup check），再启用每日备份的定时任务。",
)
SAVED_LONG_AGO: Final = declare(
    "E-OPS-061",
    "最近一次备份太旧了；现在恢复会丢掉此后的一切。",
    "请立即用 hub backup make 备份，并查每日备份的定时任务为什么没有运行。",
)
NOBODY_IN_ROLE: Final = declare(
    "E-OPS-070",
    "有角色能登录的账号不够。",
    "请用 hub user add 建立；三员由三个人分任，安全管理员至少两人，一人的决定才有另一人复核。",
)

_LATE: Final = timedelta(minutes=5)
_SAVED: Final = timedelta(hours=DEFAULT.backup_hours)
_LEAST: Final[Mapping[Role, int]] = {Role.OPERATOR: 1, Role.SECURITY: 2, Role.AUDITOR: 1}


def examine_backlog(ground: Ground) -> Iterator[Finding]:
    """What was admitted and has not gone on, queues that nobody empties, counties that take nothing."""
    store = ground.store
    if isinstance(store, YunhuobanError):
        yield not_reached(Step.BACKLOG)
        return
    with store.read() as tx:
        piles = {"effects": ledgerview.undone(tx), "outgoing": ledgerview.unsaid(tx)}
        held = sorted(ledgerview.held(tx))
    late = {name: pile for name, pile in piles.items() if _age(pile, ground) > _LATE}
    for name, pile in late.items():
        words = {"found": f"{pile.count}, {_plain(_age(pile, ground))}", "expected": f"<= {_plain(_LATE)}"}
        yield failed(Step.BACKLOG, YunhuobanError(WAITS_TOO_LONG, place=name, **words))
    left = [each for each in _queues(ground) if _is_ours(each.name) and each.ready and not each.consumers]
    for each in left:
        words = {"found": f"{each.ready}", "expected": "consumers >= 1"}
        yield failed(Step.BACKLOG, YunhuobanError(NOBODY_WORKS, place=each.name, **words))
    if held:
        found = ", ".join(held[:10])
        yield told(Step.BACKLOG, YunhuobanError(COUNTY_HELD, place=f"{len(held)}", found=found, expected="-"))
    if not late and not left:
        yield passed(Step.BACKLOG, f"{sum(pile.count for pile in piles.values())}")


def examine_dead(ground: Ground) -> Iterator[Finding]:
    """Dead letters in the ledger, and what lies in the broker's two queues where nothing should."""
    store = ground.store
    if isinstance(store, YunhuobanError):
        yield not_reached(Step.DEAD)
        return
    with store.read() as tx:
        dead = ledgerview.dead(tx)
    lying = {each.name: each.ready for each in _queues(ground) if each.ready and each.name in _NEVER_USED}
    if dead.count:
        oldest = moment(dead.oldest_at) if dead.oldest_at else "-"
        words = {"found": f"{dead.count}, {oldest}", "expected": "0"}
        yield failed(Step.DEAD, YunhuobanError(DIED, place="dead_letters", **words))
    for name, count in lying.items():
        yield failed(Step.DEAD, YunhuobanError(DIED, place=name, found=str(count), expected="0"))
    if not dead.count and not lying:
        yield passed(Step.DEAD, "0")


def examine_backup(ground: Ground) -> Iterator[Finding]:
    """Whether backups can be made, and how old the last one is."""
    if not (ground.settings.certificates / writing.RECOVERY_KEY).exists():
        yield failed(Step.BACKUP, YunhuobanError(writing.NO_RECOVERY_KEY, place=writing.RECOVERY_KEY))
        return
    made = last.read(ground.settings.folder)
    if made is None:
        yield failed(Step.BACKUP, YunhuobanError(NEVER_SAVED, place=last.FILE, found="-", expected="24 h"))
    elif ground.now - made.at > _SAVED:
        words = {"found": moment(made.at), "expected": f"<= {_plain(_SAVED)}"}
        yield failed(Step.BACKUP, YunhuobanError(SAVED_LONG_AGO, place=last.FILE, **words))
    else:
        yield passed(Step.BACKUP, f"{moment(made.at)} · {made.octets} B")


def examine_accounts(ground: Ground) -> Iterator[Finding]:
    """Each role has somebody, and security two; on trial, whoever holds the machine may do everything."""
    store = ground.store
    if isinstance(store, YunhuobanError):
        yield not_reached(Step.ACCOUNTS)
        return
    accounts = TABLES.accounts.c
    with store.read() as tx:
        active = tx.execute(select(accounts.roles).where(accounts.state == State.ACTIVE.value)).scalars().all()
    counted = Counter(role for each in active for role in each.split(","))
    found = ", ".join(f"{role} {counted[role]}" for role in sorted(HUB_ROLES))
    if any(counted[role] < least for role, least in _LEAST.items()):
        expected = ", ".join(f"{role} {least}" for role, least in sorted(_LEAST.items()))
        lacking = YunhuobanError(NOBODY_IN_ROLE, place="accounts", found=found, expected=expected)
        yield told(Step.ACCOUNTS, lacking) if ground.settings.trial else failed(Step.ACCOUNTS, lacking)
    else:
        yield passed(Step.ACCOUNTS, found)


_NEVER_USED: Final = frozenset({topology.DEAD_LETTERS, topology.UNROUTED_QUEUE})


def _queues(ground: Ground) -> list[QueueState]:
    """None where the broker, or this hub's part of it, is not there: other steps say so."""
    management, vhost = ground.management, ground.settings.broker.vhost
    if isinstance(management, YunhuobanError) or vhost not in management.vhosts():
        return []
    return management.queues(vhost)


def _is_ours(name: str) -> bool:
    """Whether the hub itself empties it, and not a county or a person."""
    return name.startswith("admission.") or name == topology.DIRECTORY_REQUESTS


def _age(pile: Pile, ground: Ground) -> timedelta:
    return ground.now - pile.oldest_at if pile.count and pile.oldest_at else timedelta(0)


def _plain(span: timedelta) -> str:
    return str(timedelta(seconds=int(span.total_seconds())))
