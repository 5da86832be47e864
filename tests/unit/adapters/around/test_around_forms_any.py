"""Whatever is typed into a form or pasted into a list: a record, or problems with codes; nothing else comes out."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.hall.around import forms, pasting
from adapters.hall.around.known import Known
from adapters.hall.around.reading import read
from schemas.aroundhistory import Said
from schemas.errors import YunhuobanError
from schemas.messages import Parties
from schemas.workdays.calendars import Calendar
from tests import around_records as of
from tests.county_records import START
from tests.county_world import ISSUING, WINDOW
from tests.sampling import examples

SAID = [
    Said(WINDOW, "parcel.sent", of.parcel()),
    Said(ISSUING, "visit.offered", of.visit_offer()),
    Said(WINDOW, "visit.booked", of.visit_booking()),
    Said(WINDOW, "rating.given", of.rating()),
    Said(WINDOW, "list.published", of.monthly_list()),
]
TEXTS = st.text(max_size=30) | st.sampled_from(
    [
        "",
        " ",
        "0",
        "2026-12-01",
        "2026-12-01T09:00",
        "9999-12-31T23:59",
        "0001-01-01T00:00",
        "yes",
        "1",
        "130928199003074511",
    ]
)


def known(county: str) -> Known:
    """Everything that can be answered was said."""
    return Known(
        now=START, county=county, name="王", parties=Parties(window=WINDOW, issuing=ISSUING),
        calendar=Calendar(complete=False).of(ISSUING), said=SAID,
    )  # fmt: skip


@pytest.mark.parametrize("kind", sorted(of.GOOD))
def test_only_declared_errors_come_out_of_a_form(kind: str) -> None:
    """A record of exactly the contract's fields, or a problem for each field that is wrong."""
    facts = known(ISSUING if kind in ("parcel.received", "rating.followed_up", "visit.done") else WINDOW)
    paper = forms.paper(kind, facts)
    names = [each.path for each in paper.asks] + [rows.path for rows in paper.rows] + [
        rows.name(1, ask) for rows in paper.rows for ask in rows.columns
    ]  # fmt: skip

    @settings(max_examples=examples(60, 2), deadline=None, database=None)
    @given(st.fixed_dictionaries(dict.fromkeys(names, TEXTS)))
    def check(typed: dict[str, str]) -> None:
        found = read(paper, typed, facts)
        assert all(isinstance(each, YunhuobanError) for each in found.problems.values())
        assert found.problems or found.record.keys() == of.GOOD[kind].keys()

    check()


@settings(max_examples=examples(500, 30), deadline=None, database=None)
@given(st.text(alphabet=st.characters() | st.sampled_from("\t\n\r王1X"), max_size=200))
def test_only_declared_errors_come_out_of_a_pasted_list(text: str) -> None:
    """Rows, or the first thing that is wrong."""
    (rows,) = forms.paper("list.published", known(WINDOW)).rows
    try:
        found = pasting.lines_of(rows, text)
    except YunhuobanError:
        return
    assert all(each.keys() == of.line(1).keys() for each in found)
