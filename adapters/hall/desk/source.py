"""What the print desk's page shows and does, over this node's store and station (`adapters.hall.desk.view`)."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import structlog
from sqlalchemy import Connection

from adapters.case import caselist
from adapters.directory.directories import AskDirectory
from adapters.hall.desk import view
from adapters.hall.desk.acting import REASONS
from adapters.hall.desk.searching import Finder
from adapters.hall.desk.view import AuthorisationRow, CaseLine, CheckLine, CheckState, Hall, PrintJob, Trouble
from adapters.hall.printers.looking import Look
from adapters.hall.stock import atprint
from adapters.hall.stock.atprint import Explained, Tray
from adapters.identity import Identity
from adapters.instants import from_millis
from adapters.local import troublebook
from adapters.printing import ledger
from adapters.printing.ledger import Authorisation, Entry
from adapters.printing.states import FINAL, PrintState
from adapters.printing.tables import SpoilReason
from adapters.settings import CountySettings
from adapters.store import Store
from adapters.window import documents
from adapters.window.licensechecks import LicenseChecks
from adapters.window.printroom import PrintRoom
from adapters.window.sheets import SheetBook
from pages.wording import mark as _
from schemas.errors import Code, YunhuobanError, declare
from schemas.grants import GRANT_EXPIRED, GRANT_LICENSE_STATE, GRANT_REVOKED
from schemas.identifiers.masking import masked_name
from schemas.licensestates import VALID

CHECKS_NOT_GOOD: Final = declare(
    "E-PRINT-304", "证照核验没有全部通过，不能打印。", "请查看未通过的各项；必要时联系属地重新签发。"
)
OTHER_HALL: Final = declare("E-PRINT-307", "这个打印授权是给另一个大厅的。", "请到授权所指的大厅打印。")

_log = structlog.get_logger(__name__)
_OPEN: Final = (PrintState.AUTHORISED, PrintState.CLAIMED, PrintState.PRINTING, PrintState.UNKNOWN)
_REASONS: Final[Mapping[str, SpoilReason]] = {
    REASONS["jam"]: SpoilReason.JAM,
    REASONS["misfeed"]: SpoilReason.MISPRINT,
    REASONS["toner"]: SpoilReason.MISPRINT,
    REASONS["wrong_stock"]: SpoilReason.WRONG_STOCK,
    REASONS["nothing"]: SpoilReason.NO_SHEET,
    REASONS["other"]: SpoilReason.DAMAGED,
}
_STATE_LINE: Final = "license.state"
_CREDIT_CODE: Final = "001"  # GB/T 36903 annex A: the holder is known by a 统一社会信用代码


class NodeDesk:
    """The desk of one hall; thread-safe, because everything it changes is a transaction of its own."""

    def __init__(
        self,
        *,
        settings: CountySettings,
        store: Store,
        identity: Identity,
        room: PrintRoom,
        sheets: SheetBook,
        looks: Callable[[], Sequence[Look]],
        directory: AskDirectory,
        clock: Callable[[], datetime],
    ) -> None:
        """`looks` asks the printers how they are."""
        self._settings = settings
        self._store = store
        self._identity = identity
        self._room = room
        self._sheets = sheets
        self._looks = looks
        self._directory = directory
        self._clock = clock
        self._checks = LicenseChecks(store=store, identity=identity, directory=directory, trial=settings.trial)
        self._faces: dict[str, tuple[str, str, str]] = {}
        self._finder = Finder(store=store, identity=identity, hall=settings.station.hall, clock=clock)

    def hall(self) -> Hall:
        """This desk and its printer."""
        try:
            printers = tuple(self._looks())
        except YunhuobanError as trouble:  # the register cannot be read
            printers = (Look(name="", url="", trays=(), state=None, trouble=trouble),)
        with self._store.read() as tx:
            directory = self._directory(tx)
        return Hall(
            announced=directory.notices(self._clock()) if directory else (),
            county=self._settings.division_code,
            county_name=self._settings.name,
            hall=self._settings.station.hall,
            station=self._settings.station.station,
            printers=printers,
            stock_ready=self._stock_ready(),
        )

    def authorisations(self) -> Sequence[AuthorisationRow]:
        """This hall's: open ones by expiry, then those that ended within a day, in whatever way."""
        since = self._clock() - timedelta(days=1)
        with self._store.read() as tx:
            entries = ledger.entries(tx, states=_OPEN) + [
                each for each in ledger.entries(tx, states=FINAL) if each.outcome_at and each.outcome_at > since
            ]
            return [self._row(tx, each) for each in entries if self._is_ours(each.authorisation)]

    def search(self, asked: str, *, by: str) -> Sequence[AuthorisationRow]:
        """Those of one holder, whatever became of them, after the look is written down. Raises E-LOOK-002."""
        numbers = self._finder.find(asked, by=by)
        with self._store.read() as tx:
            return [self._row(tx, ledger.entry(tx, each)) for each in numbers]

    def job(self, authorisation_no: str) -> PrintJob | None:
        """One authorisation with its checks; none when this hall has no such authorisation."""
        with self._store.read() as tx:
            try:
                entry = ledger.entry(tx, authorisation_no)
            except YunhuobanError:
                return None
            if not self._is_ours(entry.authorisation):
                return None
            row = self._row(tx, entry)
            _name, _holder, authority = self._face(tx, entry.authorisation)
            tray = self._tray(tx, entry)
            unstocked = not row.trial and tray is None and atprint.keeps_book(tx, row.stock_kind)
        state = self._checks.state(authorisation_no, self._clock())
        checks = self._checks.lines(authorisation_no, state)
        why_not = _why_not(entry.state, state.state, checks)
        if why_not is None and unstocked and entry.state is PrintState.AUTHORISED:
            why_not = atprint.NOTHING_LOADED
        return PrintJob(
            row=row,
            license_identifier=entry.authorisation.license_identifier,
            issuing_authority=authority,
            checks=checks,
            printer_says=_says(entry, self._clock()),
            expected_serial=tray.next_serial if tray else "",
            stock_serial=entry.stock_serial or "",
            reason=entry.spoil_reason.value if entry.spoil_reason else "",
            license_state=state.state,
            may_print=why_not is None and entry.state in (PrintState.AUTHORISED, PrintState.CLAIMED),
            why_not=why_not,
        )

    def preview_pdf(self, authorisation_no: str) -> bytes:
        """The complete license."""
        with self._store.read() as tx:
            entry = ledger.entry(tx, authorisation_no)
            _record, file, _at = documents.license_of(tx, self._identity, entry.authorisation)
            return bytes(file["sealed"])

    def print(
        self,
        authorisation_no: str,
        *,
        by: str,
        action_id: str,  # noqa: ARG002 -- the page's; here the claim id makes a repetition harmless
    ) -> None:
        """Claim and ask the hub; printing starts when the grant is here. Refuses while a check is not good."""
        with self._store.read() as tx:
            signed = ledger.entry(tx, authorisation_no).authorisation
            if not self._is_ours(signed):
                raise YunhuobanError(OTHER_HALL, place=authorisation_no)
            if not signed.trial:
                atprint.demand_loaded(tx, signed.stock_kind, self._settings.station.station)
        state = self._checks.state(authorisation_no, self._clock())
        bad = [each.id for each in self._checks.lines(authorisation_no, state) if each.state is not CheckState.OK]
        if bad == [_STATE_LINE]:
            raise YunhuobanError(GRANT_LICENSE_STATE, place=authorisation_no, found=state.state, expected=VALID)
        if bad:
            raise YunhuobanError(CHECKS_NOT_GOOD, place=authorisation_no, found=", ".join(bad))
        _log.info("print.asked", authorisation_no=authorisation_no, account=by)
        self._room.ask(authorisation_no, by=by)

    def confirm(
        self,
        authorisation_no: str,
        *,
        stock_serial: str,
        by: str,
        action_id: str,  # noqa: ARG002 -- the page's; here the state makes a repetition harmless
        skipped: str = "",
    ) -> None:
        """A good sheet, and what became of those before it."""
        explained = Explained.of(skipped)
        self._sheets.confirm(authorisation_no, stock_serial=stock_serial, by=by, explained=explained)

    def spoil(
        self,
        authorisation_no: str,
        *,
        stock_serial: str,
        reason: str,
        by: str,
        witness: str,
        action_id: str,  # noqa: ARG002 -- the page's; here the state makes a repetition harmless
    ) -> None:
        """A bad sheet or none."""
        why = _REASONS.get(reason, SpoilReason.DAMAGED)
        serial = "" if why is SpoilReason.NO_SHEET else stock_serial
        self._sheets.spoil(authorisation_no, stock_serial=serial, reason=why, by=by, witness=witness)

    def troubles(self) -> Sequence[Trouble]:
        """The newest troubles of this county."""
        with self._store.read() as tx:
            return [
                Trouble(
                    at=from_millis(row.seen_at),
                    code=row.code,
                    sentence=row.sentence,
                    remedy=row.remedy,
                    sentence_en=row.sentence_en,
                    remedy_en=row.remedy_en,
                    place=row.place,
                    found=row.found,
                    expected=row.expected,
                    causes=row.causes,
                    case_no=row.case_no,
                    own_field=origin.said("zh"),
                    own_field_en=origin.said("en"),
                    record_place=origin.record_place,
                    mapping=origin.version,
                )
                for row in troublebook.newest(tx)
                for origin in (troublebook.origin_of(row),)
            ]

    def cases(self) -> Sequence[CaseLine]:
        """Under way in this county."""
        with self._store.read() as tx:
            return caselist.under_way(tx, self._directory(tx), self._settings.division_code, self._clock())

    def case(self, case_no: str) -> CaseLine | None:
        """One of this county's, by its number."""
        with self._store.read() as tx:
            return caselist.find(tx, case_no, self._directory(tx), self._settings.division_code, self._clock())

    def _stock_ready(self) -> str:
        """What lies in this station's trays by the book; without a book what the county configured."""
        with self._store.read() as tx:
            trays = atprint.trays(tx, self._settings.station.station)
        return "；".join(f"{each.kind} {each.next_serial} ×{each.count}" for each in trays) or (
            self._settings.station.stock_ready
        )

    def _tray(self, tx: Connection, entry: Entry) -> Tray | None:
        """What lies ready for this sheet at the station that prints it; nothing is expected of a trial."""
        signed = entry.authorisation
        if signed.trial:
            return None
        return atprint.tray(tx, signed.stock_kind, entry.station or self._settings.station.station)

    def _is_ours(self, signed: Authorisation) -> bool:
        """Whether it is for this hall; an authorisation that names none is for every hall of the county."""
        return signed.hall in ("", self._settings.station.hall)

    def _row(self, tx: Connection, entry: Entry) -> AuthorisationRow:
        signed = entry.authorisation
        directory = self._directory(tx)
        name, holder, _authority = self._face(tx, signed)
        return AuthorisationRow(
            authorisation_no=signed.authorisation_no,
            case_no=signed.case_no,
            issuing_county=signed.issuing_county,
            issuing_county_name=directory.name(signed.issuing_county) if directory else signed.issuing_county,
            license_name=name,
            copy_kind=signed.copy_kind.value,
            copy_no=signed.copy_no,
            stock_kind=signed.stock_kind,
            expires_at=signed.expires_at,
            state=view.PrintState(entry.state.value),
            holder_masked=holder,
            trial=signed.trial,
            held_by=entry.held_by or "",
        )

    def _face(self, tx: Connection, signed: Authorisation) -> tuple[str, str, str]:
        """Name, holder as lists show it, and issuing authority of the license; opened once, because it is large."""
        found = self._faces.get(signed.authorisation_no)
        if found is None:
            try:
                record, _file, _at = documents.license_of(tx, self._identity, signed)
            except YunhuobanError:
                return "", "", ""  # not here (yet): the row stands all the same, and printing says what is missing
            found = (str(record["name"]), _shown_holder(record), str(record["issuing_authority"]))
            self._faces[signed.authorisation_no] = found
        return found


