"""The issuing county's signed permissions to print: one copy, once, in one hall.

Anew only in the place of one that ended without a good sheet: by itself after a spoiled one, up to the county's limit,
and whenever a person of the county orders it after a spoiled, revoked or expired one.
"""

import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, select

from adapters.authority import ownlicenses, windowpowers
from adapters.authority.ownlicenses import NOT_AUTHORISED
from adapters.boxes.outbox import Draft, Outbox
from adapters.case.casebook import Case
from adapters.directory.directoryview import DirectoryView
from adapters.local import troublebook
from adapters.settings import CountySettings
from adapters.store import tables
from schemas.envelope import Envelope, derived_id
from schemas.errors import YunhuobanError, declare
from schemas.lifecycle import advance

TOO_MANY_SPOILED: Final = declare(
    "E-PRINT-302",
    "该份证照已多次作废，不再自动补授权。",
    "请与打印县核对后，由人工决定；要补授权的，在本地系统中出具“打印授权”文书。",
)
NOT_ANEW: Final = declare(
    "E-PRINT-308",
    "这个打印授权不能补授权：它还没有结束、已经打印、已补过授权，或者证照已经失效。",
    "请核对授权编号；只有已作废、已撤销或已过期的授权可以补一次。",
)
_OVER: Final = ("spoiled", "revoked", "expired")
_NONCE_BYTES: Final = 16
_LETTERS: Final[Mapping[str, str]] = {"duplicate": "D", "original": "O"}
_SPECIMEN_STOCK: Final[Mapping[str, str]] = {"iso_a3_297x420mm": "specimen-a3"}
"""Paper for specimens by the sheet's size; whatever is not A3 fits on A4."""


class Authoriser:
    """Writes authorisations into the outbox."""

    def __init__(self, settings: CountySettings, box: Outbox) -> None:
        """The settings say for how long, and how often a spoiled sheet is replaced without a person."""
        self._settings = settings
        self._box = box

    def authorise_first(
        self,
        tx: Connection,
        case: Case,
        license_id: str,
        license_record: Mapping[str, Any],
        file: Mapping[str, Any],
        directory: DirectoryView | None,
        now: datetime,
    ) -> None:
        """Authorise a copy of a license that was just made.

        Of a license that is made anew, because its window had refused it, the hub knows an authorisation already: that
        is the one to replace.
        """
        stem = _stem(case, file)
        columns = tables.outbox.c
        rows = tx.execute(
            select(columns.message_id, columns.admitted_at)
            .where(columns.case_no == case.case_no, columns.type == "print.authorised")
            .order_by(columns.seq)
        ).all()
        tried = [(self._box.record(tx, row.message_id)["authorisation_no"], row.admitted_at) for row in rows]
        mine = [(number, admitted_at) for number, admitted_at in tried if number.startswith(stem)]
        known = [number for number, admitted_at in mine if admitted_at is not None]
        self.authorise(
            tx,
            case,
            license_id,
            license_record,
            file,
            directory,
            now,
            attempt=1 + max((_attempt(number) for number, _ in mine), default=0),
            replaces=known[-1] if known else None,
        )

    def authorise(
        self,
        tx: Connection,
        case: Case,
        license_id: str,
        license_record: Mapping[str, Any],
        file: Mapping[str, Any],
        directory: DirectoryView | None,
        now: datetime,
        *,
        attempt: int = 1,
        replaces: str | None = None,
    ) -> str:
        """Authorise one print of one copy; returns the message's id.

        On trial, specimen paper takes the complete, marked page, never stock. Raises E-POWER-004 when the window
        may not hand results over.
        """
        windowpowers.demand_delivery(directory, case.parties, case.service_item, now)
        copy_kind, specimen = file["copy_kind"], self._settings.trial or case.trial
        window = directory.members.get(case.parties.window) if directory else None
        record = {
            "authorisation_no": f"{_stem(case, file)}{attempt}",
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
            "stock_kind": _SPECIMEN_STOCK.get(file["media"], "specimen-a4") if specimen else file["stock_kind"],
            "expires_at": now + timedelta(days=self._settings.authority.authorisation_days),
            "nonce": secrets.token_bytes(_NONCE_BYTES),
            "replaces": replaces,
        }
        draft = Draft(
            type="print.authorised",
            case_no=case.case_no,
            destination=case.parties.window,
            service_item=case.service_item,
            trial=case.trial,
            record=record,
            message_id=derived_id(license_id, f"print.authorised {record['authorisation_no']}"),
            patient=replaces is not None,
        )
        return self._box.put(tx, draft, directory, now)

    def replace_spoiled(
        self,
        tx: Connection,
        case: Case,
        outcome: Mapping[str, Any],
        directory: DirectoryView | None,
        now: datetime,
    ) -> None:
        """A spoiled sheet ended its authorisation: authorise anew, up to the county's limit, then ask a person.

        Raises E-PRINT-305 when this county never authorised that sheet.
        """
        given = self._given(tx, case)
        spoiled = given.get(outcome["authorisation_no"])
        if spoiled is None:
            raise YunhuobanError(NOT_AUTHORISED, place="authorisation_no", found=outcome["authorisation_no"])
        if any(each["replaces"] == spoiled["authorisation_no"] for each in given.values()):
            return
        if not ownlicenses.may_be_printed(tx, spoiled["license_identifier"]):
            return  # it ended meanwhile: the spoiled sheet was its last
        if spoiled["authorisation_no"] in _revoked(tx, case):
            return  # a person took it back while the sheet was out, and orders a new one or not
        times = 1 + _replaced_before(given, spoiled)
        if times > self._settings.authority.replacements:
            error = YunhuobanError(TOO_MANY_SPOILED, place=spoiled["authorisation_no"], found=str(times))
            troublebook.note(tx, f"spoiled/{spoiled['authorisation_no']}", error, now, case_no=case.case_no)
            return
        try:
            self._replace(tx, case, spoiled, directory, now)
        except YunhuobanError as error:
            if error.code is not windowpowers.NOT_DELIVERING:
                raise
            # The power was taken back meanwhile: the window's word about its sheet is none the worse for it.
            troublebook.note(tx, f"spoiled/{spoiled['authorisation_no']}", error, now, case_no=case.case_no)

    def replace_ordered(
        self, tx: Connection, case: Case, authorisation_no: str, directory: DirectoryView | None, now: datetime
    ) -> str:
        """A person of this county orders a new authorisation in the place of this one; returns the message's id.

        Whether a station was granted the earlier one only the hub knows, which then refuses. Raises E-PRINT-305 when
        this county never gave it, E-PRINT-308 when there is nothing to replace, E-ADM-102 when the case is closed,
        E-POWER-004 when the window may not hand results over any more.
        """
        advance(case.state, "print.authorised", None)
        given = self._given(tx, case)
        earlier = given.get(authorisation_no)
        if earlier is None:
            raise YunhuobanError(NOT_AUTHORISED, place="replaces", found=authorisation_no)
        found = _stands(tx, case, earlier, now)
        if found in _OVER and any(each["replaces"] == authorisation_no for each in given.values()):
            found = "replaced"
        if found not in _OVER or not ownlicenses.may_be_printed(tx, earlier["license_identifier"]):
            raise YunhuobanError(NOT_ANEW, place=authorisation_no, found=found, expected=" / ".join(_OVER))
        return self._replace(tx, case, earlier, directory, now)

    def _replace(
        self,
        tx: Connection,
        case: Case,
        earlier: Mapping[str, Any],
        directory: DirectoryView | None,
        now: datetime,
    ) -> str:
        """Authorise the same copy once more, under a number that was never used, not even in vain."""
        license_id, license_record, file = self._license(tx, case, earlier)
        used = [number for number in self._given(tx, case, refused=True) if number.startswith(_stem(case, file))]
        return self.authorise(
            tx,
            case,
            license_id,
            license_record,
            file,
            directory,
            now,
            attempt=1 + max(map(_attempt, used)),
            replaces=earlier["authorisation_no"],
        )

    def _given(self, tx: Connection, case: Case, *, refused: bool = False) -> dict[str, Mapping[str, Any]]:
        """The authorisations of this case that stand, by number; `refused`: those that were refused, too."""
        columns = tables.outbox.c
        found = select(columns.message_id).where(columns.case_no == case.case_no, columns.type == "print.authorised")
        if not refused:
            found = found.where(columns.state != "refused")
        records = [self._box.record(tx, each) for each in tx.execute(found.order_by(columns.seq)).scalars()]
        return {record["authorisation_no"]: record for record in records}

    def _license(
        self, tx: Connection, case: Case, signed: Mapping[str, Any]
    ) -> tuple[str, Mapping[str, Any], Mapping[str, Any]]:
        """The license and file that an authorisation of ours names: message id, record, file."""
        ids = tx.execute(
            select(tables.outbox.c.message_id)
            .where(tables.outbox.c.case_no == case.case_no, tables.outbox.c.type == "license.issued")
            .order_by(tables.outbox.c.seq.desc())
        ).scalars()
        for license_id in ids:
            record = self._box.record(tx, license_id)
            for file in record["files"]:
                if file["sealed_sha256"] == signed["sealed_sha256"]:
                    return license_id, record, file
        raise YunhuobanError(NOT_AUTHORISED, place="sealed_sha256")


