"""一次性告知书 at the window: everything that the item's list asks for and that was not brought, told once on paper.

Only with 一次性告知权. What was told is kept with the draft as it was told, whatever is brought afterwards, and goes
with the application. Source: 行政许可法 art. 32 (everything at once).
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from adapters.authority import windowpowers
from adapters.hall.taking.checking import Checked
from adapters.hall.taking.drafts import Draft
from adapters.hall.taking.enclosing import brought
from adapters.hall.taking.materials import Row
from adapters.hall.taking.offered import Offered
from pages.wording import mark as _
from schemas.errors import YunhuobanError, declare
from schemas.workdays.hours import beijing_day

NOTHING_MISSING: Final = declare(
    "E-POWER-006", "清单上的必要材料都收了，没有需要告知的。", "请继续收件；还没有告知过的，也不必出具告知书。"
)
NOT_TOLD: Final = declare("E-POWER-007", "这份申请没有出具过一次性告知书。", "请回到收件页，先点“出具一次性告知书”。")
_KEPT: Final = "once.notice"
"""Where it stands in a draft: no field of the form has this name, so that no browser can type it."""
PROBLEM: Final = _("没有提交。")
REMEDY: Final = _("请按事项清单的要求提交。")


@dataclass(frozen=True, slots=True, kw_only=True)
class OnceNotice:
    """What was told, when, by whom."""

    notice_no: str
    notified_at: datetime
    clerk: str
    missing: Sequence[tuple[str | None, str]]
    """Code and name of each material."""


def missing(draft: Draft, checked: Checked) -> Sequence[Row]:
    """The listed materials without which the application is incomplete and that were not brought yet.

    A license that was named stands for its material.
    """
    there = {row.key for row in brought(draft, checked)}
    return [row for row in checked.rows if row.demanded and row.key not in there]


def make(draft: Draft, what: Offered, checked: Checked, *, clerk: str, now: datetime) -> Mapping[str, str]:
    """What to keep with the draft; nothing when it was told before. Raises E-POWER-002 or -006."""
    if not what.may_inform:
        raise YunhuobanError(windowpowers.NOT_INFORMING, place="once_notice", expected=what.county)
    if of(draft) is not None:
        return {}
    rows = missing(draft, checked)
    if not rows:
        raise YunhuobanError(NOTHING_MISSING, place="materials")
    said = {
        "notice_no": f"GZ-{beijing_day(now):%Y%m%d}-{draft.draft_id[:8].upper()}",
        "notified_at": now.isoformat(),
        "clerk": clerk,
        "missing": [[row.code, row.name] for row in rows],
    }
    return {_KEPT: json.dumps(said, ensure_ascii=False)}


def of(draft: Draft) -> OnceNotice | None:
    """What was told about a draft or a taken application."""
    kept = draft.typed.get(_KEPT)
    if not kept:
        return None
    said = json.loads(kept)
    return OnceNotice(
        notice_no=said["notice_no"],
        notified_at=datetime.fromisoformat(said["notified_at"]),
        clerk=said["clerk"],
        missing=[(code, name) for code, name in said["missing"]],
    )


def record(draft: Draft) -> dict[str, Any] | None:
    """The same as the contract says it."""
    told = of(draft)
    if told is None:
        return None
    return {
        "notice_no": told.notice_no,
        "notified_at": told.notified_at,
        "clerk": told.clerk,
        "defects": [
            {"material_code": code, "material": name, "problem": PROBLEM, "remedy": REMEDY}
            for code, name in told.missing
        ],
    }
