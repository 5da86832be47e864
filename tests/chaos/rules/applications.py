"""What the windows took against what became a case: acknowledged once is a case once, and no case without a cause."""

from collections import Counter
from collections.abc import Iterator, Sequence

from tests.chaos.findings import Kind, Problem
from tests.chaos.history import Event
from tests.chaos.lookup import Lookup


def check(look: Lookup) -> Iterator[Problem]:
    """The way from a clerk's word to a case at the hub."""
    acknowledged, doubtful = _submissions(look.events)
    for (code, number), times in acknowledged.items():
        if times > 1:
            yield _problem("application.acknowledged", Kind.DOUBLED, number, f"{code}: {times} times")
    for code, books in look.counties.items():
        taken = Counter(books.local.taken)
        mine = {number for county, number in acknowledged if county == code}
        for number in sorted(mine - set(taken)):
            yield _problem("application.taken", Kind.LOST, number, f"not in the system of {code}")
        for number, times in taken.items():
            if times > 1:
                yield _problem("application.taken", Kind.DOUBLED, number, f"{times} times in the system of {code}")
        strangers = sorted(set(taken) - mine)
        for number in strangers[doubtful[code] :]:
            yield _problem("application.unknown", Kind.INVENTED, number, f"in the system of {code}, never submitted")
        for number in taken:
            yield from _opened(look, code, number)
    yield from _caused(look)
    yield from _outcomes(look)


def _submissions(events: Sequence[Event]) -> tuple[Counter[tuple[str, str]], Counter[str]]:
    """How often each (county, local number) was acknowledged, and how many applications of a county are in doubt."""
    acknowledged: Counter[tuple[str, str]] = Counter()
    doubtful: Counter[str] = Counter()
    for event in events:
        if event.kind != "submit":
            continue
        code, count = str(event.details.get("county", "")), int(event.details.get("count", 1))
        if event.phase == "invoke":
            doubtful[code] += count  # in doubt until an answer settles it; one that never comes leaves it so
        elif event.phase in ("ok", "fail"):
            doubtful[code] -= count
        if event.phase == "ok":
            acknowledged.update((code, number) for number in numbers(event))
    return acknowledged, doubtful


def numbers(event: Event) -> list[str]:
    """The local numbers that one submission was given."""
    return [str(each) for each in event.details.get("cases", ())] or [event.case]


def _opened(look: Lookup, code: str, number: str) -> Iterator[Problem]:
    """An application that was taken is one case, admitted once."""
    cases = look.cases_of.get((code, number), [])
    good = [
        case_no
        for case_no in cases
        if any(row["type"] == "application.submitted" and row["source"] == code for row in look.admitted[case_no])
    ]
    if not good:
        found = f"cases {cases or 'none'} at {code}, none admitted"
        yield _problem("application.admitted", Kind.LOST, number, found)
    elif len(good) > 1:
        yield _problem("application.admitted", Kind.DOUBLED, number, f"cases {', '.join(sorted(good))}")


def _caused(look: Lookup) -> Iterator[Problem]:
    """Every case of the hub was opened by its window county for an application that stands in the local system."""
    taken = {code: set(books.local.taken) for code, books in look.counties.items()}
    for row in look.hub.cases:
        code, case_no = row["window_county"], row["case_no"]
        if look.local_of.get((code, case_no)) not in taken.get(code, set()):
            yield _problem("case.invented", Kind.INVENTED, case_no, f"no application of {code} caused it")
    known = {row["case_no"] for row in look.hub.cases}
    for code, books in look.counties.items():
        for row in books.cases:
            if row["case_no"] not in known and row["window_county"] != code:
                yield _problem("case.invented", Kind.INVENTED, row["case_no"], f"at {code}, not at the hub")


def _outcomes(look: Lookup) -> Iterator[Problem]:
    """What was submitted with something missing is denied, and the rest is granted."""
    denied = {row["case_no"] for row in look.hub.cases if row["state"] == "denied"}
    for event in look.events:
        if event.kind != "submit" or event.phase != "ok" or "flawed" not in event.details:
            continue
        for number in numbers(event):
            for case_no in look.cases_of.get((str(event.details["county"]), number), []):
                if (case_no in denied) != bool(event.details["flawed"]):
                    found = "denied" if case_no in denied else "not denied"
                    yield _problem(
                        "case.outcome", Kind.DISAGREEMENT, case_no, found, f"flawed={event.details['flawed']}"
                    )


def _problem(rule: str, kind: Kind, case: str, found: str, expected: str = "once") -> Problem:
    return Problem(rule=rule, kind=kind, case=case, found=found, expected=expected)
