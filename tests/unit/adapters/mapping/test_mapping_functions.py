"""The named functions of a mapping: what each reads, what each refuses, and that nothing else ever comes out."""

import contextlib
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.local.mapping import amounts
from adapters.local.mapping.functions import money, times
from adapters.local.mapping.named import NAMED
from schemas.divisions import register
from schemas.errors import YunhuobanError


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-22",
        "2026/11/22",
        "2026.11.22",
        "20261122",
        "2026年11月22日",
        "二〇二六年十一月二十二日",
        "２０２６－１１－２２",
        "2026-11-22 00:00:00",
        " 2026-11-22　",
    ],
)
def test_dates_in_every_form_people_write(text):
    """ISO, compact and Chinese dates, full-width or not, are the same day."""
    assert times.day(text) == date(2026, 11, 22)


@pytest.mark.parametrize(
    "text",
    ["2026-02-31", "31.02.2026", "2026-13-01", "2026-1/1", "昨天", "", "0000-00-00", "20260231", "2026-11-22 25:00"],
)
def test_days_that_never_were(text):
    """31 February and the like are refused, not moved to March."""
    with pytest.raises(YunhuobanError) as failed:
        times.day(text)
    assert failed.value.code is times.NOT_A_DATE


@pytest.mark.parametrize(
    "value",
    [
        "2026-11-22 18:30:00",
        "2026-11-22T18:30",
        "20261122 183000",
        "20261122183000",
        "2026年11月22日 18时30分",
        "2026-11-22T10:30:00Z",
        "2026-11-22 11:30:00+01:00",
        datetime(2026, 11, 22, 18, 30),  # noqa: DTZ001 -- as a database gives it
        datetime(2026, 11, 22, 10, 30, 0, 900, tzinfo=UTC),
    ],
)
def test_times_are_beijing_time_unless_they_say_otherwise(value):
    """A time without a zone is Beijing time; what comes out is UTC in whole milliseconds."""
    assert times.moment(value) == datetime(2026, 11, 22, 10, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "fen"),
    [
        ("壹佰万元整", 100_000_000),
        ("人民币壹佰万元整", 100_000_000),
        ("伍拾元", 5000),
        ("拾元整", 1000),
        ("壹元零伍分", 105),
        ("壹万零伍佰元整", 1_050_000),
        ("壹万伍佰元", 1_050_000),
        ("壹拾万柒仟元零伍角叁分", 10_700_053),
        ("叁角", 30),
        ("零元整", 0),
        ("贰亿元整", 2 * 10**10),
        ("一百万元", 100_000_000),
    ],
)
def test_amounts_in_capitals(text, fen):
    """Amounts as they stand on licenses and cheques are read to the fen."""
    assert money.amount_words(text) == fen


@pytest.mark.parametrize(
    "text", ["壹佰壹佰元", "佰万元", "壹万伍元", "壹元贰元", "元", "整", "壹佰壹拾拾元", "万", "负壹元"]
)
def test_amounts_that_could_mean_two_things(text):
    """A text that is not the one way to write its amount is refused, never guessed."""
    with pytest.raises(YunhuobanError):
        money.amount_words(text)


@given(st.integers(0, amounts.LARGEST_FEN))
def test_every_amount_comes_back(fen):
    """Whatever is written in capitals or in figures is read back as the same amount."""
    assert amounts.fen_of(amounts.words(fen)) == fen
    assert money.yuan(money.in_yuan(fen)) == fen if fen < 10**15 else True
    assert money.wan_yuan(money.in_wan_yuan(fen)) == fen


