"""What a masked record looks like: as long, as rare, as right or wrong as before, and equal where it was equal."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from stdnum.cn import uscc

from adapters.countyit.recording import characters, numbers
from adapters.countyit.recording.masking import mask
from adapters.countyit.recording.pseudonyms import Pseudonyms
from adapters.local.mapping import load_mapping
from adapters.local.sources import LocalRecord
from schemas.identifiers.citizen import CitizenNumber
from schemas.identifiers.credit import CreditCode
from schemas.identifiers.license import LicenseIdentifier
from tests.unit.adapters.mapping.test_mapping_document import GOOD, load
from tests.unit.adapters.mapping.test_mapping_document import record as local_record

COUNTIES = Path(__file__).parents[4] / "adapters" / "counties"
WUQIAO = load_mapping(COUNTIES / "wuqiao_130928").rules
PERSON, WRONG_CHECK, NO_DAY = "130928198501010014", "130928198501010015", "130928198502300014"
_BODY = "92130928MA0H00001"
SOLE_TRADER = f"{_BODY}{uscc.calc_check_digit(_BODY)}"
PUBLIC_BODY = "11140881MB0000000U"
LICENSE = LicenseIdentifier.build("11100000MB0143028R001", "11130928MB00000005", "000000002").text


def masked(register: dict[str, Any] | None = None, **cells: Any) -> LocalRecord:
    """An application of 吴桥 with these cells, alone in a recording."""
    row = {"project_no": "WQ20261122000001", "applyer_type": "1", **cells}
    children = {"wq_register": [register]} if register else {}
    record = LocalRecord(kind="up_pro_accept", key="secret", row=row, place="secret", children=children)
    (found,) = mask(WUQIAO, [record])
    assert found is not None
    assert "secret" not in f"{found}"
    return found


@pytest.mark.parametrize(
    ("number", "right"),
    [(PERSON, True), (WRONG_CHECK, False), (NO_DAY, False), ("11010519491231002X", True), ("11010519491231002x", True)],
)
def test_an_identity_number_stays_as_right_as_it_was(number, right):
    """Another person, of the same sex; the check as right or wrong as it was."""
    found = str(masked(applyer_page_code=number).row["applyer_page_code"])
    assert found != number
    assert numbers.is_identity(found.upper()) == right
    assert int(found[16]) % 2 == int(number[16]) % 2
    assert found[-1] == found[-1].lower() or not number[-1].islower()
    if number is NO_DAY:
        assert found[10:14] == "0230"


def test_a_number_keeps_how_it_was_written():
    """Spaces, hyphens, +86 and full-width characters stay where they were; the number is the same person's."""
    spaced, wide = "130928 19850101 0014", "１３０９２８１９８５０１０１００１４"
    found = masked({"fddbr_zjhm": spaced}, applyer_page_code=wide, contact_mobile="＋86 199-0000-0002")
    plain = str(found.children["wq_register"][0]["fddbr_zjhm"])
    assert (plain[6], plain[15]) == (" ", " ")
    CitizenNumber.parse(plain.replace(" ", ""))
    assert str(found.row["applyer_page_code"]) == plain.replace(" ", "").translate(
        {0x30 + digit: 0xFF10 + digit for digit in range(10)} | {ord("X"): 0xFF38}
    )
    mobile = str(found.row["contact_mobile"])
    assert (mobile[:5], mobile[7], mobile[12]) == ("＋86 1", "-", "-")
    assert mobile != "＋86 199-0000-0002"


def test_credit_codes_of_firms_change_and_those_of_public_bodies_stay():
    """A sole trader is a person; the body behind an item is in every directory, and the destination depends on it."""
    item = f"{PUBLIC_BODY}4000131127004"
    found = masked(applyer_page_code=SOLE_TRADER, task_code=item).row
    assert found["task_code"] == item
    code = CreditCode.parse(str(found["applyer_page_code"]))
    assert code.text != SOLE_TRADER
    assert code.text[:2] == "92"
    assert len(code.warnings) == len(CreditCode.parse(SOLE_TRADER).warnings)
    assert masked(applyer_page_code=PUBLIC_BODY).row["applyer_page_code"] == PUBLIC_BODY
    wrong = str(
        masked(applyer_page_code=SOLE_TRADER[:-1] + ("U" if SOLE_TRADER[-1] == "T" else "T")).row["applyer_page_code"]
    )
    assert not numbers.is_credit(wrong)


