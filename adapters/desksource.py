"""What the print desk's page shows and does, over this node's store and station (`adapters.desk.view`)."""

import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, select

from adapters import printroom, troublebook
from adapters.desk import view
from adapters.desk.printdesk import REASONS
from adapters.desk.view import AuthorisationRow, CheckLine, CheckState, Hall, PrintJob, Trouble
from adapters.directoryview import DirectoryView
from adapters.identity import Identity
from adapters.instants import from_millis
from adapters.licenses.face import statement_of
from adapters.licenses.verify import LicenseVerification, StateNow, verify_license
from adapters.printing import ledger
from adapters.printing.ipp import Printer
from adapters.printing.ledger import Entry
from adapters.printing.states import PrintState
from adapters.printing.tables import SpoilReason
from adapters.printroom import PrintRoom
from adapters.settings import CountySettings
from adapters.store import Store, tables
from certs import keys
from pages.wording import mark as _
from schemas.errors import YunhuobanError, declare
from schemas.identifiers.masking import masked_name

CHECKS_NOT_GOOD: Final = declare("E-PRINT-304", "证照核验没有全部通过，不能打印。", "请查看未通过的各项；必要时联系属地重新签发。")

_OPEN: Final = (PrintState.AUTHORISED, PrintState.CLAIMED, PrintState.PRINTING, PrintState.UNKNOWN)
_SETTLED: Final = (PrintState.PRINTED, PrintState.SPOILED)
_REASONS: Final[Mapping[str, SpoilReason]] = {
    REASONS["jam"]: SpoilReason.JAM,
    REASONS["misfeed"]: SpoilReason.MISPRINT,
    REASONS["toner"]: SpoilReason.MISPRINT,
    REASONS["wrong_stock"]: SpoilReason.WRONG_STOCK,
    REASONS["nothing"]: SpoilReason.NO_SHEET,
    REASONS["other"]: SpoilReason.DAMAGED,
}
_CREDIT_CODE: Final = "001"  # GB/T 36903 annex A: the holder is known by a 统一社会信用代码
_CLERK: Final = "desk"  # until sign-in exists, the desk itself is the clerk