@pytest.mark.parametrize(
    ("name", "value", "wanted"),
    [
        ("yuan", "1,000,000.50元", 100_000_050),
        ("yuan", "100万元", 100_000_000),
        ("wan_yuan", "0.5", 500_000),
        ("wan_yuan", "伍拾万元整", 50_000_000),
        ("phone", "+86 199-0000-0001", "19900000001"),
        ("integer", "２份", 2),
        ("citizen", "１１０１０５１９４９１２３１００２ｘ", "11010519491231002X"),
        ("credit", "91110000600037341l", "91110000600037341L"),
        ("document_no", "91110000600037341L", "91110000600037341L"),
        ("blank", " 无 ", ""),
        ("blank", "无锡", "无锡"),
        ("item", "11140881MB0000000U400013112700401", "11140881MB0000000U4000131127004"),
        ("division_of_item", "11140881MB0000000U4000131127004", "140881"),
        ("one_line", "甲\r\n 乙", "甲 乙"),
        ("half_width", "Ａ０３（一）", "A03(一)"),
        ("trim", "\ufeff　𠮷䶮㐂\u200b", "𠮷䶮㐂"),
        ("chinese_date", date(2026, 1, 2), "2026年1月2日"),
        ("compact_date", "2026-01-02", "20260102"),
        ("beijing_time", datetime(2026, 11, 22, 16, 0, tzinfo=UTC), "2026-11-23 00:00:00"),
        ("day_in_words", date(2026, 3, 5), "二〇二六年三月五日"),
        ("day_in_words", date(2010, 10, 31), "二〇一〇年十月三十一日"),
        ("division", "河北省沧州市吴桥县", "130928"),
        ("division", "吴桥县", "130928"),
        ("division", "河北省吴桥县", "130928"),
        ("division", " １３０９２８０００ ", "130928"),
        ("division_name", "130928", "河北省沧州市吴桥县"),
        ("address", "桑园镇\r\n长江路 １２ 号 Ａ座", "桑园镇长江路12号 A座"),
        ("yes_or_no", "true", "是"),
    ],
)
def test_each_function_does_its_one_thing(name, value, wanted):
    """The README's table of functions is true."""
    assert NAMED[name].apply(value) == wanted


@pytest.mark.parametrize("text", ["1,00,0", "1.001", "１e5", "-1", "100万万", "99999999999999999999"])
def test_what_is_no_amount(text):
    """Figures that are not an amount to the fen are refused."""
    with pytest.raises(YunhuobanError):
        money.yuan(text)


ANYTHING = st.one_of(
    st.text(),
    st.none(),
    st.integers(),
    st.floats(),
    st.binary(),
    st.datetimes(),
    st.dates(),
    st.booleans(),
    st.decimals(),
    st.text("0123456789年月日-/:. 零壹贰万亿元角分整拾佰仟+TZ", max_size=30),
)


@given(st.sampled_from(sorted(NAMED)), ANYTHING)
def test_only_our_errors_come_out(name, value):
    """Whatever stands in a cell, a function returns or raises YunhuobanError, never anything else."""
    with contextlib.suppress(YunhuobanError):
        NAMED[name].apply(value)


@given(st.sampled_from(sorted(name for name, each in NAMED.items() if each.back)), ANYTHING)
def test_there_and_back(name, value):
    """What a function read, written back and read again is the same value: the local system can be written from it."""
    function = NAMED[name]
    assert function.back is not None
    with contextlib.suppress(YunhuobanError):
        canonical = function.apply(value)
        assert function.apply(function.back(canonical)) == canonical


@given(
    st.dates(date(1000, 1, 1)),
    st.integers(0, 4_102_000_000_000),
    st.integers(0, amounts.LARGEST_FEN),
)
def test_canonical_values_go_home_and_come_back(day, millis, fen):
    """Any date, time to the millisecond and amount of the contract can be written in each form and is read again."""
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=millis)
    for name in ("date", "compact_date", "chinese_date", "day_in_words"):
        write = NAMED[name].back if name == "date" else NAMED[name].apply
        assert times.day(write(day)) == day
    assert times.moment(NAMED["datetime"].back(moment)) == moment
    for name in ("yuan", "wan_yuan", "amount_words"):
        assert NAMED[name].apply(NAMED[name].back(fen)) == fen


def test_every_county_has_one_full_name():
    """The full name of each of today's counties gives its code again; only ambiguous short names are refused."""
    for county in register.counties(date.max):
        assert NAMED["division"].apply(register.full_name(county)) == county.code


@pytest.mark.parametrize("text", ["鼓楼区", "130900", "999999", "吴桥", "河北省", "", "1309281"])
def test_what_names_no_county(text):
    """A name that several counties have, a prefecture, a province and what is unknown are refused, never guessed."""
    with pytest.raises(YunhuobanError, match="E-MAP-019") as failed:
        NAMED["division"].apply(text)
    assert ("（" in failed.value.expected) == (text == "鼓楼区")


def test_a_function_without_a_way_back_says_why():
    """What loses something the local system needs is refused in back, with the reason."""
    one_way = {name: each.refuses for name, each in NAMED.items() if each.back is None}
    assert sorted(one_way) == ["division_of_item", "item"]
    assert all(one_way.values())
    assert all(each.zh for each in NAMED.values())


def test_a_megabyte_is_answered_at_once():
    """A remark of a megabyte in a date column is refused without being looked through."""
    with pytest.raises(YunhuobanError):
        times.moment("2" * 2**20)
