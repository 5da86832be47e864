"""The ladder of every case: each rung admitted exactly once, in the state it leads to, and signed as received."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Final

from tests.chaos.evidence import Row
from tests.chaos.findings import Kind, Problem
from tests.chaos.lookup import NOTICES, Lookup

RECEIVED: Final = "message.received"
_ALWAYS: Final = ("application.submitted", "application.accepted", "decision.made")
_GRANTED: Final = ("license.issued", "case.handed_over")
_PAPER: Final = ("print.authorised", "print.claimed", "print.settled")
_REPLACED: Final = 1
"""How often an issuing county authorises a spoiled sheet anew by itself (its setting's default)."""


def check(look: Lookup) -> Iterator[Problem]:
    """Every case of the hub."""
    authorisations: dict[str, list[Row]] = defaultdict(list)
    for row in look.hub.authorisations:
        authorisations[row["case_no"]].append(row)
    for case in look.hub.cases:
        yield from _case(look, case, authorisations[case["case_no"]])
        yield from _states(look, case)
    yield from _received(look)


def _case(look: Lookup, case: Row, authorisations: list[Row]) -> Iterator[Problem]:
    case_no = case["case_no"]
    messages = look.admitted[case_no]
    found = Counter(row["type"] for row in messages)
    for name in _ALWAYS:
        yield from _once(case_no, name, found[name])
    outcomes = {row["facts"].get("outcome") for row in messages if row["type"] == "decision.made"}
    if outcomes == {"denied"}:
        for name in (*_GRANTED, *_PAPER):
            if found[name]:
                yield _problem(
                    "rung.invented", Kind.INVENTED, case_no, f"{found[name]} {name} of a denied case", "none"
                )
        yield from _ends(case, "denied")
        return
    given_up, missing = _copies(authorisations)
    for number in missing:
        yield _problem(
            "print.replacement", Kind.LOST, number, "spoiled, and nothing replaces it", "a new authorisation"
        )
    yield from _once(case_no, "license.issued", found["license.issued"])
    if not given_up:
        yield from _once(case_no, "case.handed_over", found["case.handed_over"])
        yield from _ends(case, "handed_over")
    if not authorisations:
        yield _problem("rung.missing", Kind.LOST, case_no, "no print.authorised", "at least one")
    yield from _sheets(case_no, messages, authorisations)


def _sheets(case_no: str, messages: list[Row], authorisations: list[Row]) -> Iterator[Problem]:
    """Each authorisation: authorised once, claimed at least once, settled once, all under its own number."""
    numbers = {row["authorisation_no"] for row in authorisations}
    said = {name: Counter(r["facts"].get("authorisation_no") for r in messages if r["type"] == name) for name in _PAPER}
    for number in sorted(numbers):
        yield from _once(number, "print.authorised", said["print.authorised"][number])
        yield from _once(number, "print.settled", said["print.settled"][number])
        if not said["print.claimed"][number]:
            yield _problem("rung.missing", Kind.LOST, number, "no print.claimed", "at least one")
    for name, counted in said.items():
        for number in counted:
            if number not in numbers:
                yield _problem(
                    "rung.invented", Kind.INVENTED, case_no, f"{name} {number}", "an authorisation of the case"
                )


def _copies(authorisations: list[Row]) -> tuple[bool, list[str]]:
    """Whether a copy was spoiled more often than it is replaced, and the spoiled sheets that lack their replacement."""
    replaced = {row["replaces"] for row in authorisations}
    depth: dict[str, int] = {}
    given_up, missing = False, []
    for row in sorted(authorisations, key=lambda each: each["authorised_at"]):
        number = row["authorisation_no"]
        depth[number] = depth.get(row["replaces"], -1) + 1
        if row["state"] == "spoiled" and number not in replaced:
            given_up = given_up or depth[number] >= _REPLACED
            if depth[number] < _REPLACED:
                missing.append(number)
    return given_up, missing


def _states(look: Lookup, case: Row) -> Iterator[Problem]:
    """Both counties know the case, with the same parties and in the same state."""
    for code in {case["window_county"], case["issuing_county"]} & set(look.counties):
        mine = look.county_case.get((code, case["case_no"]))
        if mine is None:
            yield _problem("case.known", Kind.LOST, case["case_no"], f"not at {code}", "at both counties")
            continue
        names = ("window_county", "issuing_county", "service_item", "trial", "state")
        if any(mine[name] != case[name] for name in names):
            found = f"{code}: {[str(mine[name]) for name in names]}"
            yield _problem("case.state", Kind.DISAGREEMENT, case["case_no"], found, f"{[case[name] for name in names]}")


def _received(look: Lookup) -> Iterator[Problem]:
    """Every chained message to a county is signed as received once, and the hub has noted it."""
    signed: Counter[tuple[str, str, str]] = Counter()
    for row in look.to_counties():
        if row["type"] == RECEIVED:
            signed[row["source"], row["destination"], str(row["in_reply_to"])] += 1
    for row in look.to_counties():
        if row["type"] in NOTICES:
            continue
        times = signed.pop((row["destination"], row["source"], row["message_id"]), 0)
        what = f"{row['type']} {row['message_id']}"
        if not times:
            yield _problem("rung.received", Kind.LOST, row["case_no"], f"{what} never signed as received", "once")
        elif times > 1:
            yield _problem("rung.received", Kind.DOUBLED, row["case_no"], f"{what} signed {times} times", "once")
        elif row["received_at"] is None:
            yield _problem("rung.received", Kind.DISAGREEMENT, row["case_no"], f"{what} signed, not noted", "noted")
    for source, _, about in signed:
        yield _problem("rung.received", Kind.INVENTED, "", f"{source} signs for {about}", "a message to it")


def _once(case: str, name: str, times: int) -> Iterator[Problem]:
    if times == 0:
        yield _problem("rung.missing", Kind.LOST, case, f"no {name}", "once")
    elif times > 1:
        yield _problem("rung.doubled", Kind.DOUBLED, case, f"{times} {name}", "once")


def _ends(case: Row, state: str) -> Iterator[Problem]:
    if case["state"] != state:
        yield _problem("case.end", Kind.UNFINISHED, case["case_no"], str(case["state"]), state)


def _problem(rule: str, kind: Kind, case: str, found: str, expected: str) -> Problem:
    return Problem(rule=rule, kind=kind, case=case, found=found, expected=expected)
