"""A list of towns and villages comes from outside: whatever bytes it is, only declared errors come out of it."""

from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.hall.agents import places
from schemas.errors import YunhuobanError
from tests.county_world import WINDOW
from tests.sampling import examples

LINES = st.lists(
    st.tuples(st.one_of(st.from_regex(r"130928[0-9]{6}", fullmatch=True), st.text(max_size=14)), st.text(max_size=8))
).map(lambda rows: "\n".join(",".join(row) for row in rows).encode(errors="replace"))


@settings(max_examples=examples(400, 40), deadline=None)
@given(data=st.one_of(st.binary(max_size=200), LINES))
def test_whatever_is_uploaded_is_a_list_or_a_declared_error(data: bytes) -> None:
    """What is read is right to the last place: this county's, with a name and a level."""
    found, refused = list[places.Place](), None
    try:
        found = list(places.of_csv(WINDOW, data))
    except YunhuobanError as error:
        refused = error.code
    assert refused in (None, places.WRONG, places.NOT_READ)
    assert bool(found) is (refused is None)
    for each in found:
        assert each.code.startswith(WINDOW)
        assert len(each.code) == 12
        assert each.name
        assert each.level
