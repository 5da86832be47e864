"""What a county has stated of its item (`item.stated`) binds it: which special procedures, and whether a visit pauses.

Asked by the sender before it signs, and by the hub again. A county that has stated nothing of an item is held to the
law alone for its procedures; that an inspection pauses the limit has to be stated. Source: 行政许可法 art. 45 (only
what the law lists is not counted, and the applicant is told). Pure.
"""

from collections.abc import Mapping
from typing import Any, Final

from schemas.errors import YunhuobanError, declare

NOT_LISTED: Final = declare(
    "E-ADM-111",
    "属地没有说明这个事项有这种特别程序，不能以它停计期限。",
    "请选事项补充说明里列出的特别程序；确实依法需要的，先在“事项补充说明”里写明。",
)
NO_PAUSE: Final = declare(
    "E-ADM-112",
    "属地没有说明这个事项的踏勘期间不计入期限。",
    "请把踏勘提为照常计期限；确实依法不计的，先在“事项补充说明”里写明。",
)
VISIT: Final = "inspection"
"""The procedure that an inspection goes with where it pauses the limit (检验)."""
OPENED: Final = "procedure.opened"
OFFERED: Final = "visit.offered"
JUDGED: Final = frozenset({OPENED, OFFERED})
"""The messages that this is asked of."""


def procedures(detail: Mapping[str, Any] | None) -> tuple[str, ...] | None:
    """The special procedures of an item; None when nothing was stated."""
    if detail is None:
        return None
    pausing = (VISIT,) if detail["visit_pauses"] else ()
    return tuple(dict.fromkeys((*detail["special_procedures"], *pausing)))


def pauses(detail: Mapping[str, Any] | None) -> bool:
    """Whether an inspection pauses the limit."""
    return detail is not None and bool(detail["visit_pauses"])


def check(message_type: str, said: Mapping[str, Any], detail: Mapping[str, Any] | None) -> None:
    """`said` is the record or its facts. Raises E-ADM-111 or -112."""
    if message_type == OPENED:
        listed = procedures(detail)
        if listed is not None and said["procedure"] not in listed:
            raise YunhuobanError(NOT_LISTED, place="procedure", found=said["procedure"], expected=", ".join(listed))
    elif message_type == OFFERED and said["pauses"] and not pauses(detail):
        raise YunhuobanError(NO_PAUSE, place="pauses", found="true", expected="false")
