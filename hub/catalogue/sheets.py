"""The sheets by which people fill the catalogue: names, Chinese headings, and how each cell is read and written.

Cells are texts here, whatever file they come from (`workbook`, `csvfolder`). What is written is read back the same.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, Final, NamedTuple, TypeVar

from schemas.catalogue.checks import ITEM_CODE_LENGTH
from schemas.catalogue.model import (
    Alliance,
    AllianceItem,
    AllianceMember,
    BusinessItem,
    Implementation,
    LimitUnit,
    ListedMaterial,
    MaterialSource,
    Mode,
    Necessity,
    ServiceItem,
)
from schemas.errors import YunhuobanError, declare
from schemas.identifiers.item import HANDLING_LENGTH

CELL_WRONG: Final = declare("E-CAT-020", "这一格的内容不是此处允许的值。", "请按预期的写法填写。")
_DAY_SECONDS: Final = 24 * 3600
_SHOWN: Final = 40
_S = TypeVar("_S", bound=StrEnum)


class Form(NamedTuple):
    """How a cell of some kind is read (raises E-CAT-…) and written, and what stands for one that cannot be read."""

    read: Callable[[str], Any]
    write: Callable[[Any], str]
    blank: Any


def wrong(found: str, expected: str) -> YunhuobanError:
    """A cell that does not hold what belongs there; only its beginning is shown."""
    shown = "".join(each if each.isprintable() else "�" for each in found[:_SHOWN])
    return YunhuobanError(CELL_WRONG, found=shown, expected=expected)


def _text(cell: str) -> str:
    return cell.replace("\r\n", "\n").replace("\r", "\n")


def _number(cell: str) -> int:
    if not (cell.isascii() and cell.isdigit() and len(cell) <= 6):
        raise wrong(cell, "0…999999")
    return int(cell)


def _day(cell: str) -> date:
    parts = cell.replace("/", "-").split("-")
    try:
        if [len(each) for each in parts][:1] != [4] or not all(each.isascii() and each.isdigit() for each in parts):
            raise wrong(cell, "2026-01-31")
        year, month, day = map(int, parts)
        return date(year, month, day)
    except ValueError as error:
        raise wrong(cell, "2026-01-31") from error


def _one_of(words: Mapping[_S, str]) -> Form:
    values = {word: value for value, word in words.items()}

    def read(cell: str) -> _S:
        if cell not in values:
            raise wrong(cell, " / ".join(values))
        return values[cell]

    return Form(read, lambda value: words[value], next(iter(words)))


def _some_of(words: Mapping[_S, str]) -> Form:
    one = _one_of(words)
    return Form(
        lambda cell: tuple(one.read(each.strip()) for each in cell.split("、")) if cell else (),
        lambda values: "、".join(map(one.write, values)),
        (),
    )


def _handling_code(cell: str) -> str:
    if len(cell) != HANDLING_LENGTH:
        raise YunhuobanError(ITEM_CODE_LENGTH, found=f"len={len(cell)}", expected=f"len={HANDLING_LENGTH}")
    return cell


def _flag(cell: str) -> bool:
    if cell not in ("是", "否"):
        raise wrong(cell, "是 / 否")
    return cell == "是"


TEXT: Final = Form(_text, str, "")
HANDLING_CODE: Final = Form(_handling_code, str, "")
NUMBER: Final = Form(_number, str, 0)
DAYS_AS_SECONDS: Final = Form(
    lambda cell: _number(cell) * _DAY_SECONDS, lambda seconds: str(seconds // _DAY_SECONDS), 0
)
FLAG: Final = Form(_flag, lambda value: "是" if value else "否", blank=False)
DAY: Final = Form(_day, lambda day: day.isoformat(), date(1970, 1, 1))
LAST_DAY: Final = Form(lambda cell: _day(cell) if cell else None, lambda day: day.isoformat() if day else "", None)
MODES: Final = _some_of({Mode.ONLINE: "全程网办", Mode.RELAYED: "异地代收代办", Mode.JOINT: "多地联办"})
NECESSITY: Final = _one_of({Necessity.REQUIRED: "必要", Necessity.OPTIONAL: "非必要", Necessity.DEFERRABLE: "容缺后补"})
SOURCE: Final = _one_of(
    {
        MaterialSource.APPLICANT: "申请人自备",
        MaterialSource.GOVERNMENT: "政府部门核发",
        MaterialSource.OTHER: "其他",
    }
)
UNIT: Final = _one_of(
    {LimitUnit.WORKING_DAY: "工作日", LimitUnit.MONTH: "月", LimitUnit.YEAR: "年", LimitUnit.DAY: "天"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column; a derived one follows from the others, may be left empty, and must agree when it is filled."""

    heading: str
    name: str
    form: Form = TEXT
    derived: Callable[[Any], str] | None = None
    wide: int = 18
    """In characters, in a workbook."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One sheet; the rows of a part belong to the row of `parent` with the same key."""

    name: str
    made: type[Any]
    columns: Sequence[Column]
    parent: str = ""
    parts: str = ""
    """The field of the parent that holds these rows."""


