"""Evidence by key, made once per check, so that every rule is linear in the size of the run."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Final

from schemas.messages import HUB, HUB_TYPES, TYPES
from tests.chaos.evidence import Evidence, Row
from tests.chaos.history import Event

NOTICES: Final = frozenset(name for name, kind in TYPES.items() if not kind.chained)
"""Words about other messages: neither receipted nor applied to a case."""


class Lookup:
    """One run, indexed."""

    def __init__(self, events: Sequence[Event], evidence: Evidence) -> None:
        """Go over everything once."""
        self.events = events
        self.evidence = evidence
        self.hub = evidence.hub
        self.counties = evidence.counties
        self.message = {(row["source"], row["message_id"]): row for row in self.hub.messages}
        self.leaf = {row["leaf_index"]: row for row in self.hub.journal}
        self.admitted: dict[str, list[Row]] = defaultdict(list)
        for row in self.hub.messages:
            if row["state"] == "admitted":
                self.admitted[row["case_no"]].append(row)
        self.outbox = {(code, row["message_id"]): row for code, books in self.counties.items() for row in books.outbox}
        self.inbox: dict[tuple[str, str, str], list[Row]] = defaultdict(list)
        self.county_case = {(code, row["case_no"]): row for code, books in self.counties.items() for row in books.cases}
        self.local_of: dict[tuple[str, str], str] = {}
        self.cases_of: dict[tuple[str, str], list[str]] = defaultdict(list)
        for code, books in self.counties.items():
            for row in books.inbox:
                if row["type"] not in HUB_TYPES:
                    self.inbox[code, row["source"], row["message_id"]].append(row)
            for row in books.cases:
                if row["local_case"]:
                    self.local_of[code, row["case_no"]] = row["local_case"]
                    self.cases_of[code, row["local_case"]].append(row["case_no"])

    def to_counties(self) -> list[Row]:
        """Every admitted message that a county is to get."""
        return [row for row in self.hub.messages if row["state"] == "admitted" and row["destination"] != HUB]

    def label(self, code: str, case_no: str) -> str:
        """The number under which a county's own system knows a case."""
        return self.local_of.get((code, case_no), case_no)

    def allowed(self, what: str) -> int:
        """How many `refusals` or `dead_letters` the faults of the history may have left behind."""
        return sum(int(each.details.get(what, 0)) for each in self.events if each.kind == "fault")

    def leaf_index(self, row: Row) -> int:
        """The leaf that a hub message's evidence names; -1 when it names none."""
        return int(row["evidence"]["leaf_index"]) if row["evidence"] else -1
