"""What the catalogue consists of; field names are those of the national tables (up_task_general_basic).

Whatever is one entry of the directory is one object here. Days are whole days in Beijing; an interval's last day
belongs to it, and None means without end.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final, TypeAlias

from schemas import directory as form
from schemas.identifiers.item import BASIC_LENGTH, IMPLEMENTATION_LENGTH


class Mode(StrEnum):
    """The three ways in which two counties handle a case (国办发〔2020〕35号)."""

    ONLINE = "online"
    RELAYED = "relayed"
    JOINT = "joint"


class Necessity(StrEnum):
    """Whether a material has to be there."""

    REQUIRED = "required"
    OPTIONAL = "optional"
    DEFERRABLE = "deferrable"


class MaterialSource(StrEnum):
    """Who makes a material."""

    APPLICANT = "applicant"
    GOVERNMENT = "government"
    OTHER = "other"


class LimitUnit(StrEnum):
    """In what a limit is counted."""

    WORKING_DAY = "working_day"
    MONTH = "month"
    YEAR = "year"
    DAY = "day"


LEVELS: Final = {"1": "国家", "2": "省", "3": "市", "4": "县", "5": "乡镇街道", "6": "村社区"}
"""行使层级, the 19th character of an 实施编码 (domain study §3.4)."""

ITEM_TYPES: Final = {
    "01": "行政许可", "02": "行政处罚", "03": "行政强制", "04": "行政征收", "05": "行政给付", "06": "行政检查",
    "07": "行政确认", "08": "行政奖励", "09": "行政裁决", "10": "其他行政权力", "20": "公共服务",
}  # fmt: skip
"""事项类型, the 3rd and 4th character of a 基本编码; provinces have more, which are shown by their digits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedMaterial:
    """One material that an item asks for."""

    code: str
    name: str
    necessity: Necessity
    source: MaterialSource
    exempt: bool
    """免提交: looked up by sharing, so nobody has to bring it."""

    @property
    def demanded(self) -> bool:
        """Whether an application without it is incomplete; what may follow later or is looked up is not demanded."""
        return self.necessity is Necessity.REQUIRED and not self.exempt


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceItem:
    """A service item by its 基本编码, with the guide that all counties share."""

    code: str
    name: str
    modes: Sequence[Mode]
    materials: Sequence[ListedMaterial]
    power_source: str
    accept_condition: str
    handle_flow: str
    result_name: str

    @property
    def key(self) -> str:
        """Its key in the directory."""
        return form.item_key(self.code)

    @property
    def item_type(self) -> str:
        """事项类型, in Chinese where it is one of the national ones."""
        return ITEM_TYPES.get(self.code[2:4], self.code[2:4])


@dataclass(frozen=True, slots=True, kw_only=True)
class BusinessItem:
    """A 业务办理项: establishment, change and the like; `handling` are the last two of its 33 characters."""

    handling: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Implementation:
    """A service item at one county by its 实施编码, with what the county's own guide says."""

    county: str
    code: str
    name: str
    business_items: Sequence[BusinessItem]
    anticipate_day: int
    """法定时限 in `anticipate_type`."""
    anticipate_type: LimitUnit
    promise_day: int
    """承诺时限 in `promise_type`; 0 is 即办."""
    promise_type: LimitUnit
    license_template: str
    greatest_state_age_seconds: int
    """How old a license's signed state may be at printing."""
    limit_scene_num: int
    """How often the applicant has to appear."""
    is_fee: bool
    special_procedure: str
    accept_condition: str
    """Empty when it is the item's."""
    handle_flow: str
    """Empty when it is the item's."""
    transact_addr: str
    transact_time: str
    link_way: str
    supervise_way: str
    valid_from: date
    valid_to: date | None

    @property
    def key(self) -> str:
        """Its key in the directory."""
        return form.implementation_key(self.county, self.code)

    @property
    def basic(self) -> str:
        """The 基本编码 within the 实施编码."""
        return self.code[IMPLEMENTATION_LENGTH - BASIC_LENGTH :]

    @property
    def level(self) -> str:
        """行使层级, in Chinese."""
        return LEVELS.get(self.code[18:19], "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Alliance:
    """An alliance of counties, or an agreement between two."""

    id: str
    name: str
    agreement: str
    valid_from: date
    valid_to: date | None

    @property
    def key(self) -> str:
        """Its key in the directory."""
        return form.alliance_key(self.id)


@dataclass(frozen=True, slots=True, kw_only=True)
class AllianceMember:
    """A county in an alliance."""

    alliance: str
    county: str
    name: str
    valid_from: date
    valid_to: date | None

    @property
    def key(self) -> str:
        """Its key in the directory."""
        return form.member_key(self.alliance, self.county)


@dataclass(frozen=True, slots=True, kw_only=True)
class AllianceItem:
    """A service item on an alliance's list."""

    alliance: str
    service_item: str
    valid_from: date
    valid_to: date | None

    @property
    def key(self) -> str:
        """Its key in the directory."""
        return form.alliance_item_key(self.alliance, self.service_item)


Entity: TypeAlias = ServiceItem | Implementation | Alliance | AllianceMember | AllianceItem
Dated: TypeAlias = Implementation | Alliance | AllianceMember | AllianceItem


def in_force(entity: Dated, on: date) -> bool:
    """Whether a day lies within its validity, both ends included."""
    return entity.valid_from <= on and (entity.valid_to is None or on <= entity.valid_to)