class NodeDesk:
    """The desk of one hall; thread-safe, because everything it changes is a transaction of its own."""

    def __init__(
        self,
        *,
        settings: CountySettings,
        store: Store,
        identity: Identity,
        room: PrintRoom,
        printer: Printer,
        directory: Callable[[Connection], DirectoryView | None],
        clock: Callable[[], datetime],
    ) -> None:
        """The printer is only asked how it is."""
        self._settings = settings
        self._store = store
        self._identity = identity
        self._room = room
        self._printer = printer
        self._directory = directory
        self._clock = clock
        self._checked: dict[str, Sequence[CheckLine]] = {}
        self._lock = threading.Lock()

    def hall(self) -> Hall:
        """This desk and its printer."""
        try:
            state = self._printer.state()
            says = _("就绪") if not state.stopping_reasons else _("需要处理：缺纸或卡纸")
        except YunhuobanError:
            says = _("联系不上打印机")
        return Hall(
            county=self._settings.division_code,
            county_name=self._settings.name,
            hall=self._settings.station.hall,
            station=self._settings.station.station,
            printer=self._settings.station.printer_url,
            printer_state=says,
            stock_ready=self._settings.station.stock_ready,
        )

    def authorisations(self) -> Sequence[AuthorisationRow]:
        """Open ones by expiry, then those settled within a day."""
        since = self._clock() - timedelta(days=1)
        with self._store.read() as tx:
            directory = self._directory(tx)
            entries = ledger.entries(tx, states=_OPEN) + [
                each for each in ledger.entries(tx, states=_SETTLED) if each.outcome_at and each.outcome_at > since
            ]
            return [self._row(tx, each, directory) for each in entries]

    def job(self, authorisation_no: str) -> PrintJob | None:
        """One authorisation with its checks."""
        with self._store.read() as tx:
            try:
                entry = ledger.entry(tx, authorisation_no)
            except YunhuobanError:
                return None
            directory = self._directory(tx)
            row = self._row(tx, entry, directory)
            authority = _license(tx, self._identity, entry).get("issuing_authority", "")
        checks = self._checks(authorisation_no)
        bad = [each for each in checks if each.state is not CheckState.OK]
        return PrintJob(
            row=row,
            license_identifier=entry.authorisation.license_identifier,
            issuing_authority=str(authority),
            checks=checks,
            printer_says=_says(entry),
            stock_serial=entry.stock_serial or "",
            reason=entry.spoil_reason.value if entry.spoil_reason else "",
            may_print=not bad and entry.state in (PrintState.AUTHORISED, PrintState.CLAIMED),
            why_not=_("核验没有全部通过，不能打印。") if bad else "",
        )

    def preview_pdf(self, authorisation_no: str) -> bytes:
        """The complete license."""
        with self._store.read() as tx:
            entry = ledger.entry(tx, authorisation_no)
            return bytes(_file(_license(tx, self._identity, entry), entry)["sealed"])

    def print(self, authorisation_no: str, *, action_id: str) -> None:
        """Claim and ask the hub; printing starts when the grant is here. Refuses while a check is not good."""
        del action_id  # the claim id is what makes a repetition harmless
        bad = [each for each in self._checks(authorisation_no) if each.state is not CheckState.OK]
        if bad:
            raise YunhuobanError(CHECKS_NOT_GOOD, place=authorisation_no, found=", ".join(each.id for each in bad))
        self._room.ask(authorisation_no)

    def confirm(self, authorisation_no: str, *, stock_serial: str, action_id: str) -> None:
        """A good sheet."""
        del action_id  # the state is
        self._room.confirm(authorisation_no, stock_serial=stock_serial, by=_CLERK)

    def spoil(self, authorisation_no: str, *, stock_serial: str, reason: str, action_id: str) -> None:
        """A bad sheet or none."""
        del action_id  # the state is
        why = _REASONS.get(reason, SpoilReason.DAMAGED)
        serial = "" if why is SpoilReason.NO_SHEET else stock_serial
        self._room.spoil(authorisation_no, stock_serial=serial, reason=why, by=_CLERK)

    def troubles(self) -> Sequence[Trouble]:
        """The newest troubles of this county."""
        with self._store.read() as tx:
            return [
                Trouble(
                    at=from_millis(row.seen_at),
                    code=row.code,
                    sentence=row.sentence,
                    remedy=row.remedy,
                    place=row.place,
                    found=row.found,
                    expected=row.expected,
                    case_no=row.case_no,
                )
                for row in troublebook.newest(tx)
            ]

    def _checks(self, authorisation_no: str) -> Sequence[CheckLine]:
        """The license line by line; remembered once everything is good, because its bytes never change."""
        with self._lock:
            if authorisation_no in self._checked:
                return self._checked[authorisation_no]
        found = self._verify(authorisation_no)
        lines = [
            CheckLine(id=each.id, sentence=each.sentence, state=CheckState(each.standing), detail=each.detail)
            for each in found.lines
        ]
        if all(each.state is CheckState.OK for each in lines):
            with self._lock:
                self._checked[authorisation_no] = lines
        return lines

    def _verify(self, authorisation_no: str) -> LicenseVerification:
        with self._store.read() as tx:
            entry = ledger.entry(tx, authorisation_no)
            record = _license(tx, self._identity, entry)
            file = _file(record, entry)
            sealed_at = from_millis(_arrival(tx, entry).arrived_at)
            directory = self._directory(tx)
        now = self._clock()
        return verify_license(
            bytes(file["sealed"]),
            anchors=[keys.der(each) for each in self._identity.seal_anchors],
            crls=list(directory.seal_crls) if directory else [],
            at=sealed_at,
            expected_sha256=bytes.fromhex(entry.authorisation.sealed_sha256),
            trial=self._settings.trial,
            expected_statement=statement_of(record, file, trial=self._settings.trial),
            state=StateNow(state=record["state"], age_seconds=int((now - sealed_at).total_seconds())),
        )

    def _row(self, tx: Connection, entry: Entry, directory: DirectoryView | None) -> AuthorisationRow:
        signed = entry.authorisation
        record = _license(tx, self._identity, entry)
        return AuthorisationRow(
            authorisation_no=signed.authorisation_no,
            case_no=signed.case_no,
            issuing_county=signed.issuing_county,
            issuing_county_name=directory.name(signed.issuing_county) if directory else signed.issuing_county,
            license_name=str(record.get("name", "")),
            copy_kind=signed.copy_kind.value,
            copy_no=signed.copy_no,
            stock_kind=signed.stock_kind,
            expires_at=signed.expires_at,
            state=view.PrintState(entry.state.value),
            holder_masked=_shown_holder(record),
            trial=signed.trial,
        )


def _shown_holder(record: Mapping[str, Any]) -> str:
    """A company's name is public; a person's is masked in every list."""
    holder = str(record.get("holder", ""))
    return holder if record.get("holder_code_kind") == _CREDIT_CODE else masked_name(holder)


def _license(tx: Connection, identity: Identity, entry: Entry) -> Mapping[str, Any]:
    return printroom.license_record(tx, identity, entry.authorisation.case_no)


def _file(record: Mapping[str, Any], entry: Entry) -> Mapping[str, Any]:
    for file in record["files"]:
        if file["sealed_sha256"].hex() == entry.authorisation.sealed_sha256:
            return dict(file)
    raise YunhuobanError(printroom.NO_DOCUMENT, place=entry.authorisation.authorisation_no)


def _arrival(tx: Connection, entry: Entry) -> Any:
    return tx.execute(
        select(tables.inbox)
        .where(tables.inbox.c.case_no == entry.authorisation.case_no, tables.inbox.c.type == "license.issued")
        .where(tables.inbox.c.state == "applied")
        .order_by(tables.inbox.c.seq.desc())
        .limit(1)
    ).one()


def _says(entry: Entry) -> str:
    if entry.state is PrintState.CLAIMED:
        return _("已放行，正在送往打印机") if entry.granted_at else _("正在向中枢申请放行")
    if entry.state is PrintState.PRINTING:
        return _("打印机报告已出纸，请检查并确认") if entry.sheet_out_at else _("正在打印")
    if entry.state is PrintState.UNKNOWN:
        return _("打印机没有说清结果：请看是否出纸，不要再按打印")
    return ""

