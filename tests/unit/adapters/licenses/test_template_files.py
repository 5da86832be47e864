"""Templates are data that is checked when it is read, and never changes once it was used."""

import hashlib
from datetime import date
from importlib import resources
from pathlib import Path
from typing import get_args

import pytest

from adapters.licenses import choosing, facelines, particulars, sheet, template
from adapters.licenses.amounts import chinese_date_in_characters
from pages import labels
from schemas import shapes
from schemas.errors import YunhuobanError

FOLDER = Path(str(resources.files("adapters.licenses") / "templates"))
ALL = template.all_templates()
NEWEST = list({each.id: each for each in ALL}.values())
LICENSES = {
    "business-license", "food-license", "drug-license", "performance-license", "residence-proof", "elder-card",
}  # fmt: skip


def released() -> dict[str, str]:
    """Digest by file, as `sha256sum` writes it."""
    rows = (line.split("  ") for line in (FOLDER / "SHA256SUMS").read_text(encoding="utf-8").splitlines())
    return {name: digest for digest, name in rows}


def test_a_template_never_changes():
    """Every template, stock and page source stands in SHA256SUMS with the digest that it was released with.

    Whoever breaks this test writes a new version beside the old one: sealed files and sheets of stock name the old.
    """
    files = {str(file.relative_to(FOLDER)): file for file in (*FOLDER.rglob("*.toml"), *FOLDER.glob("page-*.typ"))}
    assert {name: hashlib.sha256(file.read_bytes()).hexdigest() for name, file in files.items()} == released()


def test_what_there_is():
    """The licenses of the domain, each with its copies, and each file under the id and version that it states."""
    assert {each.license for each in ALL} == LICENSES
    assert {(FOLDER / each.id / each.version / "template.toml").is_file() for each in ALL} == {True}
    for name in LICENSES - {"residence-proof", "elder-card"}:
        assert {each.copy_kind for each in ALL if each.license == name} == {"original", "duplicate"}
    assert {each.stock_kind for each in ALL} <= labels.STOCK_KINDS.keys()


def test_copies_of_one_license_agree():
    """One face serves all copies: the same lines with the same rules, the same name of the number, the same type."""
    for license_id in LICENSES:
        for bodies in {each.bodies for each in NEWEST if each.license == license_id}:
            copies = [each for each in NEWEST if (each.license, each.bodies) == (license_id, bodies)]
            assert len({(each.lines, each.number_label, each.type_code, each.name, each.blank) for each in copies}) == 1


GOOD = """
id = "x-original"
version = "2026.1"
license = "x"
name = "某证"
copy_kind = "original"
type_code = ""
bodies = []
stock = "elder-card"
font = "Noto Serif CJK SC"
number_label = "编号"
lines = [{ label = "姓名" }]
fill = [
  { kind = "text", x = 1, y = 1, width = 20, size = 9, field = "编号" },
  { kind = "items", x = 17, label-width = 17, gap = 3, value-width = 66, label-size = 9, sizes = [9, 6], items = [
    { label = "姓名", y = 31, height = 7 },
  ] },
]
"""


def test_a_template_of_ones_own_can_be_read(tmp_path):
    """A file anywhere, with a stock of the package or one that lies beside it."""
    file = tmp_path / "mine.toml"
    file.write_text(GOOD, encoding="utf-8")
    assert template.read(file).media == "iso_a6_105x148mm"
    (tmp_path / "mine-stock.toml").write_text(
        'kind = "mine-stock"\nmedia = "iso_a4_210x297mm"\npage = { width = 210, height = 297 }\nlayer = []\n'
    )
    file.write_text(GOOD.replace('stock = "elder-card"', 'stock = "mine-stock"'), encoding="utf-8")
    assert template.read(file).media == "iso_a4_210x297mm"


