"""What the print desk shows and does, as frozen records, and the protocol of where it comes from.

Names arrive here already masked; the license's own pages are the only place where a holder stands in full, and they
leave this process only as a picture on the clerk's screen.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from adapters.hall.printers.looking import Look
from adapters.printing.states import PrintState
from schemas.clockface import ClockFace
from schemas.errors import Code
from schemas.notices import Notice

__all__ = [
    "AuthorisationRow",
    "CaseLine",
    "CheckLine",
    "CheckState",
    "DeskSource",
    "Hall",
    "PrintJob",
    "PrintState",
    "Trouble",
]


class CheckState(StrEnum):
    """The outcome of one check. Unknown is not ok: nothing is printed on a guess."""

    OK = "ok"
    FAILED = "failed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hall:
    """The hall this desk stands in."""

    county: str
    county_name: str
    hall: str
    station: str
    printers: Sequence[Look] = ()  # how each printer is now
    stock_ready: str = ""  # kind of stock in the tray, with count and next serial where the county keeps a book
    announced: Sequence[Notice] = ()  # maintenance that the hub tells every county of


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorisationRow:
    """One print authorisation for this hall."""

    authorisation_no: str
    case_no: str
    issuing_county: str
    issuing_county_name: str
    license_name: str
    copy_kind: str  # original | duplicate
    copy_no: int
    stock_kind: str
    expires_at: datetime
    state: PrintState
    holder_masked: str
    trial: bool
    held_by: str = ""  # the account that answers for the sheet


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckLine:
    """One check of the license or its authorisation."""

    id: str
    sentence: str  # Chinese (marked): what was checked
    state: CheckState
    detail: str = ""  # codes, times and names of authorities only


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintJob:
    """One authorisation with everything a clerk needs to decide."""

    row: AuthorisationRow
    license_identifier: str
    issuing_authority: str
    checks: Sequence[CheckLine]
    printer_says: str = ""  # the printer's last word about this job, Chinese (marked); empty: nothing yet
    expected_serial: str = ""  # next serial of the stock in the tray, when the county counts it
    stock_serial: str = ""  # the serial confirmed
    reason: str = ""  # why it was spoiled
    license_state: str = "valid"  # as its issuer last signed it; empty when the license is not here
    may_print: bool = True  # whether 打印 may be pressed now
    why_not: Code | None = None  # why it may never, or not as things stand


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """One record of this county that could not be mapped, or one message of it that was refused."""

    at: datetime
    code: str
    sentence: str  # Chinese, filled
    remedy: str
    sentence_en: str  # English, filled
    remedy_en: str
    place: str
    found: str
    expected: str
    causes: str = ""  # what stands behind it: types and codes, nearest first
    case_no: str = ""
    own_field: str = ""  # what was refused, in the county's own words: its column and the rule; Chinese
    own_field_en: str = ""
    record_place: str = ""  # where the local record was read
    mapping: str = ""  # the version of the mapping that translated it

    @property
    def anchor(self) -> str:
        """The same name on the page for the same trouble, wherever it stands in the list."""
        return hashlib.sha256(f"{self.code} {self.place} {self.expected} {self.case_no}".encode()).hexdigest()[:12]


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseLine:
    """One case of this county and where its clock stands; nothing of the applicant."""

    case_no: str
    item_name: str  # empty when the directory does not know the item
    service_item: str
    decides: bool  # whether this county is the one that decides
    other_county: str
    other_county_name: str
    state: str  # schemas.lifecycle.CaseState
    trial: bool
    clock: ClockFace


class DeskSource(Protocol):
    """What the desk page needs of the county node. Every action may be repeated: the second call changes nothing.

    All methods raise YunhuobanError; the page shows its sentence and remedy. `by` is the account of whoever pressed;
    `action_id` names one press of a button: a repeated press arrives under the same id.
    """

    def hall(self) -> Hall:
        """This desk, its printer and its stock."""

    def authorisations(self) -> Sequence[AuthorisationRow]:
        """The authorisations for this hall: open ones first, by expiry; then today's settled ones."""

    def search(self, asked: str, *, by: str) -> Sequence[AuthorisationRow]:
        """Those of one holder, by the whole name or a case number; the look is written down before."""

    def job(self, authorisation_no: str) -> PrintJob | None:
        """One authorisation with its checks; none when this hall has no such authorisation."""

    def preview_pdf(self, authorisation_no: str) -> bytes:
        """The complete license as PDF; the page shows its first page as a picture under 样张."""

    def print(self, authorisation_no: str, *, by: str, action_id: str) -> None:
        """Claim the authorisation at the hub and start printing."""

    def confirm(self, authorisation_no: str, *, stock_serial: str, by: str, action_id: str, skipped: str = "") -> None:
        """A person saw a good sheet; `stock_serial` is empty for 样张 on white paper.

        `skipped` is why sheets before it in the tray are void or gone (`adapters.hall.stock.atprint.EXPLANATIONS`).
        """

    def spoil(
        self, authorisation_no: str, *, stock_serial: str, reason: str, by: str, witness: str, action_id: str
    ) -> None:
        """A person saw a bad sheet, or none; `stock_serial` is empty when no sheet of stock was used.

        `witness` is the second person's account where nothing came out of the printer and the printer cannot say.
        """

    def troubles(self) -> Sequence[Trouble]:
        """What could not be mapped or was refused in this county, newest first, at most 50."""

    def cases(self) -> Sequence[CaseLine]:
        """This county's cases under way by what is due, what is late first; at most 500."""

    def case(self, case_no: str) -> CaseLine | None:
        """One case, also an ended one; none when this county is no party of it."""
