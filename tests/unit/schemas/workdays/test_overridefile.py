"""A calendar file as people write it: read in any usual form, or refused with everything that is wrong with it."""

from datetime import date
from pathlib import Path

import pytest

from schemas.errors import YunhuobanError
from schemas.workdays import overridefile
from schemas.workdays.hours import Span
from schemas.workdays.override import DayRule, HoursRule, Override, YearRule

HEAD = "日期,安排,行政区划代码,办公时间,说明\n"
GOOD = HEAD + (
    "2027,全年已公布,,,国务院办公厅通知\n"
    "2027-10-01,休息,,,国庆节\n"
    "2027-09-26,上班,,,国庆节\n"
    "2027-04-09,休息,450000,,广西三月三\n"
    "周五,办公时间,450105,9:00-12:00,\n"
)
RULES = Override(
    years=(YearRule(2027, "国务院办公厅通知"),),
    days=(
        DayRule(date(2027, 10, 1), "", working=False, note="国庆节"),
        DayRule(date(2027, 9, 26), "", working=True, note="国庆节"),
        DayRule(date(2027, 4, 9), "450000", working=False, note="广西三月三"),
    ),
    hours=(HoursRule("450105", 4, (Span(540, 720),)),),
)


def read(text, encoding="utf-8"):
    """What a file with this text says."""
    return overridefile.read(text.encode(encoding), place="日历.csv")


def problems(text):
    """Place and code of everything that is wrong with a file."""
    with pytest.raises(overridefile.OverrideRefused) as refusal:
        read(text)
    return [(each.place.removeprefix("日历.csv").strip(), each.code.code) for each in refusal.value.problems]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_files_of_every_usual_encoding_say_the_same(encoding, end):
    """A text editor's UTF-8, a spreadsheet's UTF-8 with mark or GBK, with the line ends of any system."""
    assert read(GOOD.replace("\n", end), encoding) == RULES
    assert read(GOOD.replace("\n", end).removesuffix(end), encoding) == RULES


@pytest.mark.parametrize(
    "day", ["2027-10-01", "2027/10/1", "2027.10.01", "2027年10月1日", "２０２７－１０－０１", " 2027-10-1 "]
)
def test_a_date_may_be_written_as_people_write_it(day):
    """Spreadsheets and input methods change what was typed."""
    assert read(f"日期,安排\n{day},休息\n").days == (DayRule(date(2027, 10, 1), "", working=False),)


@pytest.mark.parametrize(
    "hours", ["9:00-12:00 13:00-17:30", "09：00－12：00、13：00－17：30", "9:00至12:00，13:00~17:30"]
)
def test_hall_hours_may_be_written_as_people_write_them(hours):
    """Chinese colons, dashes and commas; the comma needs its quotation marks."""
    rule = read(f'日期,安排,办公时间\n星期六,办公时间,"{hours}"\n').hours
    assert rule == (HoursRule("", 5, (Span(540, 720), Span(780, 1050))),)


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_the_example_of_the_documentation_can_be_imported(language):
    """What the set-up page shows is a right file."""
    page = (Path(__file__).resolve().parents[4] / "docs" / language / "setup.md").read_text(encoding="utf-8")
    example = HEAD + page.partition(HEAD)[2].partition("```")[0]
    assert len(read(example).days) == 3


def test_every_day_stands_for_all_weekdays():
    """One row for a hall that works alike all week."""
    rules = read("日期,安排,行政区划代码,办公时间\n每天,办公时间,130928,8:30-24:00\n").hours
    assert rules == tuple(HoursRule("130928", weekday, (Span(510, 1440),)) for weekday in range(7))


@pytest.mark.parametrize(
    ("row", "place", "code"),
    [
        ("2027-02-29,休息,,,", "日期", "E-CAL-005"),
        ("1999-10-01,休息,,,", "日期", "E-CAL-005"),
        ("10月1日,休息,,,", "日期", "E-CAL-005"),
        (",休息,,,", "日期", "E-CAL-005"),
        ("周五,休息,,,", "日期", "E-CAL-005"),
        ("2027-10-01,全年已公布,,,", "日期", "E-CAL-005"),
        ("9999,全年已公布,,,", "日期", "E-CAL-005"),
        ("2027-10-01,办公时间,,9:00-12:00,", "日期", "E-CAL-005"),
        ("2027-10-01,放假,,,", "安排", "E-CAL-006"),
        ("2027-10-01,,,,", "安排", "E-CAL-006"),
        ("周一,办公时间,130928,9:00,", "办公时间", "E-CAL-007"),
        ("周一,办公时间,130928,,", "办公时间", "E-CAL-007"),
        ("周一,办公时间,130928,17:00-9:00,", "办公时间", "E-CAL-007"),
        ("周一,办公时间,130928,9:00-12:00 11:00-17:00,", "办公时间", "E-CAL-007"),
        ("周一,办公时间,130928,9:00-24:01,", "办公时间", "E-CAL-007"),
        ("周一,办公时间,130928,1:00-2:00 3:00-4:00 5:00-6:00 7:00-8:00 9:00-9:30,", "办公时间", "E-CAL-007"),
        ("2027,全年已公布,450000,,", "行政区划代码", "E-CAL-009"),
        ("2027-10-01,休息,,9:00-12:00,", "办公时间", "E-CAL-009"),
        ("2027-10-01,休息,13092,,", "行政区划代码", "E-ID-001"),
        ("2027-10-01,休息,990928,,", "行政区划代码", "E-ID-002"),
        ("2027-10-01,休息,139999,,", "行政区划代码", "E-ID-003"),
        ("2027-10-01,休息,500112,,", "行政区划代码", "E-ID-004"),
        ("周一,办公时间,139999,9:00-12:00,", "行政区划代码", "E-ID-003"),
        ("2027-10-01,休息,,," + "长" * 101, "说明", "E-CAL-010"),
        ("2027-10-01,休息,,,甲\x00乙", "说明", "E-CAL-010"),
        ("2027-10-01,休息", "", "E-CAL-004"),
        ('2027-10-01,休息,,,"甲', "", "E-CAL-004"),
        ('2027-10-01,休息,,,"甲"乙', "", "E-CAL-004"),
    ],
)
def test_a_wrong_cell_is_named_by_row_and_column(row, place, code):
    """The person sees where to look; the good rows around it do not hide it."""
    at = f"第 3 行 “{place}”列" if place else "第 3 行"
    assert problems(f"{HEAD}2027-05-01,休息,,,\n{row}\n2027-05-02,休息,,,\n") == [(at, code)]