def _stem(case: Case, file: Mapping[str, Any]) -> str:
    """What the numbers of all authorisations of one copy begin with."""
    return f"{case.case_no}-{_LETTERS[file['copy_kind']]}{file['copy_no']}-"


def _attempt(authorisation_no: str) -> int:
    return int(authorisation_no.rpartition("-")[2])


def _revoked(tx: Connection, case: Case) -> set[str]:
    """The authorisations that this county has taken back."""
    columns = tables.outbox.c
    bodies = select(columns.body).where(columns.case_no == case.case_no, columns.type == "print.revoked")
    said = tx.execute(bodies.where(columns.state != "refused")).scalars()
    return {(Envelope.parse(body).facts or {})["authorisation_no"] for body in said}


def _stands(tx: Connection, case: Case, signed: Mapping[str, Any], now: datetime) -> str:
    """Where an authorisation of ours stands, as far as this county knows."""
    columns, number = tables.inbox.c, signed["authorisation_no"]
    bodies = select(columns.body).where(columns.case_no == case.case_no, columns.type == "print.settled")
    for body in tx.execute(bodies.where(columns.state == "applied")).scalars():
        facts = Envelope.parse(body).facts or {}
        if facts["authorisation_no"] == number:
            return str(facts["result"])
    if number in _revoked(tx, case):
        return "revoked"
    return "expired" if signed["expires_at"] <= now else "authorised"


def _replaced_before(given: Mapping[str, Mapping[str, Any]], signed: Mapping[str, Any]) -> int:
    """How many sheets of this copy were replaced on the way to this authorisation."""
    count, earlier = 0, signed["replaces"]
    while earlier is not None and earlier in given:
        count, earlier = count + 1, given[earlier]["replaces"]
    return count
