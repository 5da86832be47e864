"""Reads a calendar file (CSV, Chinese headings) into an override, or says everything that is wrong with it at once.

    日期,安排,行政区划代码,办公时间,说明
    2027,全年已公布,,,国办发明电
    2027-10-01,休息,,,国庆节
    2027-09-26,上班,,,国庆节调休
    2027-04-09,休息,450000,,广西三月三
    周五,办公时间,450105,9:00-12:00,

UTF-8 with or without byte order mark, or GB18030, as spreadsheets save it. The columns may come in any order; of the
last three, those that are not needed may be missing. 每天 stands for all seven weekdays.
"""

import csv
import re
import unicodedata
from collections.abc import Callable, Hashable, Sequence
from datetime import date
from typing import Any, Final

from schemas.divisions import register
from schemas.errors import Code, YunhuobanError, declare
from schemas.identifiers.division import DivisionCode
from schemas.workdays.hours import parse_hours
from schemas.workdays.override import (
    ARRANGEMENT,
    ARRANGEMENTS,
    COLUMNS,
    COUNTRY,
    DAY,
    DIVISION,
    HALL_HOURS,
    HOURS,
    MOST_NOTE_CHARACTERS,
    NOTE,
    WEEKDAYS,
    WHOLE_YEAR,
    WORK,
    DayRule,
    HoursRule,
    Override,
    YearRule,
)

BAD_BYTES: Final = declare("E-CAL-001", "日历文件不是 UTF-8，也不是 GB18030 编码。", "请用其中一种编码重新保存为 CSV。")
TOO_LARGE: Final = declare("E-CAL-002", "日历文件过大。", "请确认选对了文件；一年的安排只有几十行。")
BAD_HEADER: Final = declare(
    "E-CAL-003", "日历文件的表头不对。", "第一行应为：日期,安排,行政区划代码,办公时间,说明；后三列用不到时可以没有。"
)
BAD_ROW: Final = declare("E-CAL-004", "该行读不出，或列数与表头不同。", "请检查该行的逗号和引号。")
BAD_DAY: Final = declare(
    "E-CAL-005",
    "日期的写法不对，或没有这一天。",
    "请按“应为”一栏填写，例如 2027-10-01、2027（全年已公布）或 周五（办公时间）。",
)
BAD_ARRANGEMENT: Final = declare("E-CAL-006", "不认识的安排。", "请填写 休息、上班、全年已公布 或 办公时间。")
BAD_HOURS: Final = declare(
    "E-CAL-007", "办公时间的写法不对。", "请写成 9:00-12:00 13:00-17:00：最多四段，先后排列，不得重叠。"
)
TWICE: Final = declare("E-CAL-008", "同一件事在文件中出现了两次。", "请删去其中一行；“应为”一栏是先前的行号。")
NOT_EMPTY: Final = declare(
    "E-CAL-009", "此格应当空着。", "全年公布不分地区，行政区划代码应空着；只有安排为“办公时间”的行才填办公时间。"
)
BAD_NOTE: Final = declare("E-CAL-010", "说明过长，或含有不能显示的字符。", "请改写说明，最多 100 字。")
MORE: Final = declare("E-CAL-011", "还有更多错误没有列出。", "请先改正已列出的各行，再检查一次。")
FILE_WRONG: Final = declare("E-CAL-012", "日历文件有 {count} 处错误，整个文件没有采用。", "请按各行的提示改正后重试。")

MOST_BYTES: Final = 2**20
MOST_PROBLEMS: Final = 200
YEARS: Final = range(2000, 2101)
EVERY_DAY: Final = "每天"
_DATE: Final = re.compile(r"([0-9]{4})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?")
_YEAR: Final = re.compile(r"([0-9]{4})年?")

Rule = DayRule | YearRule | HoursRule


class OverrideRefused(YunhuobanError):  # noqa: N818 -- a refusal, as everywhere in this house
    """Everything that is wrong with a calendar file; `problems` has one error to a cell or row."""

    def __init__(self, problems: Sequence[YunhuobanError], *, place: str) -> None:
        """Keep all problems."""
        super().__init__(FILE_WRONG, place=place, found=str(len(problems)), count=str(len(problems)))
        self.problems = tuple(problems)


def read(data: bytes, *, place: str) -> Override:
    """Read a file that a person wrote; `place` is its name. Raises OverrideRefused.

    Division codes must be in the register and in force on the day that is spoken of.
    """
    return _Reader(place, _in_register).read(data)


def decode(data: bytes) -> Override:
    """Read the bytes that `Override.encode` made, perhaps by a newer release that knows more divisions.

    Of a division code only the form is judged. Raises OverrideRefused.
    """
    return _Reader("", _in_form).read(data)


def _in_register(code: str, day: date | None) -> None:
    if day is None:
        register.known(code)
    else:
        register.find(code, day)


def _in_form(code: str, _day: date | None) -> None:
    DivisionCode.parse(code)


