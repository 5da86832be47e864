"""The checks, in order: each takes what was seen and returns its finding. None touches network, disk or clock."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from adapters.countyit.doctor.certificates import examine_own, examine_server
from adapters.countyit.doctor.findings import Finding, Outcome, Step, failed
from adapters.countyit.doctor.network import examine_name, examine_port, examine_tls
from adapters.countyit.doctor.observations import Seen
from adapters.countyit.doctor.standing import examine_alarm, examine_contract, examine_login
from adapters.countyit.doctor.timekeeping import examine_clock
from schemas.errors import YunhuobanError

Check = Callable[[Seen], Finding]

CHECKS: Final[Mapping[Step, Check]] = MappingProxyType(
    {
        Step.NAME: examine_name,
        Step.PORT: examine_port,
        Step.TLS: examine_tls,
        Step.CLOCK: examine_clock,
        Step.SERVER: examine_server,
        Step.OWN: examine_own,
        Step.LOGIN: examine_login,
        Step.ALARM: examine_alarm,
        Step.CONTRACT: examine_contract,
    }
)


def judge(seen: Seen) -> dict[Step, Finding]:
    """Every step's finding, in order. A certificate that cannot be read is that step's problem."""
    findings = {}
    for step, check in CHECKS.items():
        try:
            findings[step] = check(seen)
        except YunhuobanError as problem:
            findings[step] = failed(problem)
    return findings


def may_log_in(seen: Seen) -> bool:
    """Whether the connection itself is in order, so that logging in can say something new."""
    findings = judge(seen)
    needed = (Step.NAME, Step.PORT, Step.TLS, Step.SERVER, Step.OWN)
    return all(findings[step].outcome is Outcome.PASSED for step in needed)
