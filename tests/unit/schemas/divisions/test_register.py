"""The register of divisions: what the Ministry counted, what changed since, and what a code out of date is told."""

import subprocess
import sys
from collections import Counter
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.divisions import register
from schemas.divisions.register import ACTING_AS_COUNTIES, Level
from schemas.errors import YunhuobanError

END_OF_2022 = date(2022, 12, 31)
TODAY = date(2026, 11, 25)
CODES = sorted(register._register())


def at_level(level, day):
    """All divisions of a level that were in force on a day."""
    return [each for each in map(register.known, CODES) if each.level is level and each.in_force(day)]


def refusal(question, *words):
    """The error that a question ends with."""
    with pytest.raises(YunhuobanError) as caught:
        question(*words)
    return caught.value


def test_the_end_of_2022_is_what_the_ministry_counted():
    """34 provinces, 333 prefectures, 2,843 county-level divisions, and of each kind as many as were published."""
    assert len(at_level(Level.PROVINCE, END_OF_2022)) == 34
    assert len(at_level(Level.PREFECTURE, END_OF_2022)) == 333
    counties = at_level(Level.COUNTY, END_OF_2022)
    assert len(counties) == 2843
    assert Counter(each.kind for each in counties) == {
        "市辖区": 977, "县级市": 394, "县": 1301, "自治县": 117, "旗": 49, "自治旗": 3, "特区": 1, "林区": 1,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("day", "count"), [(date(2023, 12, 31), 2844), (date(2024, 12, 31), 2846), (date(2025, 12, 31), 2845)]
)
def test_later_years_have_what_was_founded_and_merged(day, count):
    """白杨 in 2023, 和康 and 和安 in 2024, 江北 and 渝北 merged into 两江 in 2025."""
    assert len(at_level(Level.COUNTY, day)) == count


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("130928", "河北省沧州市吴桥县"),
        ("140881", "山西省运城市永济市"),
        ("130506", "河北省邢台市南和区"),
        ("110101", "北京市东城区"),
        ("500229", "重庆市城口县"),
        ("419001", "河南省济源市"),
        ("429021", "湖北省神农架林区"),
        ("469030", "海南省琼中黎族苗族自治县"),
        ("659012", "新疆维吾尔自治区白杨市"),
        ("441900", "广东省东莞市"),
        ("540581", "西藏自治区山南市错那市"),
        ("130000", "河北省"),
    ],
)
def test_a_full_name_is_province_prefecture_county(code, name):
    """Districts of municipalities and cities directly under a province have no prefecture between."""
    assert register.full_name(register.find(code, TODAY)) == name


def test_parents_lie_above_and_were_there():
    """Every parent and every successor is in the register; no row lies in itself."""
    for code in CODES:
        division = register.known(code)
        above = [each.level for each in register.parents(division)]
        assert above == [Level.PROVINCE, Level.PREFECTURE][: len(above)]
        assert (above == []) == (division.level is Level.PROVINCE)
        for successor in division.successors:
            assert register.known(successor).in_force(division.valid_to + timedelta(days=1))


def test_what_has_dates_names_its_document():
    """No validity without a source, no end without a successor, and an end comes after its beginning."""
    for division in map(register.known, CODES):
        dated = division.valid_from is not None or division.valid_to is not None
        assert dated == bool(division.basis)
        assert (division.valid_to is not None) == bool(division.successors)


@pytest.mark.parametrize("code", sorted(ACTING_AS_COUNTIES))
def test_cities_without_counties_act_as_counties(code):
    """东莞, 中山, 儋州 and 嘉峪关 do a county's work although their codes end in 00."""
    division = register.find_county(code, TODAY)
    assert division.level is Level.PREFECTURE
    assert division in register.counties(TODAY)
    assert not [each for each in CODES if each[:4] == code[:4] and each != code]


def test_a_city_district_in_general_is_no_county():
    """130101, 市辖区 of the statistics codes, is unknown: 110101 is a district, 130101 is not."""
    assert refusal(register.find, "130101", TODAY).code.code == "E-ID-003"
    assert register.find_county("110101", TODAY).name == "东城区"


@pytest.mark.parametrize(
    ("code", "last", "successors"),
    [
        ("500112", date(2025, 11, 6), "500157 500109"),
        ("540422", date(2023, 4, 2), "540481"),
        ("130527", date(2020, 12, 31), "130506"),
    ],
)
def test_a_retired_code_is_out_of_date_and_names_its_successor(code, last, successors):
    """It holds on its last day; on the next one it is refused, with the code to take instead."""
    assert register.find_county(code, last).code == code
    error = refusal(register.find_county, code, last + timedelta(days=1))
    assert (error.code.code, error.expected) == ("E-ID-004", successors)
    assert str(last) in error.found


def test_a_code_is_refused_before_its_first_day():
    """和康县 was founded on 2024-12-27."""
    error = refusal(register.find, "653228", date(2024, 12, 26))
    assert (error.code.code, error.expected) == ("E-ID-004", ">= 2024-12-27")
    assert register.find("653228", date(2024, 12, 27)).name == "和康县"


@pytest.mark.parametrize(
    ("code", "refused"),
    [("130900", "E-ID-005"), ("130000", "E-ID-005"), ("139999", "E-ID-003"), ("990101", "E-ID-002"), ("1", "E-ID-001")],
)
def test_what_is_no_county_is_refused_with_its_own_code(code, refused):
    """A prefecture, a province, an unknown code, an unknown province and no code at all are told apart."""
    assert refusal(register.find_county, code, TODAY).code.code == refused


@given(
    text=st.text(max_size=8) | st.sampled_from(CODES) | st.from_regex(r"[1-8][0-9]{5}", fullmatch=True), day=st.dates()
)
def test_any_text_on_any_day_is_found_or_refused(text, day):
    """Whatever is asked, the answer is a division in force or an E-ID code."""
    try:
        division = register.find(text, day)
    except YunhuobanError as error:
        code, division = error.code.code, None
    if division is None:
        assert code in {"E-ID-001", "E-ID-002", "E-ID-003", "E-ID-004"}
    else:
        assert division.code == text
        assert division.in_force(day)


def test_nothing_is_read_at_import_and_all_of_it_within_50_ms():
    """The register is read at the first question, once; the best of five tries counts on a busy machine."""
    program = (
        "import time; from schemas.divisions import register as r\n"
        "assert r._register.cache_info().currsize == 0\n"
        "tries = []\n"
        "for _ in range(5):\n"
        "    r._register.cache_clear(); began = time.process_time(); r.known('130928')\n"
        "    tries.append(time.process_time() - began)\n"
        "r.known('140881'); assert r._register.cache_info().misses == 1; print(min(tries))"
    )
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True, timeout=60)
    assert float(done.stdout) < 0.05
