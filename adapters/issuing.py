"""The county as the authority that decides: makes the license of a granted case, and authorises its printing elsewhere.

The decision itself was made in the county's own system and lies in the outbox; only such a stored decision, with its
recorded approver, is sealed. What is sent comes of one transaction, under ids derived from the decision's id.
"""

import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

import structlog
from sqlalchemy import Connection, func, select

from adapters import casebook, inbox, troublebook
from adapters.casebook import Case
from adapters.directoryview import DirectoryView
from adapters.identity import Identity
from adapters.licenses.issue import CountyAuthority, PageRenderer, Sealer, issue_license
from adapters.outbox import Draft, Outbox
from adapters.settings import CountySettings
from adapters.store import Store, tables
from schemas.envelope import derived_id
from schemas.errors import YunhuobanError, declare
from schemas.lifecycle import CaseState

_log = structlog.get_logger(__name__)
TOO_MANY_SPOILED: Final = declare("E-PRINT-302", "该份证照已多次作废，不再自动补授权。", "请与打印县核对后，由人工决定是否补授权。")
_TOKEN_BYTES: Final = 16
_LETTERS: Final[Mapping[str, str]] = {"duplicate": "D", "original": "O"}
SPECIMEN_STOCK: Final[Mapping[str, str]] = {"duplicate": "specimen-a4", "original": "specimen-a3"}


