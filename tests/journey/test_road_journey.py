"""One case from the applicant's words at a window to paper in the applicant's hand, in both directions."""

from datetime import UTC, datetime

import pytest

from deploy.demo.stage import NotReadyError
from deploy.demo.world import WUQIAO, YONGJI
from tests.journey.road import ONE_CASE_SECONDS, RARE, Road, page_millimetres, text_of, until, yongji_rows

pytestmark = pytest.mark.timeout(300)

RARE_SEED = 6
"""Seed of an invented company whose name has characters outside the basic plane."""


def test_an_application_in_wuqiao_becomes_one_license_on_paper_there(road: Road, record_property):
    """吴桥 → 永济 → paper in 吴桥: one sheet, the right one; every rung receipted; both local systems closed."""
    submitted_at = datetime.now(UTC)
    (local,) = road.submit(WUQIAO.code, seed=RARE_SEED)
    (company,) = [row["qymc"] for row in road.wuqiao("SELECT qymc FROM wq_register WHERE project_no = ?", local)]
    assert set(RARE) & set(company)
    (case_no,) = road.cases(WUQIAO.code, [local])
    road.finish(WUQIAO.code, [case_no])

    road.check_once(case_no)
    (sheet,) = road.sheets(case_no)
    text = text_of(road.sheet_file(sheet))
    assert company in text
    assert "样张" in text
    assert page_millimetres(road.sheet_file(sheet)) == (297, 210)

    # 吴桥's own system: accepted, decided, license, authorised, printed, handed over
    steps = road.wuqiao(
        "SELECT process_name FROM up_pro_process WHERE project_no = ? ORDER BY cd_time, process_name", local
    )
    assert {row["process_name"] for row in steps} == {"属地受理", "属地决定", "打印授权", "打印合格"}
    (accepted,) = road.wuqiao("SELECT * FROM up_pro_accept WHERE project_no = ? AND cd_operation = 'U'", local)
    assert accepted["accept_doc_no"].startswith("永审受字")
    (result,) = road.wuqiao("SELECT * FROM up_pro_result WHERE project_no = ?", local)
    assert result["result_type"] == "10"
    (license_row,) = road.wuqiao("SELECT * FROM up_lic_data WHERE project_no = ?", local)
    assert license_row["certificate_holder"] == company
    assert len(road.wuqiao("SELECT 1 FROM wq_handover WHERE project_no = ?", local)) == 1

    # 永济's own folder: the application once, and what became of the paper
    (application,) = [row for row in yongji_rows(road, "跨省申请") if row["跨省办件号"] == case_no]
    assert application["企业名称"] == company
    told = [row["环节"] for row in yongji_rows(road, "办件回告") if row["跨省办件号"] == case_no]
    assert sorted(told) == ["打印合格", "证照", "送达"]  # its own license, too: a change of its state names it

    on_paper = datetime.fromisoformat(sheet["printed_at"])
    (settled,) = road.hub("SELECT admitted_at FROM messages WHERE case_no = ? AND type = 'print.settled'", case_no)
    recorded = datetime.fromtimestamp(settled["admitted_at"] / 1000, UTC)
    record_property("seconds_local_record_to_paper", round((on_paper - submitted_at).total_seconds(), 2))
    record_property("seconds_local_record_to_paper_recorded", round((recorded - submitted_at).total_seconds(), 2))
    assert (recorded - submitted_at).total_seconds() < ONE_CASE_SECONDS


def test_the_ladder_is_shown_proven_and_verified_by_commands(road: Road, tmp_path):
    """`hub trace`, `hub proof`, `hub verify` and `hub journal` over a finished case; a changed proof is refused."""
    hub = str(road.world.hub)
    finished = road.hub(
        "SELECT case_no FROM cases WHERE state = 'handed_over' AND window_county = ? ORDER BY changed_at", WUQIAO.code
    )
    if not finished:
        pytest.skip("needs the case of the test before it")
    case_no = finished[0]["case_no"]
    shown = road.stage.command("hub", "trace", case_no, "-d", hub)
    for word in (case_no, "吴桥县", "永济市", "受理", "作出决定", "证照送回", "打印合格", "送达"):
        assert word in shown, shown
    proof, trust = tmp_path / "case.proof.json", tmp_path / "trust.json"
    road.stage.command("hub", "proof", case_no, "-o", str(proof), "--trust-out", str(trust), "-d", hub)
    assert case_no in road.stage.command("hub", "verify", str(proof), "--trust", str(trust))
    assert "完整" in road.stage.command("hub", "journal", "-d", hub)

    changed = tmp_path / "changed.json"
    changed.write_bytes(_with_another_letter(proof.read_bytes()))
    with pytest.raises(NotReadyError, match="hub verify") as refused:
        road.stage.command("hub", "verify", str(changed), "--trust", str(trust))
    assert "Traceback" not in str(refused.value)


