"""Every kind of license is issued from a message: what was applied for is on paper, sealed, and can be drawn anew."""

import hashlib
from datetime import UTC, date, datetime

import pytest

from adapters.licenses import qr, template
from adapters.licenses.face import LicenseFace, statement_of
from adapters.licenses.particulars import BY_LICENSE
from adapters.licenses.seal_process import SealProcess
from adapters.licenses.verify import StateNow, verify_license
from schemas import codec
from schemas.errors import YunhuobanError
from tests.unit.adapters.licenses.kinds import CREDIT_CODE, NUMBER, PARTS, VALID_UNTIL, asked, granted, issue
from tests.unit.adapters.licenses.license_parties import AUTHORITY
from tests.unit.adapters.licenses.test_license_issue import NoRenderer, NoSealer, PaperSealer
from tests.unit.adapters.licenses.test_license_render import pdftotext, squeezed, text_of

LONG = ("drug-license", "performance-license")
KINDS = [pytest.param(each, marks=pytest.mark.long) if each in LONG else each for each in BY_LICENSE]
"""The short run seals one license of two large sheets, and the two of one small sheet."""
UNTIL = "2031年11月21日"
EXPECTED = {
    "food-license": {"经营项目": "热食类食品制售，自制饮品制售", "有效期至": UNTIL, "投诉举报电话": "12315"},
    "drug-license": {"质量负责人": "帕提古丽·艾则孜", "仓库地址": "永济市城东街道舜都大道22号", "有效期至": UNTIL},
    "performance-license": {
        "主要负责人": "※※※※※※", "演员数": "36人", "有效期": "二〇二六年十一月二十二日至二〇三一年十一月二十一日",
    },
    "residence-proof": {
        "民族": "汉族", "身份号码": "130928195203050014", "有效期限": "2026年11月22日至2031年11月21日",
    },
    "elder-card": {"身份号码": "1309281952****0014", "出生日期": "1952年03月05日"},
}  # fmt: skip
HOLDERS = {
    "food-license": ("永济市𠮷祥小吃店", CREDIT_CODE, "001"),
    "drug-license": ("永济市舜都大药房有限公司", CREDIT_CODE, "001"),
    "performance-license": ("永济市杂技艺术团", "130928199003074511", "111"),
    "residence-proof": ("䶮建国", "130928195203050014", "111"),
    "elder-card": ("䶮建国", "1309281952****0014", "111"),
}


@pytest.fixture(scope="module")
def sealer(party, tmp_path_factory):
    """The process that seals, as at a county."""
    register = tmp_path_factory.mktemp("register") / "uses.jsonl"
    with SealProcess(
        plugin=party.plugin, anchors=party.anchors, crls=party.crls, register=register, trial=True
    ) as process:
        yield process


@pytest.mark.parametrize("kind", BY_LICENSE)
def test_the_record_says_what_was_applied_for_and_decided(kind):
    """Face, holder, the part of its own and no other, days and telephone; the codec takes it and gives it back."""
    record = issue(kind, NoRenderer(), PaperSealer())
    assert codec.decode(codec.encode("License", record), "License") == record
    face = {line["label"]: line["value"] for line in record["face"]}
    assert face | EXPECTED[kind] == face
    assert (record["holder"], record["holder_code"], record["holder_code_kind"]) == HOLDERS[kind]
    part = BY_LICENSE[kind].part
    assert [each.part for each in BY_LICENSE.values() if record[each.part] is not None] == [part]
    assert {**record[part], "identity_no": ""} == {**PARTS[kind], "identity_no": ""}
    assert record["complaint_phone"] == ("12315" if kind == "food-license" else "")
    assert record["valid_until"] == (None if kind == "elder-card" else VALID_UNTIL)
    assert record["number"] == NUMBER


