"""A granted decision becomes a canonical License whose files are sealed, printable and named by their digests."""

import hashlib
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from types import MappingProxyType

import pytest

from adapters.licenses import choosing
from adapters.licenses.face import statement_of
from adapters.licenses.issue import LARGEST_SEALED_BYTES, CountyAuthority, issue_license
from adapters.licenses.particulars import PARTS
from adapters.licenses.seal_process import SealProcess
from adapters.licenses.template import Template
from adapters.licenses.verify import StateNow, verify_license
from schemas import codec
from schemas.errors import YunhuobanError
from tests.unit.adapters.licenses.license_parties import AUTHORITY, NAMES, NUMBER

COUNTY = CountyAuthority(name=AUTHORITY, code="11140881MB0000000U", area_code="140881", trial=True)
APPLICATION = {
    "registration": {
        "enterprise_name": NAMES,
        "enterprise_kind": "有限责任公司（自然人独资）",
        "legal_representative": "䶮建国",
        "legal_representative_document_no": "140881198001010000",
        "registered_capital_fen": 100_000_000,
        "address": "山西省运城市永济市城东街道舜都大道18号",
        "business_scope": "一般项目：日用百货销售；五金产品零售。",
    },
    **dict.fromkeys(PARTS),
}
DECISION = {
    "decision_no": "永审批决〔2026〕17号",
    "outcome": "granted",
    "decided_at": datetime(2026, 11, 21, 17, 30, tzinfo=UTC),  # 01:30 of the 22nd in China
    "reasons": "",
    "remedies": "",
    "approver": "张审批",
    "approver_no": "A017",
    "license_number": NUMBER,
    "established_on": None,
    "renews": None,
    "valid_until": None,
}


class NoSealer:
    """Fails the test when it is asked for anything."""

    def seal(self, pdf: bytes, request: object) -> bytes:
        """Never reached."""
        del pdf, request
        raise AssertionError("sealed without a decision")


def issue(renderer, sealer, *, registration: Mapping[str, object] = MappingProxyType({}), **decision: object) -> dict:
    """Issue for the example case, with parts of registration and decision changed; the templates by what it says."""
    said = {**APPLICATION["registration"], **registration}
    forms = choosing.templates_for({}, "", said["enterprise_kind"])
    return issue_license(
        {"registration": said},
        {**DECISION, **decision},
        COUNTY,
        forms,
        now=datetime.now(UTC) + timedelta(days=365),
        serial="20261122000001",
        host="verify.example.cn",
        token=bytes(range(16)),
        sealer=sealer,
        renderer=renderer,
    )


@pytest.fixture(scope="module")
def record(renderer, party, tmp_path_factory):
    """The License of the example case."""
    register = tmp_path_factory.mktemp("register") / "uses.jsonl"
    with SealProcess(
        plugin=party.plugin, anchors=party.anchors, crls=party.crls, register=register, trial=True
    ) as sealer:
        return issue(renderer, sealer)


def test_record_is_canonical(record):
    """The record survives the contract's codec unchanged, with both copies in it."""
    assert codec.decode(codec.encode("License", record), "License") == record
    assert (
        record["identifier"]
        == "1.2.156.3005.2.11100000MB0143028R001.11140881MB0000000U.20261122000001.001.C"[:-1]
        + record["identifier"][-1]
    )
    assert [(file["copy_kind"], file["media"]) for file in record["files"]] == [
        ("original", "iso_a3_297x420mm"), ("duplicate", "iso_a4_210x297mm")
    ]  # fmt: skip
    assert record["issued_on"] == date(2026, 11, 22)
    face = {line["label"]: line["value"] for line in record["face"]}
    assert (face["注册资本"], face["成立日期"]) == ("壹佰万元整", "2026年11月22日")
    assert "140881198001010000" not in str(record["face"])


def test_both_files_verify(record, party):
    """Each sealed file verifies without a failed or unknown line against its own record."""
    for file in record["files"]:
        assert file["print_file_sha256"] == hashlib.sha256(file["print_file"]).digest()
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


