"""What an examination of the hub says: to each step its findings, and the same as a file without secrets."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any, Final

from pages import wording
from pages.wording import mark as _
from schemas.errors import YunhuobanError


class Step(Enum):
    """What is examined, in this order. Each value is the step's name in the file."""

    CLOCK = "clock"
    """First: under a wrong clock every date below is judged wrongly."""
    DISK = "disk"
    BROKER = "broker"
    ALARMS = "alarms"
    TOPOLOGY = "topology"
    PERMISSIONS = "permissions"
    LISTS = "revocation_lists"
    CERTIFICATES = "certificates"
    PAGES = "page_certificates"
    DATABASE = "database"
    WORKERS = "workers"
    BACKLOG = "backlog"
    DEAD = "dead_letters"
    BACKUP = "backup"
    ACCOUNTS = "accounts"


TITLES: Final[Mapping[Step, str]] = {
    Step.CLOCK: _("本机时钟"),
    Step.DISK: _("磁盘空间"),
    Step.BROKER: _("消息服务的版本"),
    Step.ALARMS: _("消息服务的报警"),
    Step.TOPOLOGY: _("队列与约定"),
    Step.PERMISSIONS: _("用户与权限"),
    Step.LISTS: _("吊销列表"),
    Step.CERTIFICATES: _("中枢的证书与密钥"),
    Step.PAGES: _("页面的证书"),
    Step.DATABASE: _("数据库"),
    Step.WORKERS: _("工作进程"),
    Step.BACKLOG: _("积压"),
    Step.DEAD: _("死信"),
    Step.BACKUP: _("备份"),
    Step.ACCOUNTS: _("账号与角色"),
}


class Outcome(Enum):
    """What became of a step."""

    PASSED = "passed"
    TOLD = "told"
    """Nothing is broken; whoever runs the hub is to know it."""
    FAILED = "failed"
    NOT_REACHED = "not_reached"
    """It could not be examined, because of what an earlier step says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was found. Neither text nor problem holds a key, a password or a person."""

    step: Step
    outcome: Outcome
    seen: str = ""
    """A version, a number, a date."""
    problem: YunhuobanError | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One run of the doctor."""

    examined_at: datetime
    """By this machine's clock."""
    findings: Sequence[Finding]

    @property
    def well(self) -> bool:
        """Whether everything was examined and nothing is broken."""
        return all(each.outcome in {Outcome.PASSED, Outcome.TOLD} for each in self.findings)

    def as_json(self) -> str:
        """The whole as text for a file that may be sent to somebody who helps."""
        content = {
            "examined_at": self.examined_at.isoformat(timespec="seconds"),
            "well": self.well,
            "findings": [_as_fields(each) for each in self.findings],
        }
        return json.dumps(content, ensure_ascii=False, indent=2) + "\n"


def passed(step: Step, seen: str) -> Finding:
    """The step is in order."""
    return Finding(step=step, outcome=Outcome.PASSED, seen=seen)


def told(step: Step, problem: YunhuobanError) -> Finding:
    """To be known; nothing is broken."""
    return Finding(step=step, outcome=Outcome.TOLD, seen=problem.found, problem=problem)


def failed(step: Step, problem: YunhuobanError) -> Finding:
    """Not in order."""
    return Finding(step=step, outcome=Outcome.FAILED, seen=problem.found, problem=problem)


def not_reached(step: Step, problem: YunhuobanError | None = None) -> Finding:
    """It could not be examined; the problem, where no other step says it."""
    return Finding(step=step, outcome=Outcome.NOT_REACHED, seen=problem.found if problem else "", problem=problem)


def moment(at: datetime) -> str:
    """A time as it is shown: UTC, to the second."""
    return at.isoformat(timespec="seconds")


def _as_fields(finding: Finding) -> dict[str, Any]:
    fields: dict[str, Any] = {"step": finding.step.value, "outcome": finding.outcome.value, "seen": finding.seen}
    problem = finding.problem
    if problem is not None:
        fields |= {"code": problem.code.code, "place": problem.place, "expected": problem.expected}
        for language in wording.LANGUAGES:
            said = wording.sentence(problem, language)
            fields[f"sentence_{language}"], fields[f"remedy_{language}"] = said.sentence, said.remedy
    return fields
