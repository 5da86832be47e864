"""What was typed into a form: the canonical record that it makes, or what is wrong at which field. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from adapters.hall.around import pasting
from adapters.hall.around.forms import Paper, Rows
from adapters.hall.around.known import Known, settled
from adapters.hall.around.values import value_of
from schemas.errors import YunhuobanError
from schemas.workdays.hours import BEIJING

_IN_ROW: Final = re.compile(r"(?P<rows>\w+)\[(?P<number>[0-9]{1,4})\](?P<rest>.*)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """A form as it came back."""

    record: Mapping[str, Any] = field(repr=False)
    problems: Mapping[str, YunhuobanError]
    """By the field's name in the form; the record is whole when there is none."""
    rows: Mapping[str, Sequence[int]]
    """Which rows of the form were filled: those of the record, one after the other."""

    def place(self, of_record: str) -> str:
        """Where in the form something stands that is named by its place in the record (`manifest[2].name`)."""
        found = _IN_ROW.fullmatch(of_record)
        rows = self.rows.get(found["rows"], ()) if found is not None else ()
        if found is None or not 1 <= int(found["number"]) <= len(rows):
            return of_record
        return f"{found['rows']}.{rows[int(found['number']) - 1]}{found['rest']}"


def read(paper: Paper, typed: Mapping[str, str], known: Known) -> Read:
    """The record with what the program knows and counts. Never raises."""
    record, problems, filled = settled(paper.kind, known), dict[str, YunhuobanError](), dict[str, list[int]]()
    for ask in paper.asks:
        try:
            record[ask.path] = value_of(ask, typed.get(ask.path, ""))
        except YunhuobanError as error:
            problems[ask.path] = error
    for rows in paper.rows:
        if rows.pasted:
            try:
                record[rows.path] = pasting.lines_of(rows, typed.get(rows.path, ""))
            except YunhuobanError as error:
                problems[rows.path] = error
        else:
            filled[rows.path] = _filled(rows, typed)
            record[rows.path] = [_row(rows, number, typed, problems) for number in filled[rows.path]]
    if not problems:
        _count(paper.kind, record, known)
    return Read(record=record, problems=problems, rows=filled)


def _filled(rows: Rows, typed: Mapping[str, str]) -> list[int]:
    """The rows with anything in them beside what stood there before."""
    if rows.fixed:
        return list(range(1, rows.count + 1))
    asked = [ask for ask in rows.columns if not ask.first]
    return [
        number
        for number in range(1, rows.count + 1)
        if any(typed.get(rows.name(number, ask), "").strip() for ask in asked)
    ]


def _row(rows: Rows, number: int, typed: Mapping[str, str], problems: dict[str, YunhuobanError]) -> dict[str, Any]:
    made: dict[str, Any] = dict(rows.fixed[number - 1]) if rows.fixed else {}
    for ask in rows.columns:
        try:
            made[ask.path] = value_of(ask, typed.get(rows.name(number, ask), ""))
        except YunhuobanError as error:
            problems[rows.name(number, ask)] = error
    return made


def _count(kind: str, record: dict[str, Any], known: Known) -> None:
    """What follows from the rest."""
    if kind == "parcel.received":
        record["matches"] = not record["mismatches"]
    elif kind == "visit.offered":
        for each in record["slots"]:
            each["slot_no"] = each["slot_no"] or f"S{each['begins_at'].astimezone(BEIJING):%Y%m%d-%H%M}"
        record["checklist"] = [{"point": point, **each} for point, each in enumerate(record["checklist"], 1)]
    elif kind == "visit.booked":
        record["visit"] = next(
            offer.record["visit"]
            for offer in reversed(known.said)
            if offer.type == "visit.offered"
            and record["slot_no"] in [slot["slot_no"] for slot in offer.record["slots"]]
        )
    elif kind == "visit.done":
        record["passed"] = all(each["passed"] for each in record["results"])
    elif kind == "list.published":
        record["count"] = len(record["lines"])
    elif kind == "list.reconciled":
        record["count"] = len(record["outcomes"])
        record["differing"] = sum(each["result"] != "matches" for each in record["outcomes"])
    elif kind == "opinion.given":
        record["signature_image"] = None  # drawn on the page; the desk puts it in
    elif kind == "license.expiring":
        ends = {each.identifier: each.valid_until for each in known.licenses}
        record["valid_until"] = ends[record["license_identifier"]]
