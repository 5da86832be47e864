"""The catalogue's objects as records of the contract and back; store and directory hold the same bytes."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields
from enum import Enum
from typing import Any, Final

from schemas import codec
from schemas import directory as form
from schemas.catalogue.model import (
    Alliance,
    AllianceItem,
    AllianceMember,
    BusinessItem,
    Entity,
    Implementation,
    LimitUnit,
    ListedMaterial,
    MaterialSource,
    Mode,
    Necessity,
    ServiceItem,
)

CLASSES: Final[Mapping[str, type[Entity]]] = {
    form.ITEM: ServiceItem,
    form.IMPLEMENTATION: Implementation,
    form.ALLIANCE: Alliance,
    form.MEMBER: AllianceMember,
    form.ALLIANCE_ITEM: AllianceItem,
}
"""By kind of entry; a class is named like its record."""


def encode(entity: Entity) -> bytes:
    """The entry's value. Raises E-CODEC-002, -006 or -009 for what `checks` would have found."""
    return codec.encode(type(entity).__name__, _plain(entity))


def entries(entities: Iterable[Entity]) -> dict[str, bytes]:
    """Values by key."""
    return {each.key: encode(each) for each in entities}


def decode(key: str, value: bytes) -> Entity:
    """The object under a key of one of the catalogue's kinds. Raises E-CODEC-…, ValueError for another key's value."""
    made = CLASSES[form.kind_of(key)]
    record = codec.decode(value, made.__name__)
    entity = made(**{name: _READ.get(name, _same)(given) for name, given in record.items()})
    if entity.key != key:
        raise ValueError(key)
    return entity


def _plain(thing: Any) -> dict[str, Any]:
    return {each.name: _value(getattr(thing, each.name)) for each in fields(thing)}


def _value(given: Any) -> Any:
    if isinstance(given, Enum):
        return given.value
    if isinstance(given, tuple | list):
        return [_value(each) if isinstance(each, Enum) else _plain(each) for each in given]
    return given


def _same(given: Any) -> Any:
    return given


def _material(record: Mapping[str, Any]) -> ListedMaterial:
    return ListedMaterial(
        code=record["code"],
        name=record["name"],
        necessity=Necessity(record["necessity"]),
        source=MaterialSource(record["source"]),
        exempt=record["exempt"],
    )


_READ: Final[Mapping[str, Callable[[Any], Any]]] = {
    "modes": lambda given: tuple(map(Mode, given)),
    "materials": lambda given: tuple(map(_material, given)),
    "business_items": lambda given: tuple(BusinessItem(**each) for each in given),
    "anticipate_type": LimitUnit,
    "promise_type": LimitUnit,
}