def test_a_license_gets_another_serial():
    """Type, issuer and version stay, the check fits again; the version before has the same serial."""
    parsed, pseudonyms = LicenseIdentifier.parse(LICENSE), Pseudonyms()
    found = LicenseIdentifier.parse(numbers.license_identifier(LICENSE, pseudonyms))
    after = LicenseIdentifier.parse(numbers.license_identifier(parsed.next_version().text, pseudonyms))
    assert (found.type_code, found.issuer, found.version) == (parsed.type_code, parsed.issuer, 1)
    assert found.serial != parsed.serial
    assert after == found.next_version()
    with pytest.raises(Exception, match="E-ID-042"):
        LicenseIdentifier.parse(
            numbers.license_identifier(LICENSE[:-1] + ("B" if LICENSE[-1] == "A" else "A"), pseudonyms)
        )


def test_ties_stay():
    """One person is one person in every column and within other texts; the day of birth fits the number."""
    found = masked(
        {"fddbr": "欧阳𠮷", "qymc": "欧阳𠮷商行", "fddbr_zjhm": PERSON},
        applyer_name="　欧阳𠮷 ",
        contact_name="欧阳𠮷",
        applyer_page_code=PERSON,
        project_name="欧阳𠮷商行设立登记",
        csrq="1985-01-01",
        xm_qita="欧阳𠮷",
    )
    row, register = found.row, found.children["wq_register"][0]
    name = str(row["contact_name"])
    assert row["applyer_name"] == f"　{name} "
    assert register["fddbr"] == row["xm_qita"] == name
    assert str(register["qymc"]).startswith(name)
    assert str(row["project_name"]).startswith(str(register["qymc"]))
    assert register["fddbr_zjhm"] == row["applyer_page_code"]
    assert str(row["csrq"]).replace("-", "") == str(row["applyer_page_code"])[6:14]


def test_what_is_public_stays_and_what_is_unknown_does_not():
    """Codes, days of the procedure, case numbers and words for nothing stay; a column that is not mapped changes."""
    found = masked(
        {"zs": "河北省沧州市吴桥县桑园镇长江路8号", "project_no": "WQ20261122000001"},
        apply_date="2026-11-22 09:18:00",
        contact_mobile="无",
        accept_date=None,
        beizhu="家住长江路，电话13812345678",
        data_source="wuqiao",
        zt="01",
    )
    row, register = found.row, found.children["wq_register"][0]
    assert (row["project_no"], row["apply_date"], row["applyer_type"]) == (
        "WQ20261122000001",
        "2026-11-22 09:18:00",
        "1",
    )
    assert (row["contact_mobile"], row["accept_date"], row["zt"]) == ("无", None, "01")
    assert register["project_no"] == "WQ20261122000001"
    assert str(register["zs"]).startswith("河北省沧州市吴桥县桑园镇")
    assert "长江" not in f"{found}"
    assert str(register["zs"]).endswith("号")
    assert row["data_source"] != "wuqiao"
    assert not any(word in str(row["beizhu"]) for word in ("家住", "电话"))  # one of the characters may come by chance
    assert "13812345678" not in str(row["beizhu"])


