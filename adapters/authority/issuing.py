"""The county as the authority that decides: makes the license of a granted case, and authorises its printing.

The decision itself was made in the county's own system and lies in the outbox; only such a stored decision, with its
recorded approver, is sealed. What is sent comes of one transaction, under ids derived from the decision's id; so does
what the county's own system is told: its people need the license's identifier for whatever they do to it later.
"""

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import structlog
from sqlalchemy import Connection, select

from adapters.authority import ownlicenses, windowpowers
from adapters.authority.authorising import Authoriser
from adapters.boxes import inbox, outbox
from adapters.boxes.outbox import Draft, Outbox
from adapters.case import casebook
from adapters.case.casebook import Case
from adapters.directory.directoryview import DirectoryView
from adapters.identity import Identity
from adapters.licenses import choosing, particulars
from adapters.licenses.issue import CountyAuthority, PageRenderer, Sealer, issue_license
from adapters.local import localwrites, troublebook
from adapters.scanning import registering
from adapters.settings import UNSET_HOST, CountySettings
from adapters.store import Store, tables
from schemas import codec
from schemas.envelope import derived_id
from schemas.errors import YunhuobanError, declare
from schemas.lifecycle import CaseState
from schemas.scanning import TOKEN_BYTES

_log = structlog.get_logger(__name__)
NO_DECISION: Final = declare(
    "E-LIC-101", "没有保存在案的申请或准予决定，不能制作证照。", "请在本地系统中作出决定并重新报送。"
)
HOST_UNSET: Final = declare(
    "E-LIC-104",
    "没有写明扫码核验页面的主机名，证照上的二维码会通向不存在的地方，所以没有制作。",
    "请向中枢询问主机名，写进 county.toml 的 [authority] verify_host，然后重新启动县节点；等着的证照会自动制作。",
)
_SUPERSEDED_BECAUSE: Final = "已颁发新版本"
_PAUSE: Final = timedelta(seconds=60)


