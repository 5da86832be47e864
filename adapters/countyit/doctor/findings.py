"""What an examination says: for every broker of the list one finding to each step, and the same as a file."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Any, Final

from adapters.local.localsystem.findings import LocalSystem
from pages import wording
from pages.wording import mark as _
from schemas.errors import YunhuobanError


class Step(Enum):
    """The steps in the order in which a connection takes them. Each value is the step's name in the file."""

    NAME = "name"
    PORT = "port"
    TLS = "tls"
    CLOCK = "clock"
    """Before the certificates: under a wrong clock a sound certificate looks expired or not yet valid."""
    SERVER = "server_certificate"
    OWN = "own_certificate"
    LOGIN = "login"
    ALARM = "alarm"
    CONTRACT = "contract"


class HallStep(Enum):
    """What is looked at of the page for the hall."""

    CERTIFICATE = "certificate"
    LISTENER = "listener"


TITLES: Final[Mapping[Step | HallStep, str]] = {
    HallStep.CERTIFICATE: _("大厅页面的证书"),
    HallStep.LISTENER: _("大厅页面的应答"),
    Step.NAME: _("解析主机名"),
    Step.PORT: _("连接端口"),
    Step.TLS: _("TLS 版本"),
    Step.CLOCK: _("本机时钟"),
    Step.SERVER: _("中枢的证书"),
    Step.OWN: _("本县的连接证书"),
    Step.LOGIN: _("用户与虚拟主机"),
    Step.ALARM: _("是否接收报文"),
    Step.CONTRACT: _("标准版本与目录"),
}


NO_DIRECTORY_YET: Final = _("还没有收到中枢的目录")
NOT_RUNNING: Final = _("县节点没有在运行")
CLOCK_FIRST: Final = _("时钟不对，日期无从判断")


class Outcome(Enum):
    """What became of a step."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_REACHED = "not_reached"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One step's outcome. Neither text nor problem holds a key, a password or personal data."""

    outcome: Outcome
    seen: str = ""
    """What was found, in the network's own words: an address, a protocol, a date."""
    problem: YunhuobanError | None = None
    """Why it failed, with its code."""
    why: str = ""
    """Why it was not reached, where no earlier step says so; marked for the catalogue."""


def passed(seen: str) -> Finding:
    """The step is in order."""
    return Finding(outcome=Outcome.PASSED, seen=seen)


def failed(problem: YunhuobanError) -> Finding:
    """The step is not in order."""
    return Finding(outcome=Outcome.FAILED, seen=problem.found, problem=problem)


def not_reached(why: str = "") -> Finding:
    """Nothing can be said of the step, because of an earlier one or for want of anything to judge by."""
    return Finding(outcome=Outcome.NOT_REACHED, why=why)


@dataclass(frozen=True, slots=True, kw_only=True)
class Examination:
    """What was found on the way to one broker: every step, in order."""

    address: str
    findings: dict[Step, Finding]

    @property
    def problems(self) -> Sequence[YunhuobanError]:
        """What is wrong; the first is the cause, and the others may be gone with it."""
        return [each.problem for each in self.findings.values() if each.problem is not None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One run of the doctor."""

    division_code: str
    examined_at: datetime
    """By this machine's clock."""
    local: LocalSystem = field(default_factory=LocalSystem)
    """The county's own system, which is looked at before any network."""
    hall: Sequence[tuple[HallStep, Finding]] = ()
    """The page for the hall; empty where there is none."""
    examinations: Sequence[Examination]

    @property
    def connects(self) -> bool:
        """Whether nothing is wrong on the way to any broker of the list."""
        return not any(each.problems for each in self.examinations)

    @property
    def well(self) -> bool:
        """Whether nothing is wrong at all."""
        return self.local.well and self.connects and not any(each.problem for _step, each in self.hall)

    def as_json(self) -> str:
        """The whole as text for a file that may be sent to the hub's operators."""
        content = {
            "division_code": self.division_code,
            "examined_at": self.examined_at.isoformat(),
            "well": self.well,
            "local_system": self.local.as_fields(),
            "hall_page": [_as_fields(*one) for one in self.hall],
            "brokers": [
                {"address": each.address, "steps": [_as_fields(*one) for one in each.findings.items()]}
                for each in self.examinations
            ],
        }
        return json.dumps(content, ensure_ascii=False, indent=2) + "\n"


def second(at: datetime) -> str:
    """A time as it is shown."""
    return at.isoformat(timespec="seconds")


def _as_fields(step: Step | HallStep, finding: Finding) -> dict[str, Any]:
    fields: dict[str, Any] = {"step": step.value, "outcome": finding.outcome.value, "seen": finding.seen}
    if finding.why:
        fields |= {f"why_{language}": wording.say(finding.why, language) for language in wording.LANGUAGES}
    if finding.problem is not None:
        fields["code"] = finding.problem.code.code
        fields["expected"] = finding.problem.expected
        for language in wording.LANGUAGES:
            said = wording.sentence(finding.problem, language)
            fields[f"sentence_{language}"], fields[f"remedy_{language}"] = said.sentence, said.remedy
    return fields
