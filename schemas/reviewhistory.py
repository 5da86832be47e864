"""Whether a step of an expert review fits the ones before it: nobody is chosen, passed over or asked out of order.

Whoever receives the draw has the pool from the convening message and draws again. That the seed is the right checkpoint
is seen by whoever holds checkpoints (`adapters.case.seeding`, `hub.evidence.drawcheck`). Pure.
"""

from collections.abc import Mapping
from typing import Any, Final

from schemas import drawing
from schemas.errors import Code, YunhuobanError, declare

NOT_CONVENED: Final = declare(
    "E-AROUND-013", "这次评审还没有开始，或者已经抽取过。", "请先开始评审；一次评审只抽取一次，要重抽须另开一次评审。"
)
DRAWN_OTHERWISE: Final = declare(
    "E-AROUND-014",
    "抽取结果与按种子重新抽取的不同。",
    "请不要手工改动抽取结果；结果由种子、开始评审的报文编号与名单决定（规范 14.8）。",
)
SEED_WRONG: Final = declare(
    "E-AROUND-015",
    "种子不是开始评审的报文之后的第一个检查点。",
    "请等第一个检查点到达后由程序抽取；中枢从备份恢复过的，请另开一次评审。",
)
NOT_DRAWN: Final = declare("E-AROUND-016", "这次评审还没有抽取，或者已经结束。", "请先抽取专家；一次评审只结束一次。")
OUT_OF_ORDER: Final = declare(
    "E-AROUND-017",
    "报告中的专家不是依次抽中的：有人没有抽中，有人被越过，或者名额已满还请了后面的专家。",
    "前面的专家答复不能评审或者到期没有答复的，请列入未评审的专家，再由下一位递补。",
)
CONFLICT: Final = declare(
    "E-AROUND-018",
    "这位专家的工作单位在回避的单位之列。",
    "请以有利害关系为由答复不能评审，由下一位专家递补。",
)

Record = Mapping[str, Any]


def demand_draw(convened: Record | None, convening_id: str, record: Record) -> None:
    """See that a draw is the one that its seed commands. Raises E-AROUND-013 when nothing is to be drawn, -014."""
    if convened is None:
        raise _refuse(NOT_CONVENED, "review", record["review"])
    right = drawing.order(record["seed_root"], convening_id, convened["pool"])
    if list(record["drawn"]) != right:
        raise _refuse(DRAWN_OTHERWISE, "drawn", " ".join(record["drawn"][:5]), " ".join(right[:5]))


def demand_report(convened: Record | None, drawn: Record | None, record: Record) -> None:
    """See that a report names whoever was drawn, in order. Raises E-AROUND-016 when none is due, E-AROUND-017."""
    if convened is None or drawn is None:
        raise _refuse(NOT_DRAWN, "review", record["review"])
    opined = [each["expert_no"] for each in record["opinions"]]
    declined = [each["expert_no"] for each in record["declines"]]
    asked = drawn["drawn"][: len(opined) + len(declined)]
    if sorted(opined + declined) != sorted(asked):
        raise _refuse(OUT_OF_ORDER, "opinions", " ".join(sorted(opined + declined)), " ".join(sorted(asked)))
    if opined != [each for each in asked if each in opined]:
        raise _refuse(OUT_OF_ORDER, "opinions", " ".join(opined))
    places = min(convened["wanted"], len(drawn["drawn"]) - len(declined))
    if len(opined) != places:  # a place is left only when no reserve is
        raise _refuse(OUT_OF_ORDER, "opinions", len(opined), places)


def _refuse(code: Code, place: str, found: object, expected: object = "") -> YunhuobanError:
    return YunhuobanError(code, place=place, found=str(found), expected=str(expected))
