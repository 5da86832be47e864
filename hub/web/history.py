"""`/history`: how the last day, week, month or year was, hour by hour, as curves and as a table of the last hours.

The curves are drawn by uPlot in the reader's browser from `/history/data`; nothing in them tells of a person.
"""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse

from hub.web.rights import LOOKING
from hub.web.traffic import HourRow
from hub.web.view import OverviewSource
from pages.frame import Frame
from pages.wording import mark as _

SPANS: Final = ((1, _("一天")), (7, _("一周")), (31, _("一个月")), (366, _("一年")))
CURVES: Final = {
    "passed": (_("收进与签收"), (("admitted", _("收进")), ("signed", _("签收")), ("refused", _("拒收")))),
    "waiting": (_("等候签收（每小时最多）"), (("waiting", _("份数")),)),
    "oldest": (_("最早一份已等（分钟，每小时最多）"), (("oldest_age_minutes", _("分钟")),)),
    "trouble": (
        _("要人处理的（每小时最多）"),
        (("late", _("超过时限")), ("dead", _("死信")), ("offline", _("离线的县"))),
    ),
}
"""Each drawing: what it shows, and its curves with their names."""
ROWS: Final = 24


def attach(app: FastAPI, frame: Frame, view: OverviewSource) -> None:
    """Add these pages to the hub's."""

    def rows(days: int) -> list[HourRow]:
        chosen = days if days in dict(SPANS) else SPANS[0][0]
        return list(view.history(datetime.now(UTC) - timedelta(days=chosen)))

    @app.get("/history", dependencies=[LOOKING])
    def history(request: Request, days: int = 7) -> HTMLResponse:
        return frame.page(request, "history.html", days=days, spans=SPANS, curves=CURVES, rows=rows(days)[:-ROWS:-1])

    @app.get("/history/data", dependencies=[LOOKING])
    def data(days: int = 7) -> dict[str, list[Any]]:
        """The hours as uPlot takes them: one column for each curve."""
        found = rows(days)
        names = [name for _title, curves in CURVES.values() for name, _text in curves]
        columns = {name: [_value(row, name) for row in found] for name in names}
        return {"at": [row.at.timestamp() for row in found], **columns}


def _value(row: HourRow, name: str) -> float | None:
    if name == "oldest_age_minutes":
        return None if row.oldest_age_seconds is None else round(row.oldest_age_seconds / 60, 1)
    value: int | None = getattr(row, name)
    return value
