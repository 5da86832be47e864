"""Any bytes as the calendar of a signed directory: the county keeps the directory and has a calendar."""

from collections.abc import Iterator, Sequence
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.directory import directoryview
from adapters.directory.carriedcalendar import UNREADABLE
from adapters.store import open_store
from schemas import directory as form
from schemas.errors import Code, YunhuobanError
from tests.county_world import ISSUING, WINDOW, Network
from tests.unit.adapters.core.test_directory_changes import Told, base

SHAPED = st.builds(
    lambda cells: ("日期,安排,行政区划代码,办公时间,说明\n" + "\n".join(",".join(row) for row in cells)).encode(),
    st.lists(
        st.tuples(
            st.sampled_from(["2031", "2031-03-05", "周五", "每天", "9999-99-99"]),
            st.sampled_from(["休息", "上班", "全年已公布", "办公时间", "半天"]),
            st.sampled_from(["", "140881", "14088"]), st.sampled_from(["", "9:00-12:00", "25:00-26:00"]), st.just(""),
        ), max_size=4,
    ),
)  # fmt: skip


@pytest.fixture(scope="module")
def county(county_network: Network, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    """A county that has the first directory, and follows."""
    store = open_store(f"sqlite:///{tmp_path_factory.mktemp('carried') / 'county.sqlite'}")
    told = Told(county_network, store)
    assert told.take(told.answer(0)[0]) == "applied"
    yield told
    store.close()


@given(values=st.lists(st.binary(max_size=200) | SHAPED, max_size=3, unique=True))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_bytes_the_entry_holds_the_county_keeps_directory_and_calendar(
    county: Told, values: Sequence[bytes]
) -> None:
    """Read and certain, or unread and no day certain; the counties are there, and nothing but E-LINK-112 is raised."""
    calendars = {form.digest_key(form.CALENDAR, value): value for value in values}
    assert county.take(county.publish(base(county.network) | calendars)) == "applied"
    serial, held = county.held()
    anchors = county.network.identities[WINDOW].anchors
    view = directoryview.view(held, serial=serial, expires_at=county.now, anchors=anchors, trial=True)
    wrong = _wrong(view)
    assert wrong in (None, UNREADABLE)
    assert view.calendar.complete == (wrong is None)
    assert view.calendar.of(ISSUING).day(date(2031, 3, 5)).provisional or wrong is None
    assert view.members[ISSUING].statement is not None


def _wrong(view: directoryview.DirectoryView) -> Code | None:
    try:
        view.carried.demand_readable()
    except YunhuobanError as error:
        return error.code
    return None
