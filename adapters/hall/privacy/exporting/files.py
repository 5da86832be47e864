"""An export as a file: on every sheet and every page who asked, who approved, when, for what, and its number.

Chinese, as the files of a hall are. GB/T 35273-2020 7.1; domain.md §8.2, P12.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from adapters.hall.privacy.exporting.book import Export
from adapters.hall.privacy.exporting.contents import CONTENTS, Contents, Sheet
from adapters.hall.revealing.book import PURPOSES
from adapters.local import workbooks
from pages.frame import BEIJING
from pages.lists.drawing import Table, drawn

FORMS: Final = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
}
_CHARACTERS: Final = 8
"""Of a column of a workbook, for each share of the line that it has on paper."""


def watermark(export: Export, *, county: str, by: str, now: datetime) -> str:
    """One line that says all of it; accounts, not names."""
    at = f"{now.astimezone(BEIJING):%Y-%m-%d %H:%M}"
    purpose = PURPOSES[export.purpose]
    return f"{county} {export.number} 申请 {export.asked_by} 批准 {by} {at} 目的 {purpose}"


def file_of(export: Export, sheets: Sequence[Sheet], *, county: str, by: str, now: datetime) -> bytes:
    """The file in the form that was asked for. Raises E-PAGE-14… as the drawing of lists does."""
    mark = watermark(export, county=county, by=by, now=now)
    if export.form == "pdf":
        return _pdf(export, sheets, mark=mark, county=county, now=now)
    ready = {each.heading: [[mark], [], each.columns, *each.rows, [], [mark]] for each in sheets}
    widths = [share * _CHARACTERS for share in max((each.widths for each in sheets), key=len)]
    return workbooks.book_of(ready, widths, mark=mark)


def _pdf(export: Export, sheets: Sequence[Sheet], *, mark: str, county: str, now: datetime) -> bytes:
    return drawn(
        title=CONTENTS[Contents(export.kind)],
        subtitle=mark,
        author=county,
        made=now.astimezone(BEIJING).date(),
        tables=[
            Table(
                heading=each.heading,
                columns=each.columns,
                rows=each.rows,
                widths=each.widths,
                numbers=(),
                none="没有。",
            )
            for each in sheets
        ],
        notes=["内含个人信息，只用于所写的目的；用完销毁，不得转给他人。"],
        signs=("领取人", "日期"),
        footer=mark,
        mark=mark,
    )
