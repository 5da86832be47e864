"""What a notice says, Chinese and then English: kinds, places, counts and where to read on. Pure; no person in it."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from hub.alerting.kinds import HUB, KINDS
from hub.alerting.plan import Plan
from hub.alerting.telling import Notice
from hub.instants import from_millis
from hub.views.bilingual import moment
from pages.wording import LANGUAGES, say
from pages.wording import mark as _

MOST_NAMED: Final = 10
"""Places of one kind; nobody reads a thousand on a telephone."""
SUBJECTS: Final = {
    HUB: _("中枢"),
    "admission": _("受理进程"),
    "express": _("打印放行进程"),
    "keeper": _("看护进程"),
    "slow": _("限速受理进程"),
    "parts": _("附件进程"),
    "memory": _("内存"),
    "disk": _("磁盘"),
}


def notice(told: Notice, plan: Plan, *, names: Mapping[str, str], origin: str) -> tuple[str, str]:
    """Title and text of a notice; `names` are the counties' by division code."""
    title = " / ".join(_title(told, language, origin) for language in LANGUAGES)
    parts = []
    for language in LANGUAGES:
        lines = [*_section(told.begun, language, names)]
        if told.step and told.begun:
            before = plan.steps[told.step - 1].name
            lines.insert(0, say(_("“{name}”没有确认，现在转来。"), language, name=before))
        if told.over:
            lines += [say(_("已恢复："), language), *_section(told.over, language, names)]
        if plan.page and told.begun:
            lines.append(say(_("确认：{page}"), language, page=f"{plan.page.rstrip('/')}/alerts"))
        parts.append("\n".join(lines))
    return title, "\n\n".join(parts)


def subject(name: str, names: Mapping[str, str], language: str) -> str:
    """A county by name and code, a part of the hub by name."""
    if name in SUBJECTS:
        return say(SUBJECTS[name], language)
    return f"{names[name]} {name}" if name in names else name


def sentence(row: Any, language: str) -> str:
    """What is the matter, without the place: `12 份报文` where something is counted, `3 个中少了 1 个` of several."""
    if row.whole is not None:
        return say(_("{whole} 个中少了 {count} 个"), language, whole=row.whole, count=row.amount)
    counted = KINDS[row.kind].counted if row.kind in KINDS else ""
    return say(counted, language, count=row.amount) if counted else ""


def began_at(row: Any) -> datetime:
    """Since when it is the matter, as far as anybody knows."""
    return from_millis(row.since_at if row.since_at is not None else row.seen_at)


def _title(told: Notice, language: str, origin: str) -> str:
    head = say(_("云伙伴 {origin}"), language, origin=origin)
    parts = []
    if told.begun:
        parts.append(say(_("{count} 项告警"), language, count=len(told.begun)))
    if told.over:
        parts.append(say(_("{count} 项已恢复"), language, count=len(told.over)))
    return f"{head}: {', '.join(parts)}"


def _section(rows: Sequence[Any], language: str, names: Mapping[str, str]) -> Iterable[str]:
    for kind in (each for each in KINDS.values() if any(row.kind == each.name for row in rows)):
        own = [row for row in rows if row.kind == kind.name]
        places = [_place(row, language, names) for row in own[:MOST_NAMED]]
        if len(own) > MOST_NAMED:
            places.append(say(_("共 {count} 处"), language, count=len(own)))
        yield f"● {say(kind.title, language)}: {'; '.join(places)}"
        yield f"  → {kind.runbook(language)}"


def _place(row: Any, language: str, names: Mapping[str, str]) -> str:
    counted = sentence(row, language)
    since = say(_("自 {at}"), language, at=moment(began_at(row)))
    return ", ".join(part for part in (subject(row.subject, names, language), counted, since) if part)