class Issuer:
    """Turns granted cases into licenses and authorisations."""

    def __init__(
        self,
        *,
        settings: CountySettings,
        store: Store,
        identity: Identity,
        box: Outbox,
        sealer: Sealer,
        renderer: PageRenderer,
    ) -> None:
        """Sealer and renderer are the only parts that touch keys and fonts."""
        self._settings = settings
        self._store = store
        self._identity = identity
        self._box = box
        self._sealer = sealer
        self._renderer = renderer
        self._not_before: dict[str, datetime] = {}

    def run_once(self, directory: DirectoryView, now: datetime) -> int:
        """Issue every license that is due; returns how many. One that cannot be made is noted and tried later."""
        with self._store.read() as tx:
            cases = casebook.in_state(tx, self._settings.division_code, CaseState.GRANTED)
        issued = 0
        for case in cases:
            if self._not_before.get(case.case_no, now) > now:
                continue
            try:
                self._issue(case, directory, now)
                issued += 1
            except YunhuobanError as error:
                self._not_before[case.case_no] = now + timedelta(seconds=60)
                with self._store.write() as tx:
                    troublebook.note(tx, f"license/{case.case_no}", error, now, case_no=case.case_no)
                _log.error("license.not_issued", case_no=case.case_no, code=str(error.code))
        return issued

    def _issue(self, case: Case, directory: DirectoryView, now: datetime) -> None:
        with self._store.read() as tx:
            application = inbox.record_of(tx, self._identity, _application_seq(tx, case))
            decision_id = tx.execute(
                select(tables.outbox.c.message_id).where(
                    tables.outbox.c.case_no == case.case_no, tables.outbox.c.type == "decision.made"
                )
            ).scalar_one()
            decision = self._box.record(tx, decision_id)
        record = issue_license(
            application,
            decision,
            CountyAuthority(
                name=self._settings.authority.name,
                code=self._settings.authority.code,
                area_code=self._settings.division_code,
                trial=self._settings.trial,
            ),
            now=now,
            serial=case.case_no.replace("-", ""),
            host=self._settings.authority.verify_host,
            token_factory=lambda: secrets.token_bytes(_TOKEN_BYTES),
            sealer=self._sealer,
            renderer=self._renderer,
        )
        with self._store.write() as tx:
            self._send_license(tx, case, record, decision_id, directory, now)
            for copy_kind in self._settings.authority.authorise_copies:
                file = next(each for each in record["files"] if each["copy_kind"] == copy_kind)
                self._authorise(tx, case, record, file, directory, now, attempt=1, replaces=None)
            troublebook.clear(tx, f"license/{case.case_no}")
        _log.info("license.issued", case_no=case.case_no)

    def _send_license(
        self,
        tx: Connection,
        case: Case,
        record: Mapping[str, Any],
        decision_id: str,
        directory: DirectoryView,
        now: datetime,
    ) -> None:
        facts = {
            "license_identifier": record["identifier"],
            "license_state": record["state"],
            "sealed_sha256": [each["sealed_sha256"] for each in record["files"]],
        }
        casebook.move(tx, case, "license.issued", facts)
        self._box.put(
            tx,
            _draft(case, "license.issued", record, facts, derived_id(decision_id, "license.issued")),
            directory,
            now,
        )

    def _authorise(
        self,
        tx: Connection,
        case: Case,
        license_record: Mapping[str, Any],
        file: Mapping[str, Any],
        directory: DirectoryView,
        now: datetime,
        *,
        attempt: int,
        replaces: str | None,
    ) -> None:
        """Authorise one print of one copy. Under a trial authority specimen paper takes the complete, marked page."""
        copy_kind = file["copy_kind"]
        specimen = self._settings.trial
        window = directory.members.get(case.parties.window)
        record = {
            "authorisation_no": f"{case.case_no}-{_LETTERS[copy_kind]}{file['copy_no']}-{attempt}",
            "license_identifier": license_record["identifier"],
            "license_version": license_record["version"],
            "copy_kind": copy_kind,
            "copy_no": file["copy_no"],
            "sealed_sha256": file["sealed_sha256"],
            "print_file_sha256": file["sealed_sha256"] if specimen else file["print_file_sha256"],
            "template": file["template"],
            "template_version": file["template_version"],
            "target_county": case.parties.window,
            "target_hall": window.halls[0] if window and window.halls else "",
            "stock_kind": SPECIMEN_STOCK[copy_kind] if specimen else file["stock_kind"],
            "expires_at": now + timedelta(days=self._settings.authority.authorisation_days),
            "nonce": secrets.token_bytes(_TOKEN_BYTES),
            "replaces": replaces,
        }
        names = (
            "authorisation_no", "license_identifier", "copy_kind", "copy_no", "stock_kind", "target_county",
            "target_hall", "expires_at", "replaces",
        )  # fmt: skip
        draft = _draft(case, "print.authorised", record, {name: record[name] for name in names}, None)
        self._box.put(tx, draft, directory, now)

    def replace_spoiled(
        self, tx: Connection, case: Case, outcome: Mapping[str, Any], directory: DirectoryView, now: datetime
    ) -> None:
        """A spoiled sheet ended its authorisation: authorise anew, up to the county's limit, then ask a person."""
        stem, _, attempt = outcome["authorisation_no"].rpartition("-")
        if int(attempt) > self._settings.authority.replacements:
            error = YunhuobanError(TOO_MANY_SPOILED, place=outcome["authorisation_no"], found=attempt)
            troublebook.note(tx, f"spoiled/{stem}", error, now, case_no=case.case_no)
            return
        license_id = tx.execute(
            select(tables.outbox.c.message_id).where(
                tables.outbox.c.case_no == case.case_no, tables.outbox.c.type == "license.issued"
            )
        ).scalar_one()
        record = self._box.record(tx, license_id)
        letter = stem.rpartition("-")[2]
        file = next(each for each in record["files"] if f"{_LETTERS[each['copy_kind']]}{each['copy_no']}" == letter)
        self._authorise(
            tx,
            case,
            record,
            file,
            directory,
            now,
            attempt=int(attempt) + 1,
            replaces=outcome["authorisation_no"],
        )


def _application_seq(tx: Connection, case: Case) -> int:
    return tx.execute(
        select(func.min(tables.inbox.c.seq)).where(
            tables.inbox.c.case_no == case.case_no,
            tables.inbox.c.type == "application.submitted",
            tables.inbox.c.state == "applied",
        )
    ).scalar_one()


def _draft(
    case: Case, message_type: str, record: Mapping[str, Any], facts: Mapping[str, Any], message_id: str | None
) -> Draft:
    return Draft(
        type=message_type,
        case_no=case.case_no,
        destination=case.parties.window,
        service_item=case.service_item,
        trial=case.trial,
        record=record,
        facts=facts,
        message_id=message_id,
    )
