"""Samples for a new county: records with the columns of its own system and invented contents. Nobody in them exists."""

from collections.abc import Mapping
from typing import Any, Final

from adapters.countyit.suggesting import masked
from adapters.countyit.suggesting.proposal import Choice, Column, FieldProposal, ListProposal, Proposal

_ITEMS: Final = ("11140881MB0000000U4000131127004", "11130928MB000000054000131127004")
_BY_SHAPE: Final = {
    "citizen": "130928198501010014",
    "document_no": "130928198501010014",
    "credit": "91140881MA00000152",
    "license_identifier": "1.2.156.3005.2.11100000MB0143028R001.11140881MB0000000U.000000001.001.6",
    "phone": "19900000001",
    "time": "2026-11-22 09:18:00",
    "amount": "100",
    "integer": "1",
    "flag": "0",
}
_BY_FIELD: Final = {
    "project_name": "某某商贸有限公司设立登记",
    "applicant.name": "欧阳𠮷",
    "contact_name": "欧阳𠮷",
    "registration.enterprise_name": "某某商贸有限公司",
    "registration.enterprise_kind": "有限责任公司（自然人独资）",
    "registration.legal_representative": "欧阳𠮷",
    "registration.address": "某某大街１号",
    "registration.business_scope": "日用百货零售。",
    "window_no": "０７",
    "clerk": "窗口张",
    "materials.name": "公司章程",
    "materials.taken_as": "原件",
    "materials.note": "",
    "defects.material": "公司章程",
    "defects.problem": "没有签字",
    "defects.remedy": "请补签字",
}
_CASE: Final = "样例-000001"


def records(proposal: Proposal, county: str) -> list[dict[str, Any]]:
    """Two records of the main table: an ordinary one, and one with nothing filled in but its numbers."""
    item = next(each for each in _ITEMS if each[2:8] != county)
    full, children = _filled(proposal, item)
    bare = dict.fromkeys(proposal.main.columns, "") | {
        each.column.name: _CASE for each in _numbers(proposal) if each.column.table is proposal.main
    }
    empty = {name: [dict.fromkeys(row, "") for row in rows] for name, rows in children.items()}
    kind = proposal.main.name
    return [
        {"kind": kind, "key": "样例-寻常", "row": full, "children": children},
        {"kind": kind, "key": "样例-空着", "row": _kept(bare, full, proposal), "children": empty},
    ]


def _kept(bare: dict[str, str], full: Mapping[str, str], proposal: Proposal) -> dict[str, str]:
    """What says which kind of row it is stays filled in: a national table marks its rows."""
    return bare | {name: full[name] for name in ("cd_operation", "data_source") if name in proposal.main.columns}


def _numbers(proposal: Proposal) -> list[Choice]:
    return [found for path in ("case", "project_no") if (found := proposal.chosen(path))]


def _filled(proposal: Proposal, item: str) -> tuple[dict[str, str], dict[str, list[dict[str, str]]]]:
    rows = {proposal.main.name: dict.fromkeys(proposal.main.columns, "")}
    for each in (*proposal.fields, *(field for found in proposal.lists for field in found.fields if found.table)):
        if each.first is not None:
            table = each.first.column.table
            row = rows.setdefault(table.name, dict.fromkeys(table.columns, ""))
            row[each.first.column.name] = value(each, item)
    main = rows[proposal.main.name]
    if "cd_operation" in main:
        main |= {"cd_operation": "I"}
    main |= {column: "样例" for column in proposal.main.key if not main.get(column)}
    for found in proposal.lists:
        if found.pieces:
            main[found.source] = _cell(found, item)
    inside = {each.table.name for each in proposal.lists if each.table is not None and each.table.inside}
    for name, link in proposal.children.items():
        row = rows.setdefault(name, {})
        if name not in inside:  # what lies inside a row does not name it
            row[link] = main.get(link, "")
    return main, {name: [rows[name]] for name in proposal.children}


def value(proposal: FieldProposal, item: str) -> str:
    """An invented value for a field, as its column writes it."""
    target, choice = proposal.target, proposal.first
    if target.path in ("case", "project_no"):
        return _CASE
    if target.shape == "item":
        return item
    if target.shape == "code" and choice is not None:
        return _code(choice.column) or _BY_FIELD.get(target.path, "")
    return _BY_FIELD.get(target.path, _BY_SHAPE.get(target.shape, "样例"))


def _code(column: Column) -> str:
    return next(iter(masked.shown_codes(column.evidence)), "")


def _cell(found: ListProposal, item: str) -> str:
    pieces = {each.first.column.name: value(each, item) for each in found.fields if each.first}
    return found.cell_separator.join(pieces.get(name, "") for name in found.pieces)