@pytest.mark.parametrize(
    ("before", "after", "place", "found"),
    [
        ('name = "某证"', "", "name", ""),
        ('version = "2026.1"', 'version = "26"', "version", "26"),
        ('copy_kind = "original"', 'copy_kind = "third"', "copy_kind", "third"),
        ("size = 9, field", 'size = "9", field', "fill.1.size", "9"),
        ("height = 7", "heigth = 7", "fill.2.items.1.height", ""),
        ("sizes = [9, 6]", "sizes = [6, 9]", "fill.2", ""),
        ('kind = "text"', 'kind = "flag"', "fill.1", ""),
        ("width = 20", "width = 400", "fill.1 (text)", "401 × 1 mm"),
        ("y = 31", "y = 101", "fill.2 (items)", "103 × 108 mm"),
        ('field = "编号"', 'field = "血型"', "fill.1.field", "血型"),
        ('field = "编号"', 'field = "编号", text = "编号"', "fill.1", ""),
        ('field = "编号"', 'field = "编号", height = 3', "fill.1", ""),
        ('label = "姓名", y', 'label = "性别", y', "lines | fill.items", "姓名"),
        ('[{ label = "姓名" }]', '[{ label = "姓名" }, { label = "姓名" }]', "lines | fill.items", "姓名"),
        ('[{ label = "姓名" }]', '[{ label = "姓名", rule = "masked" }]', "lines.1", ""),
        ('[{ label = "姓名" }]', '[{ label = "姓名", from = "blood" }]', "lines.1.from", "blood"),
        ('type_code = ""', 'type_code = ""\npage_source = 999', "page_source", "999"),
        ("width = 20", "width = nan", "fill.1.width", "nan"),
        ('stock = "elder-card"', 'stock = "no-such"', "stock", "no-such"),
        ('id = "x-original"', "id = ", "", ""),
    ],
)  # fmt: skip
def test_a_fault_is_named_by_file_field_and_value(tmp_path, before, after, place, found):
    """Whoever writes a template learns which field of which file is wrong, and what stands there."""
    assert before in GOOD
    file = tmp_path / "mine.toml"
    file.write_text(GOOD.replace(before, after), encoding="utf-8")
    with pytest.raises(YunhuobanError) as caught:
        template.read(file)
    assert caught.value.code.code == "E-LIC-012"
    assert caught.value.place.startswith("mine.toml")
    assert place in caught.value.place
    assert found in caught.value.found


def test_bytes_that_are_no_text(tmp_path):
    """A file in another encoding is told, not shown as a traceback."""
    file = tmp_path / "mine.toml"
    file.write_bytes(GOOD.encode("gbk"))
    with pytest.raises(YunhuobanError) as caught:
        template.read(file)
    assert (caught.value.code.code, caught.value.expected) == ("E-LIC-012", "UTF-8")
    with pytest.raises(YunhuobanError) as caught:
        template.read(tmp_path / "none.toml")
    assert caught.value.code.code == "E-LIC-003"


@pytest.mark.parametrize(
    ("body", "chosen"),
    [
        ("有限责任公司（自然人独资）", "business-license"),
        ("股份有限公司(上市)", "business-license"),
        ("有限责任公司分公司（自然人独资）", "business-license-branch"),
        ("普通合伙企业", "business-license-partnership"),
        ("农民专业合作社联合社", "business-license-cooperative"),
        (" 个体工商户（家庭经营）", "business-license-individual"),
    ],
)
def test_the_longest_end_of_a_kind_of_body_counts(body, chosen):
    """A branch is no company, whatever stands in brackets; 正本 before 副本."""
    found = choosing.templates_for({}, "item", body)
    assert [each.id for each in found] == [f"{chosen}-original", f"{chosen}-duplicate"]


def test_county_toml_leads_an_item_to_its_license():
    """The item's license is the county's to say; one that is for anyone does not ask for the kind of body."""
    licenses = {"item-1": "business-license", "item-2": "elder-card", "item-3": "performance-license"}
    assert [each.id for each in choosing.templates_for(licenses, "item-2", "")] == ["elder-card"]
    assert len(choosing.templates_for(licenses, "item-3", "个体工商户")) == 2
    assert choosing.templates_for(licenses, "item-1", "公司")[0].id == "business-license-original"


@pytest.mark.parametrize(
    ("licenses", "body", "place", "found"),
    [
        ({}, "全民所有制企业", "registration.enterprise_kind", ""),
        ({}, "", "registration.enterprise_kind", ""),
        ({"other": "food-license"}, "公司", "county.toml: authority.licenses", "item"),
        ({"item": "no-such"}, "公司", "county.toml: authority.licenses", "no-such"),
    ],
)
def test_nothing_is_issued_where_no_template_fits(licenses, body, place, found):
    """Neither a wrong form nor a silent default: place and what there is are named, the county's words are not."""
    with pytest.raises(YunhuobanError) as caught:
        choosing.templates_for(licenses, "item", body)
    assert (caught.value.code.code, caught.value.place, caught.value.found) == ("E-LIC-013", place, found)
    assert "全民" not in caught.value.expected


