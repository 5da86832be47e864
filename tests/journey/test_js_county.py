"""A county written in another language, from the specification alone, takes a case to its end with a Python county."""

from collections.abc import Iterator

import pytest

from deploy.demo.world import YONGJI
from deploy.jscounty import CODE, JsCounty
from tests.javascript import require_node
from tests.journey.road import Road, text_of, until

SECONDS = 180.0
pytestmark = pytest.mark.timeout(600)


@pytest.fixture
def county(road: Road) -> Iterator[JsCounty]:
    """盐山县, joined and running."""
    require_node()
    made = JsCounty(road.stage)
    made.join()
    made.start()
    yield made
    made.stop()


def test_a_case_of_a_county_in_javascript(road: Road, county: JsCounty):
    """Applied, decided in 永济, licensed, printed on trial paper, handed over; killed on the way, and proven whole."""
    county.apply("first")
    (case_no,) = until(lambda: list(county.cases()), "the case opened", SECONDS)
    until(lambda: road.state(case_no), "the application admitted", SECONDS)
    county.kill()
    county.start()
    until(lambda: county.finished() == [case_no], "handed over", SECONDS)
    until(lambda: road.state(case_no) == "handed_over", "handed over at the hub", SECONDS)
    until(lambda: not road.unsettled([case_no]), "every rung signed for", SECONDS)
    rungs = [row["type"] for row in road.hub("SELECT type FROM messages WHERE case_no = ? AND verdict = 'admitted'",
                                             case_no)]  # fmt: skip
    for rung in ("application.submitted", "application.accepted", "decision.made", "license.issued",
                 "print.authorised", "print.settled", "case.handed_over"):  # fmt: skip
        assert rungs.count(rung) == 1, rung
    assert [row["state"] for row in road.hub("SELECT state FROM print_authorisations WHERE case_no = ?", case_no)] == [
        "printed"
    ]
    assert road.hub("SELECT 1 FROM messages WHERE source = ? AND state = 'refused'", CODE) == []
    (sheet,) = county.sheets()
    (authorised,) = road.hub("SELECT authorisation_no FROM print_authorisations WHERE case_no = ?", case_no)
    assert sheet.name == f"{authorised['authorisation_no']}.print.pdf"
    assert "样张" in text_of(sheet)
    at_yongji = road.county(YONGJI.code, "SELECT state FROM cases WHERE case_no = ?", case_no)
    assert [row["state"] for row in at_yongji] == ["handed_over"]
