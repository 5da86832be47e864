"""What happens to paper: a spoiled sheet and the one that replaces it, and a printer that dies with the answer."""

import pytest

from deploy.demo.printer import Fault
from deploy.demo.world import WUQIAO
from tests.journey.road import Road, until, yongji_rows

pytestmark = pytest.mark.timeout(300)


def authorised(road: Road, case_no: str, number: int = 1) -> str:
    """The n-th authorisation of a case, once the window's page lists it."""
    window = road.windows[case_no[:6]]
    return until(lambda: window.numbers(case_no)[number - 1 : number], f"authorisation {number} of {case_no}")[0]


def test_a_spoiled_sheet_is_replaced_by_itself_and_both_are_accounted_for(road: Road):
    """作废 the first sheet: a new authorisation comes unasked; its sheet needs a number of its own; all books agree."""
    window = road.windows[WUQIAO.code]
    (local,) = road.submit(WUQIAO.code)
    (case_no,) = road.cases(WUQIAO.code, [local])

    first = authorised(road, case_no)
    window.print(first)
    window.until(first, "out")
    assert window.spoil(first, "jam", "W0000001").status == 200
    assert window.stage(first) == "spoiled"
    assert window.press(first, "print").status != 200  # this authorisation never prints again

    second = authorised(road, case_no, 2)
    window.print(second)
    window.until(second, "out")
    refused = window.confirm(second, "W0000001")
    assert refused.status != 200
    assert "E-PRINT-111" in refused.text
    assert window.stage(second) == "out"
    assert window.confirm(second, "W0000002").status == 200
    road.finish(WUQIAO.code, [case_no])

    assert [each["job_name"] for each in road.sheets(case_no)] == [first, second]
    assert road.prints(case_no) == [(first, "spoiled", "W0000001"), (second, "printed", "W0000002")]
    used = road.hub("SELECT stock_serial, result, authorisation_no FROM stock_serials WHERE stock_serial LIKE 'W%'")
    assert sorted(map(tuple, used)) == [("W0000001", "spoiled", first), ("W0000002", "printed", second)]
    steps = road.wuqiao("SELECT process_name, handle_explain FROM up_pro_process WHERE project_no = ?", local)
    told = [(row["环节"], row["说明"]) for row in yongji_rows(road, "办件回告") if row["跨省办件号"] == case_no]
    for name, serial in (("打印作废", "W0000001"), ("打印合格", "W0000002")):
        assert [serial in row["handle_explain"] for row in steps if row["process_name"] == name] == [True]
        assert [serial in said for step, said in told if step == name] == [True]


@pytest.mark.parametrize("fault", [Fault.PRINT_THEN_DIE, Fault.HANG_THEN_DIE])
def test_a_printer_that_dies_with_the_answer_leaves_it_to_a_person(road: Road, fault):
    """The job was taken, then the printer was gone: 结果不明 on the page, a person settles it, nothing prints twice."""
    printer, window = road.stage.printer, road.windows[WUQIAO.code]
    (case_no,) = road.take(WUQIAO.code)
    number = authorised(road, case_no)
    sheet_came_out = fault is Fault.PRINT_THEN_DIE
    printer.set_fault(fault)
    try:
        window.print(number)
        window.until(number, "printing")
        printer.let_die()
        until(lambda: printer.pid is None, "the printer dead")
    finally:
        printer.set_fault(Fault.NONE)
        printer.restart()
    window.until(number, "unknown")
    assert "不知道这一张有没有打出来" in window.get(f"/authorisations/{number}")
    assert len(road.sheets(case_no)) == sheet_came_out
    assert window.press(number, "print").status != 200

    if sheet_came_out:
        assert window.confirm(number, f"W{fault.value[:7]}").status == 200
        road.finish(WUQIAO.code, [case_no])
        road.check_once(case_no)
        return
    assert window.press(number, "spoil", reason="nothing").status == 200
    second = authorised(road, case_no, 2)
    road.finish(WUQIAO.code, [case_no])
    assert [each["job_name"] for each in road.sheets(case_no)] == [second]
    assert [each[1] for each in road.prints(case_no)] == ["spoiled", "printed"]
