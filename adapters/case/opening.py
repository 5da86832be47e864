"""Opening a case for an application of this county's window, taken by its own system or at our pages."""

from datetime import datetime

from sqlalchemy import Connection

from adapters.authority import windowpowers
from adapters.boxes import heldback
from adapters.case import agency, casebook
from adapters.case.casebook import Case
from adapters.directory import choosing
from adapters.directory.directoryview import DirectoryView
from adapters.local.mapping import Translation
from schemas.messages import Parties


def judge(tx: Connection, said: Translation, directory: DirectoryView, *, window: str, now: datetime) -> None:
    """Whether the hub and the issuing county would take it.

    Raises E-SRC-103, E-CAT-101…109, E-ID-003 to -005, a code of the gate, E-POWER-001 to -003 or -005, or E-AGENT-001.
    """
    choosing.check(said, directory, window=window, now=now)
    parties = Parties(window=window, issuing=said.destination or "")
    windowpowers.demand_said(directory, parties, said.service_item or "", said.message_type, said.canonical)
    agency.demand_authority(said.canonical)
    heldback.check(tx, destination=said.destination or "", service_item=said.service_item or "", trial=said.trial)


def open_case(
    tx: Connection, said: Translation, *, window: str, local_case: str | None, now: datetime, case_no: str = ""
) -> Case:
    """Enter the case of an application that was judged, under the next number of this county unless it has one."""
    return casebook.open_case(
        tx,
        case_no=case_no or casebook.mint(tx, window, now),
        parties=Parties(window=window, issuing=said.destination or ""),
        service_item=said.service_item or "",
        trial=said.trial,
        local_case=local_case,
        now=now,
    )