class Issuer:
    """Turns granted cases into licenses and authorisations."""

    def __init__(
        self,
        *,
        settings: CountySettings,
        store: Store,
        identity: Identity,
        box: Outbox,
        authoriser: Authoriser,
        sealer: Sealer,
        renderer: PageRenderer,
    ) -> None:
        """Sealer and renderer are the only parts that touch keys and fonts.

        Raises E-LIC-013 when county.toml names a license that has no template.
        """
        choosing.require_known(settings.authority.license_by_item)
        self._settings = settings
        self._store = store
        self._identity = identity
        self._box = box
        self._authoriser = authoriser
        self._sealer = sealer
        self._renderer = renderer
        self._not_before: dict[str, datetime] = {}

    def run_once(self, directory: DirectoryView, now: datetime) -> int:
        """Issue every license that is due; returns how many. One that cannot be made is noted and tried later."""
        with self._store.read() as tx:
            granted = casebook.in_state(tx, self._settings.division_code, CaseState.GRANTED)
            cases = [each for each in granted if not _was_refused(tx, each)]
        issued = 0
        for case in cases:
            if self._not_before.get(case.case_no, now) > now:
                continue
            try:
                self._issue(case, directory, now)
                issued += 1
            except YunhuobanError as error:
                self._not_before[case.case_no] = now + _PAUSE
                with self._store.write() as tx:
                    troublebook.note(tx, f"license/{case.case_no}", error, now, case_no=case.case_no)
                _log.error("license.not_issued", case_no=case.case_no, code=error.code)
        return issued

    def _issue(self, case: Case, directory: DirectoryView, now: datetime) -> None:
        host, trial = self._settings.authority.verify_host, self._settings.trial or case.trial
        if host == UNSET_HOST and not trial:
            raise YunhuobanError(HOST_UNSET, place="county.toml: authority.verify_host", found=host)
        directory.recipient(case.parties.window, now)  # nothing is sealed that could not be sent
        with self._store.read() as tx:
            application, decision_id, decision = self._grounds(tx, case)
        particulars.require_readable(application, directory.contract(case.parties.window))
        token = secrets.token_bytes(TOKEN_BYTES)
        record = issue_license(
            application,
            decision,
            CountyAuthority(
                name=self._settings.authority.name,
                code=self._settings.authority.code,
                area_code=self._settings.division_code,
                trial=trial,
                type_code=self._settings.authority.type_code(case.service_item),
                complaint_phone=self._settings.authority.complaint_phone,
            ),
            choosing.templates_for(
                self._settings.authority.license_by_item,
                case.service_item,
                application["registration"]["enterprise_kind"],
            ),
            now=now,
            serial=case.case_no.replace("-", ""),
            host=host,
            token=token,
            sealer=self._sealer,
            renderer=self._renderer,
        )
        with self._store.write() as tx:
            # First: nobody who reads the license can have told the hub another thing of its code before.
            scan = registering.draft(record, token, decision_id, trial=trial)
            self._box.put(tx, scan, directory, now)
            license_id = self._send(tx, case, record, decision_id, directory, now)
            if decision["renews"]:
                self._supersede(tx, decision, license_id, record["identifier"], directory, now)
            # Else it is made all the same, and goes there by parcel.
            delivers = windowpowers.delivers(directory, case.parties, case.service_item, now)
            for file in self._authorised(record["files"]) if delivers else ():
                self._authoriser.authorise_first(tx, case, license_id, record, file, directory, now)
            troublebook.clear(tx, f"license/{case.case_no}")
        self._not_before.pop(case.case_no, None)
        _log.info("license.issued", case_no=case.case_no)

    def _authorised(self, files: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
        """The copies that the county has printed; of a license that has none of them, whatever it has."""
        wanted = self._settings.authority.authorise_copies
        by_kind = {each["copy_kind"]: each for each in files}
        return [by_kind[kind] for kind in wanted if kind in by_kind] or (list(files) if wanted else [])

    def _grounds(self, tx: Connection, case: Case) -> tuple[Mapping[str, Any], str, Mapping[str, Any]]:
        """The application, and the stored decision with its message id. Raises E-LIC-101."""
        applications = inbox.newest_applied(tx, case.case_no, "application.submitted")
        decided = outbox.newest_good(tx, case.case_no, "decision.made")
        if not applications or decided is None:
            raise YunhuobanError(NO_DECISION, place=case.case_no)
        decision = self._box.record(tx, decided.message_id)
        return inbox.record_of(tx, self._identity, applications[-1]), decided.message_id, decision

    def _send(
        self,
        tx: Connection,
        case: Case,
        record: Mapping[str, Any],
        decision_id: str,
        directory: DirectoryView,
        now: datetime,
    ) -> str:
        casebook.move(tx, case, "license.issued", record)
        ownlicenses.keep(tx, case, record, now)
        draft = Draft(
            type="license.issued",
            case_no=case.case_no,
            destination=case.parties.window,
            service_item=case.service_item,
            trial=case.trial,
            record=record,
            message_id=derived_id(decision_id, "license.issued"),
        )
        license_id = self._box.put(tx, draft, directory, now)
        localwrites.plan(
            tx,
            self._identity,
            message_id=license_id,
            message_type="license.issued",
            case_no=case.case_no,
            source=self._settings.division_code,
            payload=codec.encode("License", record),
            now=now,
        )
        return license_id

    def _supersede(
        self,
        tx: Connection,
        decision: Mapping[str, Any],
        license_id: str,
        successor: str,
        directory: DirectoryView,
        now: datetime,
    ) -> None:
        """Tell the window of the case before that its license has a successor; one from before the hub has none."""
        row = ownlicenses.find(tx, decision["renews"])
        case = casebook.find(tx, row.case_no) if row is not None else None
        if row is None or case is None or row.state == "superseded":
            return
        ownlicenses.change(tx, row, "superseded", now)
        record = {
            "license_identifier": decision["renews"],
            "license_state": "superseded",
            "changed_at": now,
            "document_no": decision["decision_no"],
            "reasons": _SUPERSEDED_BECAUSE,
            "successor": successor,
            "approver": decision["approver"],
            "approver_no": decision["approver_no"],
        }
        casebook.move(tx, case, "license.state_changed", record)
        draft = Draft(
            type="license.state_changed",
            case_no=case.case_no,
            destination=case.parties.window,
            service_item=case.service_item,
            trial=case.trial,
            record=record,
            message_id=derived_id(license_id, "license.state_changed"),
            patient=True,
        )
        self._box.put(tx, draft, directory, now)


def _was_refused(tx: Connection, case: Case) -> bool:
    """Whether a license of the present decision was refused: a person has to act, not this loop."""
    decided = outbox.newest_good(tx, case.case_no, "decision.made")
    if decided is None:
        return False
    refused = select(tables.outbox.c.seq).where(
        tables.outbox.c.case_no == case.case_no,
        tables.outbox.c.type == "license.issued",
        tables.outbox.c.state == "refused",
        tables.outbox.c.seq > decided.seq,
    )
    return tx.execute(refused.limit(1)).first() is not None
