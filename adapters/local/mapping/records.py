"""What goes into a mapping and what comes out of it: frozen records, and the one error that holds all problems."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from schemas.errors import YunhuobanError, declare

MAPPING_FAILED = declare(
    "E-MAP-001", "本地记录不能转换为标准记录，共 {count} 处问题。", "请按所列各处逐一改正后重新报送。"
)


@dataclass(frozen=True, slots=True)
class Lineage:
    """Where one canonical field came from."""

    canonical_field: str
    local_field: str
    """The local column, or empty when the mapping gives a constant."""
    rule: str
    """What was done on the way, in the mapping's own words: `trim → date`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldSeen:
    """One canonical field as it came out of one local record: both sides, the rule between them, what is wrong."""

    canonical_field: str
    """With the number of its row in a list: `materials[2].name`."""
    doc: str
    local_field: str
    rule: str
    personal: bool
    found: object
    """What the local record holds; None when it holds nothing, or there is no such column."""
    value: object
    """What it became; None when it became nothing."""
    problems: Sequence[YunhuobanError]


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One local record beside what became of it, whether it could be translated or not."""

    message_type: str
    """Empty when it is none of ours, or no rule fits."""
    why_not: str = ""
    """Why it is none of ours, in the mapping's own words."""
    fields: Sequence[FieldSeen] = ()
    problems: Sequence[YunhuobanError] = ()
    """What belongs to no single field."""
    unused: Sequence[str] = ()
    """Columns of the record that the rule does not ask for."""

    @property
    def all_problems(self) -> Sequence[YunhuobanError]:
        """Everything that is wrong with the record, each once, in the order of the fields."""
        found = [each for field in self.fields for each in field.problems] + list(self.problems)
        return list({(each.code.code, each.place, each.expected): each for each in found}.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Translation:
    """One local record as a canonical one."""

    message_type: str
    canonical: dict[str, Any]
    local_case: str
    """The local system's own number of the case, or our case number when the record carries it back."""
    destination: str | None
    """Division code of the issuing county; only for application.submitted."""
    service_item: str | None
    trial: bool = False
    """Whether the case is one on trial (试办); only for application.submitted."""
    lineage: Sequence[Lineage]
    mapping: str = ""
    """The version of the mapping that made it (`CountyMapping.version`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteContext:
    """What a local record may say beyond the canonical one."""

    case_no: str
    local_case: str | None
    """None when the local system has not seen this case: then the case number is its number there, too."""
    source: str
    source_name: str
    written_at: datetime
    trial: bool = False
    local_field: str = ""
    """Of a refusal: the county's own column of what was refused; empty when it is about no field of a record."""
    local_said: str = ""
    """Of a refusal: the same with the rule, as a sentence."""


class MappingFailed(YunhuobanError):  # noqa: N818 -- the word of the contract with the county node
    """All problems of one record, or of one mapping, at once."""

    def __init__(self, problems: Sequence[YunhuobanError], *, place: str) -> None:
        """Keep all problems; the text names only the place."""
        super().__init__(MAPPING_FAILED, place=place, found=str(len(problems)), count=str(len(problems)))
        self.problems = tuple(problems)
