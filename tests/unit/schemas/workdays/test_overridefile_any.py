"""Calendar files from anybody: an override or one declared refusal; what is encoded is read back as it was."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from schemas.workdays import overridefile
from schemas.workdays.hours import Span
from schemas.workdays.override import ARRANGEMENTS, DayRule, HoursRule, Override, YearRule
from tests.hostile import noise, refusal

GOOD = (
    "日期,安排,行政区划代码,办公时间,说明\n2027,全年已公布,,,通知\n2027-10-01,休息,,,国庆节\n"
    "2027-04-09,休息,450000,,三月三\n周五,办公时间,450105,9:00-12:00,\n"
)
CELLS = st.sampled_from(
    ["2027-10-01", "2027", "周五", "每天", "130928", "9:00-12:00", '"', "", "²", "\u2028"]
) | st.text(max_size=6)
ROWS = st.lists(st.tuples(CELLS, st.sampled_from(ARRANGEMENTS), CELLS, CELLS, CELLS), max_size=6).map(
    lambda rows: ("日期,安排,行政区划代码,办公时间,说明\n" + "\n".join(map(",".join, rows))).encode("utf-8", "replace")
)
NOTES = st.text(st.characters(exclude_categories=("C", "Z")), max_size=100)
PLACES = st.sampled_from(["", "450000", "130928", "819999"])
SPANS = st.lists(st.integers(0, 1440), min_size=2, max_size=8, unique=True).map(
    lambda cuts: tuple(Span(*pair) for pair in zip(sorted(cuts)[::2], sorted(cuts)[1::2], strict=False))
)
OVERRIDES = st.builds(
    Override,
    years=st.lists(st.builds(YearRule, st.integers(2000, 2100), NOTES), max_size=3).map(tuple),
    days=st.lists(
        st.builds(DayRule, st.dates(date(2000, 1, 1), date(2100, 12, 31)), PLACES, st.booleans(), NOTES), max_size=5
    ).map(tuple),
    hours=st.lists(st.builds(HoursRule, PLACES, st.integers(0, 6), SPANS, NOTES), max_size=5).map(tuple),
)


@given(data=noise([GOOD.encode(), GOOD.encode("gb18030"), GOOD.encode("utf-8-sig")]) | ROWS)
def test_any_bytes_are_an_override_or_a_refusal(data):
    """Whatever is imported, only the declared refusal comes out, with at least one problem, each with its code."""
    made: list[Override] = []
    error = refusal(lambda: made.append(overridefile.read(data, place="x")))
    if error is not None:
        assert isinstance(error, overridefile.OverrideRefused)
        assert {each.code.area for each in error.problems} <= {"CAL", "ID"}
        assert error.problems
    else:
        assert overridefile.decode(made[0].encode()) == made[0]


@given(override=OVERRIDES)
def test_what_is_encoded_is_read_back_with_the_same_bytes(override):
    """Hub and counties hold the same rules and can compare them by their digest."""
    data = override.encode()
    read = overridefile.decode(data)
    assert read == override
    assert read.encode() == data


@given(one=OVERRIDES, other=OVERRIDES)
def test_merging_is_idempotent_and_the_later_counts(one, other):
    """Importing a file twice is importing it once, and all that a file says holds after its import."""
    merged = one.merged(other)
    assert merged.merged(other) == merged
    assert one.merged(Override()) == one
    assert set(other.days) <= set(merged.days)
    assert {rule.key for rule in merged.hours} == {rule.key for rule in (*one.hours, *other.hours)}