class _Reader:
    """One reading of one file."""

    def __init__(self, place: str, judge: Callable[[str, date | None], None]) -> None:
        self._place = place
        self._judge = judge
        self._line = 0
        self._problems: list[YunhuobanError] = []
        self._first: dict[Hashable, int] = {}
        self._rules: list[Rule] = []

    def read(self, data: bytes) -> Override:
        if len(data) > MOST_BYTES:
            self._wrong(TOO_LARGE, found=str(len(data)), expected=f"<= {MOST_BYTES}")
        else:
            self._rows(_text(data, self._place))
        if self._problems:
            raise OverrideRefused(self._problems, place=self._place)
        return Override(
            years=tuple(rule for rule in self._rules if isinstance(rule, YearRule)),
            days=tuple(rule for rule in self._rules if isinstance(rule, DayRule)),
            hours=tuple(rule for rule in self._rules if isinstance(rule, HoursRule)),
        )

    def _rows(self, text: str) -> None:
        header: Sequence[str] = ()
        # A row is a line: no cell of this file has a reason to hold a line break, and an open quotation mark then
        # spoils one row and not all that follow.
        for self._line, line in enumerate(re.split(r"\r\n|\n|\r", text), start=1):
            cells = _cells(line)
            if cells is not None and not any(cells):
                continue
            if not header:
                header = [_plain(cell) for cell in cells or ()]
                if (
                    set(header) - set(COLUMNS)
                    or len(set(header)) != len(header)
                    or not {DAY, ARRANGEMENT} <= set(header)
                ):
                    self._wrong(BAD_HEADER, found="，".join(header)[:100], expected="，".join(COLUMNS))
                    return
            elif cells is None or len(cells) != len(header):
                self._wrong(BAD_ROW, found="" if cells is None else str(len(cells)), expected=str(len(header)))
            else:
                self._row(dict(zip(header, cells, strict=True)))
            if len(self._problems) >= MOST_PROBLEMS:
                self._wrong(MORE)
                return
        if not header:
            self._wrong(BAD_HEADER, expected="，".join(COLUMNS))

    def _row(self, row: dict[str, str]) -> None:
        before = len(self._problems)
        arrangement, said = _plain(row[ARRANGEMENT]), _plain(row[DAY])
        note = row.get(NOTE, "").strip()
        if len(note) > MOST_NOTE_CHARACTERS or not note.isprintable():
            self._wrong(BAD_NOTE, NOTE, expected=f"<= {MOST_NOTE_CHARACTERS}")
        rules: list[Rule] = []
        if arrangement == WHOLE_YEAR:
            year = _match(_YEAR, said)
            self._empty(row, DIVISION, HOURS)
            rules = [YearRule(year[0], note)] if year and year[0] in YEARS else []
            self._demand(rules, said, f"{YEARS[0]}…{YEARS[-1]}")
        elif arrangement == HALL_HOURS:
            hours = parse_hours(row.get(HOURS, ""))
            division = self._division(row, None)
            if hours is None:
                self._wrong(BAD_HOURS, HOURS, expected="9:00-12:00 13:00-17:00")
            rules = [HoursRule(division, weekday, hours or (), note) for weekday in _weekdays(said)]
            self._demand(rules, said, f"{WEEKDAYS[0]}…{WEEKDAYS[-1]} / {EVERY_DAY}")
        elif arrangement in ARRANGEMENTS:
            day = _date(said)
            self._empty(row, HOURS)
            division = self._division(row, day)
            rules = [DayRule(day, division, arrangement == WORK, note)] if day else []
            self._demand(rules, said, f"{YEARS[0]}-01-01…{YEARS[-1]}-12-31")
        else:
            self._wrong(BAD_ARRANGEMENT, ARRANGEMENT, expected=" / ".join(ARRANGEMENTS))
        if len(self._problems) == before:
            self._enter(rules)

    def _enter(self, rules: Sequence[Rule]) -> None:
        for rule in rules:
            first = self._first.setdefault((type(rule), rule.key), self._line)
            if first != self._line:
                self._wrong(TWICE, DAY, expected=f"第 {first} 行")
                return
        self._rules += rules

    def _division(self, row: dict[str, str], day: date | None) -> str:
        code = _plain(row.get(DIVISION, ""))
        if code != COUNTRY:
            try:
                self._judge(code, day)
            except YunhuobanError as error:
                place = self._at(DIVISION)
                self._problems.append(
                    YunhuobanError(error.code, place=place, found=error.found, expected=error.expected)
                )
        return code

    def _empty(self, row: dict[str, str], *columns: str) -> None:
        for column in columns:
            if row.get(column, "").strip():
                self._wrong(NOT_EMPTY, column)

    def _demand(self, rules: Sequence[Any], said: str, expected: str) -> None:
        if not rules:
            self._wrong(BAD_DAY, DAY, found=said[:20] if said.isprintable() else "", expected=expected)

    def _wrong(self, code: Code, column: str = "", *, found: str = "", expected: str = "") -> None:
        self._problems.append(YunhuobanError(code, place=self._at(column), found=found, expected=expected))

    def _at(self, column: str) -> str:
        parts = (self._place, f"第 {self._line} 行" if self._line else "", f"“{column}”列" if column else "")
        return " ".join(part for part in parts if part)


def _text(data: bytes, place: str) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise OverrideRefused([YunhuobanError(BAD_BYTES, place=place)], place=place)


def _cells(line: str) -> list[str] | None:
    try:
        return next(csv.reader([line], strict=True), [])
    except csv.Error:
        return None


def _plain(cell: str) -> str:
    """The cell without what is only a matter of typing: spaces around it, full-width digits and signs."""
    return unicodedata.normalize("NFKC", cell).strip()


def _match(pattern: re.Pattern[str], text: str) -> list[int] | None:
    match = pattern.fullmatch(text)
    return [int(each) for each in match.groups()] if match else None


def _date(text: str) -> date | None:
    parts = _match(_DATE, text)
    if parts is None or parts[0] not in YEARS:
        return None
    try:
        return date(*parts)
    except ValueError:
        return None


def _weekdays(text: str) -> Sequence[int]:
    if text == EVERY_DAY:
        return range(7)
    text = text.replace("星期", "周").replace("周天", "周日")
    return [WEEKDAYS.index(text)] if text in WEEKDAYS else []
