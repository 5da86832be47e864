"""The form of a supplement, and the record that it becomes: what the notice asks for, by materials and by fields.

The contract's record has materials and a note. A corrected field is checked as it was in the application, by the same
functions, and said in the note under its name.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from adapters.hall.taking import checking
from adapters.hall.taking.checking import Checked, Problem
from adapters.hall.taking.drafts import Draft
from adapters.hall.taking.enclosing import Enclosed
from adapters.hall.taking.fields import Field, Form, Group, fields
from adapters.hall.taking.materials import Row, extra_rows, is_shareable
from adapters.hall.taking.notice import Defect, Notice
from adapters.hall.taking.offered import Offered
from adapters.hall.taking.record import material_records
from adapters.hall.taking.scans import Scan
from pages.wording import mark as _
from schemas.catalogue.model import ListedMaterial
from schemas.errors import YunhuobanError

PROVIDED: Final = "supplement.provided"
NOTE: Final = "note"
_NOTE_BYTES: Final = 2000
_NOT_CORRECTED: Final = frozenset({"mode", "project_name"})


def asked(what: Offered) -> Sequence[Field]:
    """What may be corrected of the application, each field as it was asked, and a note; none has to be filled."""
    found = [
        replace(each, required=False, first="")
        for each in fields(what)
        if each.sent and each.path not in _NOT_CORRECTED
    ]
    note = Field(
        path=NOTE,
        group=Group.MATERIALS,
        label=_("补正说明"),
        form=Form.LONG,
        required=False,
        max_bytes=_NOTE_BYTES,
        personal=True,
        sent=False,
    )
    return [*found, note]


def rows(what: Offered, notice: Notice, typed: Mapping[str, str]) -> Sequence[Row]:
    """A material for each thing that is asked for, and what is brought besides.

    A license may stand for what is asked for where it might have stood for it in the application.
    """
    wanted = []
    for number, each in enumerate(notice.defects, 1):
        listed = _listed(what, each)
        row = Row(
            key=f"d{number}",
            code=each.code,
            name=each.material,
            demanded=False,
            says=(each.problem, each.remedy),
            shareable=listed is not None and is_shareable(listed),
            exempt=listed is not None and listed.exempt,
        )
        wanted.append(row)
    return [*wanted, *extra_rows(typed)]


def check(
    what: Offered,
    notice: Notice,
    typed: Mapping[str, str],
    scanned: Collection[str],
    before: Mapping[str, str],
    stamped: Collection[str] = (),
) -> Checked:
    """Look at everything, by what was typed `before` in the application where a field depends on another.

    `stamped` are the paths of what somebody checked, a named license among them.
    """
    found = checking.judge(
        asked(what),
        rows(what, notice, typed),
        typed,
        scanned,
        before=before,
        may_compare=what.may_compare,
        stamped=stamped,
    )
    size = len(_note(what, typed).encode())
    if size <= _NOTE_BYTES:
        return found
    expected = f"≤ {_NOTE_BYTES} B"
    error = YunhuobanError(checking.MISFIT, place=NOTE, found=f"{size} B", expected=expected)
    return replace(found, problems=[*found.problems, Problem(path=NOTE, error=error)])


def record(
    draft: Draft,
    what: Offered,
    checked: Checked,
    files: Sequence[Scan],
    enclosed: Enclosed | None,
    *,
    notice: Notice,
    clerk: str,
    fielded: bool,
    now: datetime,
) -> dict[str, Any]:
    """Of a supplement without hindrances. `fielded` says that the issuing county reads 1.2.

    `enclosed` are the files that travel, None when the issuing county knows of none.
    """
    return {
        "notice_no": notice.notice_no,
        "materials": material_records(draft, checked, files if enclosed is None else (), fielded=fielded),
        "files": enclosed.files if enclosed is not None else [],
        "note": _note(what, draft.typed),
        "supplied_at": now,
        "window_no": draft.window_no,
        "clerk": clerk,
    }


def _listed(what: Offered, defect: Defect) -> ListedMaterial | None:
    """The material of the item's list that is asked for: by its code, or where none is said by its name."""
    for each in what.materials:
        if each.code == defect.code or (defect.code is None and each.name == defect.material):
            return each
    return None


def _note(what: Offered, typed: Mapping[str, str]) -> str:
    said = [(each, typed.get(each.path, "").strip()) for each in asked(what) if each.path != NOTE]
    parts = [f"{each.label}：{each.choices.get(text, text)}" for each, text in said if text]
    corrected = f"更正：{'；'.join(parts)}。" if parts else ""
    return corrected + typed.get(NOTE, "").strip()