def _shown_holder(record: Mapping[str, Any]) -> str:
    """A company's name is public; a person's is masked in every list."""
    holder = str(record["holder"])
    return holder if record["holder_code_kind"] == _CREDIT_CODE else masked_name(holder)


def _why_not(entry_state: PrintState, license_state: str, checks: Sequence[CheckLine]) -> Code | None:
    """Why nothing is printed of it now, in the words that the hub would use for the same; None when it may be."""
    bad = [each.id for each in checks if each.state is not CheckState.OK]
    if entry_state is PrintState.EXPIRED:
        return GRANT_EXPIRED
    if bad == [_STATE_LINE] or (entry_state is PrintState.REVOKED and license_state != VALID):
        return GRANT_LICENSE_STATE
    if entry_state is PrintState.REVOKED:
        return GRANT_REVOKED
    return CHECKS_NOT_GOOD if bad else None


def _says(entry: Entry, now: datetime) -> str:
    match entry.state:
        case PrintState.CLAIMED if entry.granted_at is None:
            return _("正在向中枢申请放行")
        case PrintState.CLAIMED if entry.start_by is not None and now >= entry.start_by:
            return _("放行已过时限而没有打印，请再按“打印”")
        case PrintState.CLAIMED:
            return _("已放行，正在送往打印机")
        case PrintState.PRINTING:
            return _("打印机报告已出纸，请检查并确认") if entry.sheet_out_at else _("正在打印")
        case PrintState.UNKNOWN:
            return _("打印机没有说清结果：请看是否出纸，不要再按打印")
        case _:
            return ""
