"""The agents' cases that this county is a party of, with whoever is next in charge; names are masked.

Who the agent is stands in the application alone, so each is opened; only cases under way are, and for telling those of
whom this county is in charge.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from adapters.case import agency, casebook, caselist
from adapters.case.casebook import Case
from adapters.case.workplace import Workplace
from adapters.hall.agents import places
from adapters.hall.desk.view import CaseLine
from adapters.identity import Identity
from pages.people.person import Role
from schemas.identifiers.masking import masked_name
from schemas.workdays.hours import beijing_day


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentLine:
    """One agent's case."""

    line: CaseLine
    channel: str
    origin: str
    """Town or village, or whatever was said of the place; empty for the county's hall."""
    origin_code: str
    kind: str
    """`Intake.agent`."""
    organisation: str
    agent: str
    """Masked; empty when the application does not name him."""
    until: date | None
    """Until when he may act; None when nothing was said."""
    over: bool
    in_charge: str
    """The county that is next in charge, by name; empty when nobody is."""
    role: Role | None


@dataclass(frozen=True, slots=True)
class Awaited:
    """An agent's case that waits for a role of this county."""

    case_no: str
    state: str
    role: Role


class AgentCases:
    """One county's; reads only."""

    def __init__(self, place: Workplace) -> None:
        """Nothing is read yet."""
        self._place = place

    def listed(self) -> Sequence[AgentLine]:
        """Those under way, what is late first."""
        place, now = self._place, self._place.clock()
        with place.store.read() as tx:
            directory, own = place.directory(tx), places.names(tx)
            lines = caselist.under_way(tx, directory, place.county, now)
            found = []
            for line in lines:
                case = casebook.find(tx, line.case_no)
                intake = agency.intake(tx, place.identity, case) if case is not None else None
                if case is None or intake is None:
                    continue
                code, authority, charge = intake["origin_code"] or "", intake["authority"], agency.next_in_charge(case)
                until = authority["valid_until"] if authority is not None else None
                county = charge[0] if charge is not None else ""
                found.append(
                    AgentLine(
                        line=line,
                        channel=intake["channel"],
                        origin=intake["intake_place"] or own.get(code, ""),
                        origin_code=code,
                        kind=intake["agent"],
                        organisation=intake["organisation"],
                        agent=masked_name(authority["agent_name"]) if authority is not None else "",
                        until=until,
                        over=until is not None and until < beijing_day(now),
                        in_charge=directory.name(county) if directory is not None and county else county,
                        role=charge[1] if charge is not None else None,
                    )
                )
            return found


class AgentWatch:
    """What of the agents' cases waits for somebody here, for the loop that tells; remembers which case is one."""

    def __init__(self, identity: Identity, county: str) -> None:
        """Nothing is read yet."""
        self._identity = identity
        self._county = county
        self._known: dict[str, bool] = {}

    def waiting(self, tx: Connection, lines: Collection[CaseLine]) -> Sequence[Awaited]:
        """Of these cases under way."""
        found = []
        for line in lines:
            case = casebook.find(tx, line.case_no)
            charge = agency.next_in_charge(case) if case is not None else None
            if case is None or charge is None or charge[0] != self._county or not self._is_one(tx, case):
                continue
            found.append(Awaited(case.case_no, case.state.value, charge[1]))
        under_way = {each.case_no for each in lines}
        self._known = {number: is_one for number, is_one in self._known.items() if number in under_way}
        return found

    def _is_one(self, tx: Connection, case: Case) -> bool:
        if case.case_no not in self._known:
            self._known[case.case_no] = agency.intake(tx, self._identity, case) is not None
        return self._known[case.case_no]
