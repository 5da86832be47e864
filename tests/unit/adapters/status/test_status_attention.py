"""What county IT is told to do something about, and nothing else."""

from dataclasses import replace
from datetime import timedelta

import pytest

from adapters.countyit.status import attention
from adapters.countyit.status.report import ClockLine, Report, Weather
from pages import wording
from tests import status_report as made
from tests.status_report import AT, report

SHORT = attention.DISK_FREE_BYTES - 1
HALF_AN_HOUR = timedelta(minutes=31)
SILENT = made.partner(Weather.SLOW, waiting=3, oldest_at=AT - HALF_AN_HOUR)
CASES = {
    "nobody is running": (report(pulse=None), "E-NODE-001"),
    "no link for three minutes": (
        report(pulse=made.pulse(connected=False, since=timedelta(minutes=3), problem="E-LINK-002")),
        "E-NODE-002",
    ),
    "not admitted for eleven minutes": (
        report(traffic=made.traffic(unsent=2, unsent_since=AT - timedelta(minutes=11))),
        "E-NODE-003",
    ),
    "a partner that does not sign": (report(partners=[SILENT]), "E-NODE-004"),
    "thirty days left": (report(certificates=[made.certificate(days=30)]), "E-NODE-005"),
    "a certificate that has ended": (report(certificates=[made.certificate(days=-1)]), "E-CERT-052"),
    "a certificate that is not there": (
        report(certificates=[replace(made.certificate(), ends_at=None, days_left=None)]),
        "E-CERT-001",
    ),
    "a list of two days": (report(lists=[made.revocation_list(49.0, 23.0)]), "E-NODE-006"),
    "a list that has ended": (report(lists=[made.revocation_list(200.0, -1.0)]), "E-CERT-054"),
    "no directory": (report(directory_ends_at=None), "E-LINK-101"),
    "no room": (report(machine=made.machine(disk_free_bytes=SHORT)), "E-NODE-007"),
    "no mapping": (report(machine=made.machine(mapping="")), "E-NODE-008"),
    "troubles of the last day": (report(traffic=made.traffic(troubles=5, troubles_lately=2)), "E-NODE-014"),
    "a write that failed": (report(traffic=made.traffic(unwritten=2, unwritten_failed=1)), "E-NODE-015"),
    "a clock ahead": (report(clock=ClockLine(least=61.0, most=63.0)), "E-NODE-012"),
    "a clock behind": (report(clock=ClockLine(least=None, most=-61.0)), "E-NODE-013"),
}


@pytest.mark.parametrize(("found", "code"), CASES.values(), ids=CASES)
def test_each_thing_that_needs_a_person_is_told_once(found: Report, code: str) -> None:
    """One code, and a sentence in both languages in which nothing is left open."""
    (only,) = attention.needed(found)
    assert only.code.code == code
    for language in wording.LANGUAGES:
        said = wording.sentence(only, language)
        assert "—" not in said.sentence
        assert "{" not in said.sentence + said.remedy


IN_ORDER = {
    "everything": report(),
    "a link that has just broken": report(pulse=made.pulse(connected=False, since=timedelta(minutes=1))),
    "a message on its way": report(traffic=made.traffic(unsent=2, unsent_since=AT - timedelta(minutes=9))),
    "a partner that we cannot send to, which it has to put right": report(
        partners=[made.partner(Weather.BARRED, why="E-LINK-104")]
    ),
    "troubles that nobody was called for since yesterday": report(traffic=made.traffic(troubles=5)),
    "a write that is still to come": report(traffic=made.traffic(unwritten=2)),
    "thirty-one days": report(certificates=[made.certificate(days=31)]),
    "a clock of which nothing is known": report(clock=ClockLine(least=None, most=None)),
    "a clock that is so by the slowness of the way": report(clock=ClockLine(least=-900.0, most=900.0)),
}


@pytest.mark.parametrize("found", IN_ORDER.values(), ids=IN_ORDER)
def test_nobody_is_called_for_what_passes(found: Report) -> None:
    """Who is called for nothing does not come the next time."""
    assert attention.needed(found) == ()


def test_the_gravest_comes_first() -> None:
    """An ended certificate before a node that does not run before a silent partner."""
    found = report(pulse=None, partners=[SILENT], certificates=[made.certificate(days=9), made.certificate(days=-1)])
    codes = [each.code.code for each in attention.needed(found)]
    assert codes == ["E-CERT-052", "E-NODE-005", "E-NODE-001", "E-NODE-004"]