def test_values_that_are_no_text_keep_their_type():
    """What a database gives as a day, a number or bytes is given as one again."""
    found = masked(
        applyer_page_code=int(PERSON),
        csrq=date(1985, 1, 1),
        gxsj=datetime(2026, 11, 22, 9, 30, tzinfo=UTC),
        nianxin=Decimal("123456.78"),
        sdnl=35_000,
        zp=b"\xff\xd8",
        youxiao=True,
        beizhu=["欧阳𠮷", {"a": "欧阳𠮷"}],
    ).row
    assert numbers.is_identity(str(found["applyer_page_code"]))
    assert isinstance(found["csrq"], date)
    assert found["csrq"].isoformat().replace("-", "") == str(found["applyer_page_code"])[6:14]
    assert isinstance(found["gxsj"], datetime)
    assert (found["gxsj"].hour, found["gxsj"].tzinfo) == (9, UTC)
    assert isinstance(found["nianxin"], Decimal)
    assert found["nianxin"] != Decimal("123456.78")
    assert len(str(found["sdnl"])) == len("35000")
    assert (found["zp"], found["youxiao"]) == (b"\0\0", True)
    assert "欧阳" not in str(found["beizhu"])


def test_a_number_of_digits_never_becomes_one_that_ends_in_x():
    """A column of numbers could not hold it; by chance it would be one in eleven."""
    assert PERSON.isdecimal()
    found = [masked(applyer_page_code=int(PERSON)).row["applyer_page_code"] for _ in range(40)]
    assert all(isinstance(each, int) and numbers.is_identity(str(each)) for each in found)


def test_a_township_that_has_a_persons_name_hides_it():
    """An address stays down to its township, unless that would leave somebody's name: then nothing of it stays."""
    kept = masked({"zs": "永济市蒲州镇东街１号"}, applyer_name="张三").children["wq_register"][0]["zs"]
    assert kept.startswith("永济市蒲州镇")
    hidden = masked({"zs": "永济市张三乡东街１号"}, applyer_name="张三").children["wq_register"][0]["zs"]
    assert "张三" not in hidden


def test_a_character_becomes_another_of_its_kind():
    """As hard to encode as before: common, rare, outside GB 2312, outside the BMP, full-width, other scripts."""
    text = "张䶮𠮷镕堃ａＢ９Ab1·，\x00ئۈ"
    other = characters.other(text, Pseudonyms())
    for encoding in ("utf-8", "gb18030"):
        sizes = [[len(each.encode(encoding)) for each in written] for written in (text, other)]
        assert sizes[0] == sizes[1]
    assert [each.isalpha() for each in text] == [each.isalpha() for each in other]
    assert "·，\x00" in other
    assert other != text


def test_a_name_that_is_a_word_of_the_mapping_hides_nothing_else():
    """Somebody is called as a code of the mapping is: the cell changes, the code stays, and the record is recorded."""
    found = masked({"jyfw": "由欧　阳经营"}, applyer_name="自取", contact_name="欧　阳", xm="欧阳")
    assert found.row["applyer_name"] != "自取"
    assert "欧阳" not in f"{found}".replace("　", "")


def test_a_field_that_comes_from_one_of_several_columns(tmp_path):
    """Each column that may give a personal value is personal, and what chooses between them stays as it is."""
    ways = '[{ when = { "标识" = "代领" }, from = "人" }, { from = "号" }]'
    rules = load(
        tmp_path, GOOD.replace('"recipient" = "人"', f'"recipient" = {ways}').replace('"标识"\n', '"方式"\n')
    ).rules
    (found,) = mask(rules, [local_record(人="张三丰", 号="李四光家", 标识="代领")])
    assert found is not None
    assert found.row["标识"] == "代领"
    assert not {"张三丰", "李四光家"} & set(map(str, found.row.values()))


def test_a_long_remark_is_masked():
    """Gone through once for each thing looked for, not once for each length and place."""
    text = "张三丰与李四光，" * 15_000
    found = masked(applyer_name="张三丰", bz=text)
    assert len(str(found.row["bz"])) == len(text)
    assert not set("张三丰李四光") <= set(str(found.row["bz"])[:1000])
    assert str(found.row["applyer_name"]) in str(found.row["bz"])


def test_another_recording_is_another_key():
    """The same person is somebody else in the next recording: two recordings cannot be laid side by side."""
    assert len({str(masked(applyer_page_code=PERSON).row["applyer_page_code"]) for _ in range(5)}) > 1
