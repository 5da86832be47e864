"""From objects of the catalogue to sheets of text, in the order of their keys; `reading` is the way back."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from hub.catalogue import sheets
from hub.catalogue.sheets import SHEETS, Sheet
from schemas.catalogue.model import Entity


def sheet_rows(sheet: Sheet, entities: Mapping[str, Entity]) -> Iterator[list[str]]:
    """The rows of one sheet below its headings."""
    parent = next((each for each in SHEETS if each.name == sheet.parent), None)
    owners = (parent or sheet).made
    for _, entity in sorted(entities.items()):
        if not isinstance(entity, owners):
            continue
        if parent is None:
            yield _row(sheet, entity, {})
            continue
        for part in getattr(entity, sheet.parts):
            above = (
                {"item": entity.code}
                if sheet is sheets.MATERIALS
                else {"county": entity.county, "handling": f"{entity.code}{part.handling}"}
            )
            yield _row(sheet, part, above)


def headings(sheet: Sheet) -> Sequence[str]:
    """The first row of a sheet."""
    return [each.heading for each in sheet.columns]


def _row(sheet: Sheet, thing: Any, above: Mapping[str, str]) -> list[str]:
    return [
        each.derived(thing)
        if each.derived is not None
        else above[each.name]
        if each.name in above
        else each.form.write(getattr(thing, each.name))
        for each in sheet.columns
    ]
