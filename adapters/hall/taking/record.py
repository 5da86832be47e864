"""The canonical record of a taken application.

The contract carries neither the check of a person's identity nor where an application was taken, and of a material only
name, copies, how it was taken, code and a note. What the issuing county has to know of the rest is said in these notes.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from adapters.hall.taking import materials
from adapters.hall.taking.checking import Checked
from adapters.hall.taking.drafts import Draft
from adapters.hall.taking.fields import (
    AGENT,
    AGENTS,
    CHANNEL,
    CHANNELS,
    HALL,
    IDENTITY,
    IDENTITY_METHODS,
    ORGANISATION,
    PLACE,
    SELF,
)
from adapters.hall.taking.scans import Scan
from pages.frame import BEIJING

_EMPTY_REGISTRATION: Final[Mapping[str, Any]] = {
    "enterprise_name": "", "enterprise_kind": "", "legal_representative": "", "legal_representative_document_no": "",
    "registered_capital_fen": 0, "address": "", "business_scope": "",
}  # fmt: skip
"""Of an item that registers nothing."""
_NOTE_BYTES: Final = 500
IDENTITY_LINE: Final = "申请人身份核验记录"
"""The material under which the issuing county finds who checked the applicant, and where the application was taken."""


def record(
    draft: Draft, checked: Checked, files: Sequence[Scan], *, case_no: str, clerk: str, handling: str, now: datetime
) -> dict[str, Any]:
    """Of an application without hindrances; a scan's digest is of the file that was handed in.

    `handling` names the 业务办理项, whose code the contract has no place for.
    """
    made: dict[str, Any] = {"registration": dict(_EMPTY_REGISTRATION)}
    for path, value in checked.values.items():
        part, _, name = path.partition(".")
        if name and part in ("applicant", "registration"):
            made.setdefault(part, {})[name] = value
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
        "materials": [*material_records(draft, checked, files), _identity(draft, now)],
        "applied_at": now,
        "received_at": now,
        "window_no": draft.window_no,
        "clerk": clerk,
        "alliance": "",
    }


_PROJECT_NAME_BYTES: Final = 200
_CONTACT_CHARACTERS: Final = 33  # of three bytes each: contact_name holds 100
_OWN: Final = ("project_name", "contact_name", "contact_mobile", "mode")


def material_records(draft: Draft, checked: Checked, files: Sequence[Scan]) -> list[dict[str, Any]]:
    """The materials of a form, each with what is known of it in its note."""
    found = []
    for row in checked.rows:
        said = {part: draft.typed.get(row.path(part), "").strip() for part in materials.PARTS}
        if not said["taken_as"]:
            continue
        digests = [each.sha256 for each in files if each.material == row.key]
        found.append(
            {
                "name": _cut(row.name or said["name"], materials.NAME_BYTES),
                "copies": int(said["copies"] or "1"),
                "taken_as": materials.TAKEN_AS[said["taken_as"]],
                "note": _note(said["note"], said["trust"], draft.stamps.get(row.path("trust")), digests),
                "code": row.code,
            }
        )
    return found


def _note(own: str, trust: str, stamp: Mapping[str, str] | None, digests: Sequence[str]) -> str:
    parts = [own] if own else []
    parts.append(f"可信等级{trust}")
    if stamp is not None:
        parts.append(f"{_moment(stamp['at'])}由{stamp['by']}与原件核对")
    for number, each in enumerate(digests):
        more = f"扫描件{len(digests)}份，sha256:{each}" if number == 0 else f"sha256:{each}"
        if len("；".join([*parts, more]).encode()) > _NOTE_BYTES:
            break
        parts.append(more)
    return _cut("；".join(parts), _NOTE_BYTES)


def _identity(draft: Draft, now: datetime) -> dict[str, Any]:
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
    }


def _cut(text: str, most_bytes: int) -> str:
    return text.encode()[:most_bytes].decode(errors="ignore")


def _moment(said: str) -> str:
    return datetime.fromisoformat(said).astimezone(BEIJING).strftime("%Y-%m-%d %H:%M")
