"""The counties' own systems: each step of their clerks became one message, each message left one trace."""

from collections import Counter
from collections.abc import Iterator
from typing import Final

from tests.chaos.findings import Kind, Problem
from tests.chaos.localbooks import Trace
from tests.chaos.lookup import Lookup

_MADE: Final = ("application.accepted", "decision.made", "case.handed_over")
_NUMBERED: Final = ("print.authorised", "print.revoked", "print.settled")


def check(look: Lookup) -> Iterator[Problem]:
    """Both directions."""
    for code in look.counties:
        yield from _steps(look, code)
        yield from _traces(look, code)


def _steps(look: Lookup, code: str) -> Iterator[Problem]:
    """A step that a clerk committed is admitted once; none is admitted that no clerk made."""
    made = set(look.counties[code].local.made)
    sent: Counter[Trace] = Counter()
    for rows in look.admitted.values():
        for row in rows:
            if row["source"] == code and row["type"] in _MADE:
                sent[Trace(look.label(code, row["case_no"]), row["type"])] += 1
    for step in sorted(made | set(sent)):
        times = sent[step]
        if step not in made:
            yield _problem("step.invented", Kind.INVENTED, step, f"{times} admitted of {code}", "a clerk's step")
        elif times != 1:
            kind = Kind.DOUBLED if times else Kind.LOST
            yield _problem("step.admitted", kind, step, f"{times} admitted of {code}", "1")


def _traces(look: Lookup, code: str) -> Iterator[Problem]:
    """What was carried out stands in the local system once."""
    wanted: Counter[Trace] = Counter()
    for row in look.counties[code].local_writes:
        if not row["done"]:
            continue
        number = ""
        if row["type"] in _NUMBERED:
            message = look.message.get((row["source"], row["message_id"]))
            number = str(message["facts"].get("authorisation_no", "")) if message else ""
        wanted[Trace(look.label(code, row["case_no"]), row["type"], number)] += 1
    found = Counter(look.counties[code].local.traces)
    for trace in sorted(set(wanted) | set(found)):
        if found[trace] < wanted[trace]:
            yield _problem(
                "local.lost", Kind.LOST, trace, f"{found[trace]} in the system of {code}", str(wanted[trace])
            )
        elif not wanted[trace]:
            yield _problem("local.invented", Kind.INVENTED, trace, f"in the system of {code}", "a message")
        elif found[trace] > wanted[trace]:
            yield _problem("local.doubled", Kind.DOUBLED, trace, f"{found[trace]} in the system of {code}", "1")


def _problem(rule: str, kind: Kind, step: Trace, found: str, expected: str) -> Problem:
    what = f"{step.type} {step.number}".strip()
    return Problem(rule=rule, kind=kind, case=step.case, found=f"{what}: {found}", expected=expected)
