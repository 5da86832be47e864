"""A draft with all that its page shows and its press is judged by: an application's, a supplement's or a group's."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from adapters.directory.directoryview import DirectoryView
from adapters.hall.agents import places
from adapters.hall.taking import drafts, fields, materials, notice, offered, scans, supplement, together
from adapters.hall.taking.checking import Checked, check, judge
from adapters.hall.taking.drafts import Draft
from adapters.hall.taking.notice import Notice
from adapters.hall.taking.offered import Offered
from adapters.hall.taking.scans import Scan
from adapters.hall.taking.together import Together
from adapters.identity import Identity
from schemas.workdays.hours import beijing_day


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One draft as it stands."""

    draft: Draft
    what: Offered
    fields: Sequence[fields.Field]
    checked: Checked
    files: Sequence[Scan]
    notice: Notice | None = None
    """What a supplement answers."""
    together: Together | None = None
    """The group whose form it is; `what` is then its first part's."""

    @property
    def paths(self) -> frozenset[str]:
        """The names of the fields that it has."""
        of_rows = {row.path(part) for row in self.checked.rows for part in materials.PARTS}
        return frozenset({each.path for each in self.fields} | of_rows)


def stands(tx: Connection, identity: Identity, directory: DirectoryView, draft: Draft, now: datetime) -> Sheet:
    """The draft, looked at. Raises E-TAKE-003."""
    what = offered.offered(directory, draft.issuing_county, draft.service_item, window=identity.division_code, now=now)
    files = scans.of_drafts(tx, [draft.draft_id])
    group = together.of_form(tx, directory, draft, window=identity.division_code, now=now)
    if group is not None:
        of_all, typed = together.fields(group), draft.typed
        checked = judge(
            of_all,
            together.rows(group, typed),
            typed,
            {each.material for each in files},
            may_compare=all(each.may_compare for each in group.parts.values()),
            stamped=draft.stamps,
        )
        return Sheet(draft=draft, what=group.first, fields=of_all, checked=checked, files=files, together=group)
    scanned = {each.material for each in files}
    asked = notice.of_case(tx, identity, draft.case_no) if draft.supplement_of else None
    if asked is None:
        named = places.names(tx)
        checked = check(what, draft.typed, scanned, draft.stamps, places=named, today=beijing_day(now))
        return Sheet(
            draft=draft, what=what, fields=fields.fields(what, draft.typed, named), checked=checked, files=files
        )
    before = drafts.find(tx, identity.storage, draft.supplement_of).typed
    return Sheet(
        draft=draft,
        what=what,
        fields=supplement.asked(what),
        checked=supplement.check(what, asked, draft.typed, scanned, before, draft.stamps),
        files=files,
        notice=asked,
    )