def test_the_other_direction_prints_original_and_duplicate_in_yongji(road: Road):
    """永济 → 吴桥 (national tables) → 正本 on A3 and 副本 on A4 in 永济's hall, each once."""
    (local,) = road.submit(YONGJI.code)
    (case_no,) = road.cases(YONGJI.code, [local])
    road.finish(YONGJI.code, [case_no])

    road.check_once(case_no, copies=2)
    sheets = {each["job_name"].split("-")[4][0]: each for each in road.sheets(case_no)}
    assert sheets["O"]["media"] == "iso_a3_297x420mm"
    assert sheets["D"]["media"] == "iso_a4_210x297mm"
    assert sorted(page_millimetres(road.sheet_file(sheets["O"]))) == [297, 420]
    assert sorted(page_millimetres(road.sheet_file(sheets["D"]))) == [210, 297]
    (application,) = road.wuqiao("SELECT qymc FROM wq_register WHERE project_no = ?", case_no)
    for sheet in sheets.values():
        assert application["qymc"] in text_of(road.sheet_file(sheet))

    told = [row["环节"] for row in yongji_rows(road, "办件回告") if row["办件号"] == local]
    assert sorted(told) == sorted(["属地受理", "属地决定", "证照", *["打印授权", "打印合格"] * 2])
    (handed_over,) = road.wuqiao("SELECT data_source FROM wq_handover WHERE project_no = ?", case_no)
    assert handed_over["data_source"] == "yunhuoban"


@pytest.mark.parametrize("code", [WUQIAO.code, YONGJI.code])
def test_a_denial_ends_the_ladder_with_its_reason_and_without_paper(road: Road, code):
    """Materials are missing: 不予许可, the reason and the remedies in the window's own system, nothing to print."""
    (local,) = road.submit(code, flawed=True)
    (case_no,) = road.cases(code, [local])
    road.finish(code, [case_no])

    assert road.state(case_no) == "denied"
    assert road.sheets(case_no) == []
    assert road.prints(case_no) == []
    assert set(road.types(case_no)) == {
        "application.submitted", "application.accepted", "decision.made", "message.received",
    }  # fmt: skip
    if code == WUQIAO.code:
        (result,) = road.wuqiao("SELECT * FROM up_pro_result WHERE project_no = ?", local)
        assert result["result_type"] == "20"
        said = result["result_explain"]
    else:
        (said,) = [
            row["说明"] for row in yongji_rows(road, "办件回告") if row["办件号"] == local and row["环节"] == "属地决定"
        ]
    assert "缺少公司章程" in said
    assert "行政复议" in said


def _with_another_letter(proof: bytes) -> bytes:
    """The same file with one character of its longest word changed, as a careful forger would."""
    text = proof.decode()
    longest = max((word for word in text.split('"') if word.isalnum()), key=len)
    middle = len(longest) // 2
    other = "A" if longest[middle] != "A" else "B"
    return text.replace(longest, longest[:middle] + other + longest[middle + 1 :], 1).encode()


def test_both_counties_vouch_for_the_journal(road: Road, tmp_path):
    """The hub shows both counties how its journal grew; they countersign, no alarm sounds, the proof counts both."""
    finished = road.hub("SELECT case_no FROM cases WHERE state = 'handed_over' ORDER BY changed_at")
    if not finished:
        pytest.skip("needs the case of the tests before it")
    case_no = finished[0]["case_no"]
    last = "SELECT MAX(batch) FROM messages WHERE case_no = ?"
    covering = f"SELECT DISTINCT county FROM countersignatures WHERE size >= ({last})"
    signed = until(lambda: len(road.hub(covering, case_no)) == 2, "both countersign", seconds=150)
    assert signed
    for code in (WUQIAO.code, YONGJI.code):
        assert road.county(code, "SELECT * FROM forks") == []
        assert road.county(code, "SELECT * FROM checkpoints WHERE proven")
    hub = str(road.world.hub)
    proof, trust = tmp_path / "case.proof.json", tmp_path / "trust.json"
    road.stage.command("hub", "proof", case_no, "-o", str(proof), "--trust-out", str(trust), "-d", hub)
    assert "会签见证 2 份" in road.stage.command("hub", "verify", str(proof), "--trust", str(trust))
    assert "完整" in road.stage.command("hub", "journal", "-d", hub)