def test_what_no_message_carries_is_named():
    """A template whose lines the contract does not hold says all of them at once."""
    with pytest.raises(YunhuobanError) as caught:
        facelines.from_sources(template.load("food-license-original", "2026.1"), {"address": "某地"})
    assert caught.value.code.code == "E-LIC-014"
    assert "主体业态" in caught.value.params["labels"]
    assert all(each.issuable for each in NEWEST), "the newest version of every license can be made"


def test_what_a_line_may_come_from_is_a_field_of_the_contract():
    """Each source of a license with a part of its own is a field of that part, and each field of it is a source."""
    sources = set(get_args(sheet.Source))
    for each in particulars.BY_LICENSE.values():
        (kind,) = (field["type"][1] for field in shapes.raw()["Application"]["fields"] if field["name"] == each.part)
        names = {field["name"] for field in shapes.raw()[kind.rpartition(".")[2]]["fields"]}
        stated = {source.partition(".")[2] for source in sources if source.startswith(f"{each.part}.")}
        assert stated == names
        assert {each.holder, each.holder_code} - {""} <= names


def lines_of(template_id: str, **facts: facelines.Fact) -> dict[str, str]:
    """The lines of a template, every other line filled with something."""
    form = template.newest(template_id)
    filler: dict[str, facelines.Fact] = {
        "text": "甲", "amount": 1, "date": date(2026, 1, 2), "period": (date(2026, 1, 2), date(2027, 1, 1)),
        "masked": "130928195203050014", "before_bracket": "甲（乙）", "in_bracket": "甲（乙）",
    }  # fmt: skip
    known = {line.label: filler[line.rule] for line in form.lines} | facts
    return dict(facelines.from_labels(form, known))


def test_rules_of_writing():
    """Amounts in words, days in digits or characters as the template says, blanks as six ※, numbers masked."""
    assert lines_of("business-license-original", 注册资本=100_000_000)["注册资本"] == "壹佰万元整"
    assert lines_of("business-license-original", 成立日期=date(2022, 8, 24))["成立日期"] == "2022年08月24日"
    troupe = lines_of("performance-license-duplicate", 有效期=(date(2022, 8, 24), date(2024, 10, 10)), 注册资金="")
    assert troupe["有效期"] == "二〇二二年八月二十四日至二〇二四年十月十日"
    assert troupe["注册资金"] == "※※※※※※"
    assert lines_of("elder-card")["身份号码"] == "1309281952****0014"
    assert chinese_date_in_characters(date(2030, 12, 31)) == "二〇三〇年十二月三十一日"
    assert chinese_date_in_characters(date(2009, 1, 20)) == "二〇〇九年一月二十日"


@pytest.mark.parametrize(
    ("template_id", "label", "fact"),
    [
        ("business-license-original", "注册资本", "100"),
        ("business-license-original", "成立日期", "2026-11-24"),
        ("business-license-original", "名称", 7),
        ("food-license-original", "有效期至", (date(2026, 1, 1), date(2027, 1, 1))),
        ("performance-license-original", "有效期", (date(2027, 1, 1), date(2026, 1, 1))),
        ("elder-card", "身份号码", "1309281952"),
    ],
)
def test_a_content_that_its_rule_cannot_write_is_refused(template_id, label, fact):
    """By its label, without what was found: it may be a person's."""
    with pytest.raises(YunhuobanError) as caught:
        lines_of(template_id, **{label: fact})
    assert (caught.value.code.code, caught.value.params, caught.value.found) == ("E-LIC-015", {"label": label}, "")


def test_a_number_that_is_not_masked_never_reaches_the_paper():
    """A face that was put together by other hands is stopped before it is drawn."""
    form = template.newest("elder-card")
    lines = lines_of("elder-card") | {"身份号码": "130928195203050014"}
    with pytest.raises(YunhuobanError) as caught:
        form.require_lines(tuple(lines.items()))
    assert (caught.value.code.code, caught.value.params) == ("E-LIC-016", {"label": "身份号码"})
    assert "0305" not in f"{caught.value}{caught.value.found}{caught.value.expected}"