def _column(heading: str, name: str, form: Form = TEXT, *, wide: int = 18) -> Column:
    return Column(heading=heading, name=name, form=form, wide=wide)


ITEMS: Final = Sheet(
    name="事项",
    made=ServiceItem,
    columns=(
        _column("基本编码", "code"),
        _column("事项名称", "name", wide=36),
        Column(heading="事项类型", name="item_type", derived=lambda item: str(item.item_type)),
        _column("办理模式", "modes", MODES),
        _column("设定依据", "power_source", wide=40),
        _column("受理条件", "accept_condition", wide=60),
        _column("办理流程", "handle_flow", wide=60),
        _column("办理结果名称", "result_name"),
    ),
)
MATERIALS: Final = Sheet(
    name="材料",
    made=ListedMaterial,
    parent=ITEMS.name,
    parts="materials",
    columns=(
        _column("基本编码", "item"),
        _column("材料编码", "code"),
        _column("材料名称", "name", wide=36),
        _column("必要性", "necessity", NECESSITY),
        _column("来源", "source", SOURCE),
        _column("免提交", "exempt", FLAG),
    ),
)
IMPLEMENTATIONS: Final = Sheet(
    name="实施清单",
    made=Implementation,
    columns=(
        _column("行政区划代码", "county"),
        _column("实施编码", "code", wide=36),
        Column(heading="行使层级", name="level", derived=lambda done: str(done.level)),
        _column("事项名称", "name", wide=36),
        _column("法定时限", "anticipate_day", NUMBER),
        _column("法定时限单位", "anticipate_type", UNIT),
        _column("承诺时限", "promise_day", NUMBER),
        _column("承诺时限单位", "promise_type", UNIT),
        _column("证照模板", "license_template"),
        _column("证照状态时效（天）", "greatest_state_age_seconds", DAYS_AS_SECONDS),
        _column("到现场次数", "limit_scene_num", NUMBER),
        _column("是否收费", "is_fee", FLAG),
        _column("特别程序", "special_procedure"),
        _column("受理条件", "accept_condition", wide=40),
        _column("办理流程", "handle_flow", wide=40),
        _column("办理地点", "transact_addr", wide=36),
        _column("办理时间", "transact_time", wide=36),
        _column("咨询电话", "link_way"),
        _column("监督投诉方式", "supervise_way"),
        _column("有效期起", "valid_from", DAY),
        _column("有效期止", "valid_to", LAST_DAY),
    ),
)
BUSINESS_ITEMS: Final = Sheet(
    name="业务办理项",
    made=BusinessItem,
    parent=IMPLEMENTATIONS.name,
    parts="business_items",
    columns=(
        _column("行政区划代码", "county"),
        _column("业务办理项编码", "handling", HANDLING_CODE, wide=38),
        _column("业务办理项名称", "name", wide=36),
    ),
)
ALLIANCES: Final = Sheet(
    name="联盟",
    made=Alliance,
    columns=(
        _column("联盟编号", "id"),
        _column("联盟名称", "name", wide=36),
        _column("协议", "agreement", wide=60),
        _column("有效期起", "valid_from", DAY),
        _column("有效期止", "valid_to", LAST_DAY),
    ),
)
MEMBERS: Final = Sheet(
    name="联盟成员",
    made=AllianceMember,
    columns=(
        _column("联盟编号", "alliance"),
        _column("行政区划代码", "county"),
        _column("县名称", "name"),
        _column("加入日期", "valid_from", DAY),
        _column("退出日期", "valid_to", LAST_DAY),
    ),
)
ALLIANCE_ITEMS: Final = Sheet(
    name="联盟事项",
    made=AllianceItem,
    columns=(
        _column("联盟编号", "alliance"),
        _column("基本编码", "service_item"),
        _column("列入日期", "valid_from", DAY),
        _column("移出日期", "valid_to", LAST_DAY),
    ),
)
SHEETS: Final = (ITEMS, MATERIALS, IMPLEMENTATIONS, BUSINESS_ITEMS, ALLIANCES, MEMBERS, ALLIANCE_ITEMS)


def letter(position: int) -> str:
    """The letter of a column, as spreadsheets count: A for 0, AA for 26."""
    text = ""
    position += 1
    while position:
        position, rest = divmod(position - 1, 26)
        text = chr(ord("A") + rest) + text
    return text