def test_everything_that_is_wrong_is_said_at_once():
    """One reading of a bad file is enough; several mistakes in one row are several problems, and nothing is taken."""
    text = HEAD + "2027-13-01,休息,13092,9:00-10:00,\n\n2027-10-01,放假,,,\n周八,办公时间,,xx,\n"
    assert problems(text) == [
        ("第 2 行 “办公时间”列", "E-CAL-009"),
        ("第 2 行 “行政区划代码”列", "E-ID-001"),
        ("第 2 行 “日期”列", "E-CAL-005"),
        ("第 4 行 “安排”列", "E-CAL-006"),
        ("第 5 行 “办公时间”列", "E-CAL-007"),
        ("第 5 行 “日期”列", "E-CAL-005"),
    ]


def test_the_same_day_twice_is_refused_with_the_first_row():
    """Also when both rows agree, and when 每天 says again what a weekday said; another division is another thing."""
    text = HEAD + "2027-10-01,休息,,,\n2027/10/1,上班,,,\n2027-10-01,休息,450000,,\n"
    text += "周五,办公时间,,9:00-12:00,\n每天,办公时间,,9:00-12:00,\n2027,全年已公布,,,\n2027年,全年已公布,,,\n"
    assert problems(text) == [(f"第 {line} 行 “日期”列", "E-CAL-008") for line in (3, 6, 8)]
    with pytest.raises(overridefile.OverrideRefused) as refusal:
        read(text)
    assert refusal.value.problems[0].expected == "第 2 行"


@pytest.mark.parametrize(
    "text", ["", "\n\n", "日期,说明\n", "日期,安排,备注\n", "日期,安排,日期\n", "2027-10-01,休息\n", '"日期,安排\n']
)
def test_a_wrong_header_is_refused(text):
    """Missing, unknown or doubled columns: nothing below can be trusted to mean what it seems to."""
    assert [code for _, code in problems(text)] == ["E-CAL-003"]


def test_what_is_no_text_and_what_is_too_large_is_refused():
    """A spreadsheet's own format, or the wrong file altogether."""
    for data, code in ((b"PK\x03\x04\xff\xff\xff", "E-CAL-001"), (b"x" * (2**20 + 1), "E-CAL-002")):
        with pytest.raises(overridefile.OverrideRefused) as refusal:
            overridefile.read(data, place="日历.xlsx")
        (problem,) = refusal.value.problems
        assert (problem.code.code, problem.place) == (code, "日历.xlsx")


def test_a_thousand_errors_are_not_all_listed():
    """The first two hundred, and that there are more."""
    codes = [code for _, code in problems(HEAD + "x,休息,,,\n" * 1000)]
    assert codes == ["E-CAL-005"] * 200 + ["E-CAL-011"]


def test_the_refusal_counts_its_problems():
    """Whoever handles it as one error still learns how many there are."""
    with pytest.raises(YunhuobanError) as refusal:
        read(HEAD + "x,休息,,,\ny,休息,,,\n")
    assert (refusal.value.code.code, refusal.value.place, refusal.value.params) == (
        "E-CAL-012", "日历.csv", {"count": "2"},
    )  # fmt: skip


def test_an_older_county_reads_a_division_that_it_does_not_know():
    """The hub's bytes may come from a newer release: only the form of a code is judged in them."""
    newer = Override(days=(DayRule(date(2030, 1, 1), "139999", working=False),))
    assert overridefile.decode(newer.encode()) == newer


def test_merged_the_later_rule_counts():
    """A corrected notice replaces what it corrects and leaves the rest."""
    corrected = read("日期,安排,说明\n2027-10-01,上班,更正\n")
    merged = RULES.merged(corrected)
    assert (merged.years, merged.hours) == (RULES.years, RULES.hours)
    assert [(rule.day.month, rule.working) for rule in merged.days if not rule.division] == [(9, True), (10, True)]
    assert not Override()
    assert merged
