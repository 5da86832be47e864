"""The canonical record of a taken application.

Who checked the applicant, how and when, where it was taken, and what each material is worth are fields since version
1.2 of the contract. For a county that reads an older one they are said in the notes of materials, as every version has
them. A scan's digest is always said in its material's note.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from adapters.hall.taking import materials, naming, once
from adapters.hall.taking.checking import Checked
from adapters.hall.taking.drafts import Draft
from adapters.hall.taking.enclosing import Enclosed, brought
from adapters.hall.taking.fields import (
    ACCEPTANCE,
    ACCEPTED,
    AGENT,
    AGENTS,
    AUTHORITY_DOCUMENT,
    AUTHORITY_SCOPE,
    AUTHORITY_UNTIL,
    CHANNEL,
    CHANNELS,
    HALL,
    IDENTITY,
    IDENTITY_METHODS,
    ORGANISATION,
    ORIGIN,
    PLACE,
    SELF,
)
from adapters.hall.taking.materials import Row
from adapters.hall.taking.scans import Scan
from adapters.licenses import particulars
from pages.frame import BEIJING

_EMPTY_REGISTRATION: Final[Mapping[str, Any]] = {
    "enterprise_name": "", "enterprise_kind": "", "legal_representative": "", "legal_representative_document_no": "",
    "registered_capital_fen": 0, "address": "", "business_scope": "",
}  # fmt: skip
"""Of an item that registers nothing."""
_NOTHING_SHARED: Final = dict.fromkeys(("named_license", "annotation"))
_NOTE_BYTES: Final = 500
IDENTITY_LINE: Final = "申请人身份核验记录"
"""The material under which the issuing county finds who checked the applicant, and where the application was taken."""


def record(
    draft: Draft,
    checked: Checked,
    files: Sequence[Scan],
    enclosed: Enclosed | None,
    *,
    case_no: str,
    clerk: str,
    handling: str,
    fielded: bool,
    told: bool,
    origin: str,
    now: datetime,
) -> dict[str, Any]:
    """Of an application without hindrances; a scan's digest is of the file that was handed in.

    `enclosed` are the files that travel, None when the issuing county knows of none.
    `handling` names the 业务办理项, whose code the contract has no place for. `fielded` says that the issuing county
    reads 1.2, `told` that it reads what was done in its place, and of agents and origins. `origin` is the name of
    the town or village that was chosen.
    """
    made: dict[str, Any] = {"registration": dict(_EMPTY_REGISTRATION), **dict.fromkeys(particulars.PARTS)}
    for path, value in checked.values.items():
        part, _, name = path.partition(".")
        if name and part in ("applicant", "registration", *particulars.PARTS):
            made[part] = (made.get(part) or {}) | {name: value}
        elif path in _OWN:
            made[path] = value
    if draft.typed.get(AGENT, SELF) == SELF and not made["contact_name"]:
        made["contact_name"] = made["applicant"]["name"][:_CONTACT_CHARACTERS]
        made["contact_mobile"] = made["contact_mobile"] or made["applicant"]["mobile"]
    if handling and handling not in made["project_name"]:
        made["project_name"] = _cut(f"{made['project_name']}（{handling}）", _PROJECT_NAME_BYTES)
    return made | {
        "project_no": case_no,
        "service_item": draft.service_item,
        "materials": [
            *material_records(draft, checked, files if enclosed is None else (), fielded=fielded),
            *(() if fielded else (_identity_note(draft, now),)),
        ],
        "files": enclosed.files if enclosed is not None else [],
        "intake": _intake(draft, made["contact_name"], checked, origin, now, told=told) if fielded else None,
        "applied_at": now,
        "received_at": now,
        "window_no": draft.window_no,
        "clerk": clerk,
        "alliance": "",
        "window_acceptance": _acceptance(draft, case_no, clerk, now) if told else None,
        "once_notice": once.record(draft) if told else None,
    }


def _acceptance(draft: Draft, case_no: str, clerk: str, now: datetime) -> dict[str, Any] | None:
    if draft.typed.get(ACCEPTANCE) != ACCEPTED:
        return None
    return {"accept_doc_no": f"SL-{case_no}", "accepted_at": now, "clerk": clerk}


_PROJECT_NAME_BYTES: Final = 200
_CONTACT_CHARACTERS: Final = 33  # of three bytes each: contact_name holds 100
_OWN: Final = ("project_name", "contact_name", "contact_mobile", "mode")


_CHANNELS: Final = {HALL: "window", "town": "township", "village": "village", "organisation": "agency"}
"""The contract's words for the form's."""


def _intake(draft: Draft, contact: str, checked: Checked, origin: str, now: datetime, *, told: bool) -> dict[str, Any]:
    typed, stamp = draft.typed, draft.stamps.get(IDENTITY, {})
    agent = typed.get(AGENT, SELF)
    return {
        "channel": _CHANNELS[typed.get(CHANNEL, HALL)],
        "intake_place": typed.get(PLACE, "").strip() or origin,
        "agent": agent,
        "organisation": "" if agent == SELF else typed.get(ORGANISATION, "").strip(),
        "identity_method": typed[IDENTITY],
        "identity_checker_no": stamp.get("by", draft.account),
        "origin_code": (typed.get(ORIGIN) or None) if told else None,
        "authority": _authority(draft, contact, checked) if told and agent != SELF else None,
        "identity_checked_at": datetime.fromisoformat(stamp["at"]) if "at" in stamp else now,
    }


def _authority(draft: Draft, contact: str, checked: Checked) -> dict[str, Any]:
    return {
        "agent_name": contact,
        "document": draft.typed[AUTHORITY_DOCUMENT].strip(),
        "scope": draft.typed[AUTHORITY_SCOPE].strip(),
        "valid_until": checked.values[AUTHORITY_UNTIL],
    }


def material_records(draft: Draft, checked: Checked, files: Sequence[Scan], *, fielded: bool) -> list[dict[str, Any]]:
    """The materials of a form, each with what is known of it: in its fields, or in its note.

    `files` are those whose digest is to be in the note.
    """
    found = []
    for row in brought(draft, checked):
        if (shared := naming.shared(draft, row)) is not None:
            found.append(_shared(draft, row, shared))
            continue
        said = {part: draft.typed.get(row.path(part), "").strip() for part in materials.PARTS}
        digests = [each.sha256 for each in files if each.material == row.key]
        stamp = draft.stamps.get(row.path("trust"))
        at = datetime.fromisoformat(stamp["at"]) if stamp is not None else None
        worth = [] if fielded else _worth(said["trust"], stamp)
        found.append(
            {
                "name": _cut(row.name or said["name"], materials.NAME_BYTES),
                "copies": int(said["copies"] or "1"),
                "taken_as": materials.TAKEN_AS[said["taken_as"]],
                "note": _note([*filter(None, [said["note"]]), *worth], digests),
                "code": row.code,
                "trust": said["trust"] if fielded else None,
                "compared_by": stamp["by"] if fielded and stamp is not None else None,
                "compared_at": at if fielded else None,
                **_NOTHING_SHARED,
            }
        )
    return found


def _shared(draft: Draft, row: Row, shared: Mapping[str, str]) -> dict[str, Any]:
    """What comes from the journal: whoever chose it checked it against the journal then."""
    return {
        "name": _cut(row.name, materials.NAME_BYTES),
        "copies": 1,
        "taken_as": materials.TAKEN_AS["electronic"],
        "note": "",
        "code": row.code,
        "trust": naming.LEVEL,
        "compared_by": shared["by"],
        "compared_at": datetime.fromisoformat(shared["at"]),
        **naming.said_of(draft, row),
    }


def _worth(trust: str, stamp: Mapping[str, str] | None) -> list[str]:
    compared = [f"{_moment(stamp['at'])}由{stamp['by']}与原件核对"] if stamp is not None else []
    return [f"可信等级{trust}", *compared]


def _note(parts: list[str], digests: Sequence[str]) -> str:
    for number, each in enumerate(digests):
        more = f"扫描件{len(digests)}份，sha256:{each}" if number == 0 else f"sha256:{each}"
        if len("；".join([*parts, more]).encode()) > _NOTE_BYTES:
            break
        parts.append(more)
    return _cut("；".join(parts), _NOTE_BYTES)


def _identity_note(draft: Draft, now: datetime) -> dict[str, Any]:
    typed, stamp = draft.typed, draft.stamps.get(IDENTITY, {})
    channel = typed.get(CHANNEL, HALL)
    parts = [
        IDENTITY_METHODS[typed[IDENTITY]],
        f"核验人{stamp.get('by', draft.account)}，{_moment(stamp.get('at', now.isoformat()))}",
        f"收件渠道：{CHANNELS[channel]}{typed.get(PLACE, '').strip()}",
    ]
    if typed.get(AGENT, SELF) != SELF:
        parts.append(f"{AGENTS[typed[AGENT]]}{typed.get(ORGANISATION, '').strip()}")
    note = _cut("；".join(parts), _NOTE_BYTES)
    return {
        "name": IDENTITY_LINE,
        "copies": 1,
        "taken_as": materials.TAKEN_AS["electronic"],
        "note": note,
        "code": None,
        **dict.fromkeys(("trust", "compared_by", "compared_at")),
        **_NOTHING_SHARED,
    }


def _cut(text: str, most_bytes: int) -> str:
    return text.encode()[:most_bytes].decode(errors="ignore")


def _moment(said: str) -> str:
    return datetime.fromisoformat(said).astimezone(BEIJING).strftime("%Y-%m-%d %H:%M")