def test_face_in_the_message_must_be_the_files(record, party):
    """A message that says something else than the sealed file is found out, and so is a swapped copy."""
    original, duplicate = record["files"]
    lied = {**record, "face": [{**line, "value": f"{line['value']}。"} for line in record["face"]]}
    for said, file in ((lied, original), (record, duplicate)):
        seen = verify_license(
            original["sealed"],
            anchors=party.anchors,
            crls=party.crls(),
            at=datetime.now(UTC),
            expected_sha256=original["sealed_sha256"],
            trial=True,
            expected_statement=statement_of(said, file, trial=True),
        )
        assert seen.with_standing("failed") == ("license.face",)


class BulkySealer:
    """Stands for a seal whose certificates and lists have grown beyond what a message may carry."""

    def seal(self, pdf: bytes, request: object) -> bytes:
        """The page and too much after it."""
        del request
        return pdf + bytes(LARGEST_SEALED_BYTES)


def test_a_file_that_no_message_could_carry_is_not_issued(renderer):
    """It is said where it is made, not when it is sent."""
    with pytest.raises(YunhuobanError) as caught:
        issue(renderer, BulkySealer())
    assert (caught.value.code.code, caught.value.place) == ("E-LIC-010", "sealed")


@pytest.mark.parametrize(
    "decision",
    [
        {"outcome": "denied"},
        {"approver": ""},
        {"approver_no": " "},
        {"decision_no": ""},
        {"license_number": ""},
        {"decided_at": datetime(2999, 1, 1, tzinfo=UTC)},
    ],
)
def test_nothing_without_a_decision(decision, renderer):
    """A denial, a decision without approver or number, or one from the future draws and seals nothing."""
    with pytest.raises(YunhuobanError) as caught:
        issue(renderer, NoSealer(), **decision)
    assert caught.value.code.code == "E-LIC-024"


class NoRenderer:
    """Gives the template's name for a page: what is drawn is another test's affair."""

    def render_complete(self, face: object, template: Template) -> bytes:
        """A page that names its template."""
        del face
        return template.id.encode()

    render_fill = render_complete


class PaperSealer:
    """Hands the page back."""

    def seal(self, pdf: bytes, request: object) -> bytes:
        """As it came."""
        del request
        return pdf


@pytest.mark.parametrize(
    ("kind", "template_id", "expected"),
    [
        ("个体工商户（个人经营）", "business-license-individual", {
            "类型": "个体工商户", "组成形式": "个人经营", "经营者": "䶮建国", "注册日期": "2026年11月22日"}),
        ("有限合伙企业", "business-license-partnership", {"执行事务合伙人": "䶮建国", "出资额": "壹佰万元整"}),
        ("个人独资企业", "business-license-sole", {"投资人": "䶮建国", "出资额": "壹佰万元整"}),
        ("有限责任公司分公司（自然人独资）", "business-license-branch", {"负责人": "䶮建国"}),
        ("农民专业合作社", "business-license-cooperative", {"成员出资总额": "壹佰万元整"}),
        ("其他有限责任公司", "business-license", {"注册资本": "壹佰万元整"}),
    ],
)  # fmt: skip
def test_the_kind_of_body_decides_what_the_license_says(kind, template_id, expected):
    """Each kind of body has the labels of its own license, on the same stock, and both copies."""
    record = issue(NoRenderer(), PaperSealer(), registration={"enterprise_kind": kind})
    face = {line["label"]: line["value"] for line in record["face"]}
    assert face | expected == face
    assert [file["template"] for file in record["files"]] == [f"{template_id}-original", f"{template_id}-duplicate"]
    assert {file["stock_kind"] for file in record["files"]} == {
        "business-license-original-2019", "business-license-duplicate-2019"
    }  # fmt: skip
    assert record["type_code"] == "11100000MB0143028R001"
    codec.encode("License", record)


def test_a_line_that_nobody_filled_in_stops_the_license():
    """A 个体工商户 whose kind does not say how it is composed: the line is named, nothing is drawn or sealed."""
    with pytest.raises(YunhuobanError) as caught:
        issue(None, NoSealer(), registration={"enterprise_kind": "个体工商户"})
    assert (caught.value.code.code, caught.value.expected) == ("E-LIC-004", "组成形式")