@pdftotext
@pytest.mark.parametrize("kind", KINDS)
def test_what_is_sealed_is_read_from_the_paper_and_drawn_anew(kind, renderer, sealer, party):
    """Each copy bears every line, verifies against its own record, and the same face draws the same print file."""
    record = issue(kind, renderer, sealer)
    for file in record["files"]:
        for pdf in (file["sealed"], file["print_file"]):
            text = squeezed(text_of(pdf, "-raw"))
            assert [line["label"] for line in record["face"] if squeezed(line["value"]) not in text] == []
            assert NUMBER in text
        seen = verify_license(
            file["sealed"],
            anchors=party.anchors,
            crls=party.crls(),
            at=datetime.now(UTC),
            expected_sha256=file["sealed_sha256"],
            trial=True,
            expected_statement=statement_of(record, file, trial=True),
            state=StateNow(state="valid", age_seconds=1),
        )
        assert seen.with_standing("failed") + seen.with_standing("unknown") == ()
        form = template.load(file["template"], file["template_version"])
        anew = LicenseFace(
            identifier=record["identifier"],
            number=record["number"],
            lines=tuple((line["label"], line["value"]) for line in record["face"]),
            issuing_authority=AUTHORITY,
            issuing_authority_code=record["issuing_authority_code"],
            issued_on=record["issued_on"],
            copy_no=file["copy_no"],
            copies=1,
            verification_url=qr.verification_url("verify.example.cn", bytes(range(16))),
            trial=True,
        )
        assert hashlib.sha256(renderer.render_fill(anew, form)).digest() == file["print_file_sha256"]


@pytest.mark.parametrize("kind", BY_LICENSE)
def test_a_character_without_a_glyph_stops_the_license(kind, renderer):
    """Whichever kind: nothing is sealed, and the character is named."""
    name = BY_LICENSE[kind].holder
    with pytest.raises(YunhuobanError) as caught:
        issue(kind, renderer, NoSealer(), application=asked(kind, **{name: "永济\U0002ebf0"}))
    assert (caught.value.code.code, caught.value.params["character"]) == ("E-LIC-007", "\U0002ebf0")


def test_an_elders_card_holds_its_hidden_digits_nowhere():
    """Neither face nor part nor holder: what the paper hides is in no field of the message."""
    record = issue("elder-card", NoRenderer(), PaperSealer())
    assert "195203050014" not in str(record)
    assert record["elder"]["identity_no"] == "1309281952****0014"


@pytest.mark.parametrize("kind", BY_LICENSE)
def test_an_application_without_the_part_is_named_line_by_line(kind):
    """As from a county that reads an older contract: every line of the license is missing, nothing is drawn."""
    part = BY_LICENSE[kind].part
    with pytest.raises(YunhuobanError) as caught:
        issue(kind, NoRenderer(), NoSealer(), application={**asked(kind), part: None})
    assert caught.value.code.code == "E-LIC-014"
    assert set(EXPECTED[kind]) <= set(caught.value.params["labels"].split("、"))


@pytest.mark.parametrize(
    ("kind", "until", "code"),
    [
        ("food-license", None, "E-LIC-004"),
        ("performance-license", None, "E-LIC-004"),
        ("food-license", date(2026, 11, 21), "E-LIC-015"),
        ("residence-proof", date(2026, 11, 21), "E-LIC-015"),
    ],
)
def test_a_license_with_an_end_needs_one_that_was_decided(kind, until, code):
    """Six ※ never stand for a validity that nobody decided, and none ends before its first day."""
    with pytest.raises(YunhuobanError) as caught:
        issue(kind, NoRenderer(), NoSealer(), decision=granted(kind, valid_until=until))
    assert caught.value.code.code == code


def test_a_food_license_needs_the_counties_telephone():
    """The line is named; county.toml has to say it."""
    with pytest.raises(YunhuobanError) as caught:
        issue("food-license", NoRenderer(), NoSealer(), complaint_phone="")
    assert (caught.value.code.code, caught.value.expected) == ("E-LIC-004", "投诉举报电话")


def test_a_license_whose_type_nobody_stated_is_not_made():
    """No type code is publicly known for it: the county states its province's, or nothing is drawn."""
    with pytest.raises(YunhuobanError) as caught:
        issue("food-license", NoRenderer(), NoSealer(), type_code="")
    assert (caught.value.code.code, caught.value.params) == ("E-LIC-018", {"license": "食品经营许可证"})
