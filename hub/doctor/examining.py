"""One examination: each check in order, and an error of one is that step's finding and keeps no other from looking."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Final

from hub import instants
from hub.doctor.broker import examine_alarms, examine_permissions, examine_topology, examine_version
from hub.doctor.findings import Finding, Report, Step, failed
from hub.doctor.ground import Ground
from hub.doctor.machine import examine_clock, examine_disk
from hub.doctor.processes import examine_workers
from hub.doctor.storing import examine_database
from hub.doctor.trust import examine_certificates, examine_lists, examine_pages
from hub.doctor.work import examine_accounts, examine_backlog, examine_backup, examine_dead
from hub.settings import HubSettings
from schemas.errors import YunhuobanError

Check = Callable[[Ground], Iterator[Finding]]

CHECKS: Final[Mapping[Step, Check]] = MappingProxyType(
    {
        Step.CLOCK: examine_clock,
        Step.DISK: examine_disk,
        Step.BROKER: examine_version,
        Step.ALARMS: examine_alarms,
        Step.TOPOLOGY: examine_topology,
        Step.PERMISSIONS: examine_permissions,
        Step.LISTS: examine_lists,
        Step.CERTIFICATES: examine_certificates,
        Step.PAGES: examine_pages,
        Step.DATABASE: examine_database,
        Step.WORKERS: examine_workers,
        Step.BACKLOG: examine_backlog,
        Step.DEAD: examine_dead,
        Step.BACKUP: examine_backup,
        Step.ACCOUNTS: examine_accounts,
    }
)


def examine(
    settings: HubSettings,
    *,
    clock: Callable[[], datetime] = instants.now,
    told: Callable[[Step], None] = lambda _: None,
) -> Report:
    """Examine everything; `told` hears of each step before it begins. Nothing is changed."""
    findings: list[Finding] = []
    with Ground.open(settings, now=clock()) as ground:
        for step, check in CHECKS.items():
            told(step)
            try:
                findings += check(ground)
            except YunhuobanError as problem:
                findings.append(failed(step, problem))
    return Report(examined_at=ground.now, findings=findings)
