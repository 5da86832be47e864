"""A draft with everything that its page shows and its press is judged by."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from adapters.hall.taking import fields, materials, scans
from adapters.hall.taking.checking import Checked, check
from adapters.hall.taking.drafts import Draft
from adapters.hall.taking.offered import Offered
from adapters.hall.taking.scans import Scan


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One draft as it stands."""

    draft: Draft
    what: Offered
    fields: Sequence[fields.Field]
    checked: Checked
    files: Sequence[Scan]

    @property
    def paths(self) -> frozenset[str]:
        """The names of the fields that it has."""
        of_rows = {row.path(part) for row in self.checked.rows for part in materials.PARTS}
        return frozenset({each.path for each in self.fields} | of_rows)


def sheet_of(tx: Connection, draft: Draft, what: Offered) -> Sheet:
    """The draft, looked at."""
    files = scans.of_drafts(tx, [draft.draft_id])
    return Sheet(
        draft=draft,
        what=what,
        fields=fields.fields(what),
        checked=check(what, draft.typed, {each.material for each in files}),
        files=files,
    )
