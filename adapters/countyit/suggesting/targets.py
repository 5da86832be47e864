"""The fields that a message needs from the local system, each with the shape that its values should have."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

from adapters.local.mapping import canonical
from adapters.local.mapping.canonical import Leaf
from schemas import messages

CONSTANTS: Final[Mapping[str, Mapping[str, tuple[str, str]]]] = {
    "application.submitted": {
        "mode": ("relayed", "异地代收代办；online 为全程网办，joint 为多地联办"),
        "alliance": ("", "空：由适配器按目录选两县共同加入、列有该事项的第一个联盟"),
    }
}
"""By message: fields that are the same for every case, with what to know about them."""

DEFAULTS: Final[Mapping[str, str | int]] = {"materials.copies": 1, "materials.taken_as": "原件"}
"""What is written for a field that no column holds, where one value is usual."""

_SHAPES: Final = {
    "service_item": "item",
    "applicant.document_no": "document_no",
    "applicant.document_kind": "code",
    "applicant.mobile": "phone",
    "contact_mobile": "phone",
    "registration.legal_representative_document_no": "citizen",
    "registration.registered_capital_fen": "amount",
    "materials.taken_as": "code",
    "license_identifier": "license_identifier",
    "renews": "license_identifier",
    "successor": "license_identifier",
    "license_number": "credit",
    "trial": "flag",
}
_BY_FORM: Final = {"date": "time", "timestamp-millis": "time", "enum": "code", "int": "integer", "long": "integer"}
_MAY_BE_EMPTY: Final = frozenset(
    {
        "applicant.mobile", "contact_mobile", "materials.note", "note", "waybill", "explanation",
        "decision.made:reasons", "decision.made:remedies", "decision.made:license_number", "case.withdrawn:reasons",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Target:
    """One field that wants a column."""

    path: str
    """As the vocabulary names it: `applicant.name`, `materials.name` for a field of a list, `case`."""
    leaf: Leaf
    shape: str
    """What its values are (a key of `evidence.SAID`), or empty for any text."""
    may_be_empty: bool

    @property
    def required(self) -> bool:
        """Whether the mapping has to give it."""
        return not self.leaf.nullable


@dataclass(frozen=True, slots=True)
class Targets:
    """All fields of a message."""

    fields: Sequence[Target]
    lists: Mapping[str, Sequence[Target]]
    opens: bool
    """Whether the message begins a case: then it also names the issuing county and the item."""


@cache
def targets(message_type: str) -> Targets:
    """Return what a message needs. Raises KeyError for an unknown type."""
    shape = canonical.shape(message_type)
    opens = messages.TYPES[message_type].opens
    constants = CONSTANTS.get(message_type, {})
    case = Leaf("case", "string", (), 100, personal=False, nullable=False, doc="办件编号")
    fields = [_target(message_type, "case", case)]
    fields += [
        _target(message_type, path, leaf)
        for path, leaf in canonical.said(message_type).items()
        if path not in constants and not leaf.within  # what no local form is known to hold is proposed to nobody
    ]
    fields += [_target(message_type, "trial", canonical.TRIAL)] if opens else []
    lists = {
        path: [_target(message_type, f"{path}.{name}", leaf) for name, leaf in each.leaves.items() if not leaf.within]
        for path, each in shape.repeated.items()
        if not each.within
    }
    return Targets(fields, lists, opens)


def _target(message_type: str, path: str, leaf: Leaf) -> Target:
    may = path in _MAY_BE_EMPTY or f"{message_type}:{path}" in _MAY_BE_EMPTY
    return Target(path, leaf, _SHAPES.get(path) or _BY_FORM.get(leaf.form, ""), may)
