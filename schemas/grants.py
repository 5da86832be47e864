"""Why the hub does not let a sheet be printed: a grant carries the code alone, and the county's node says the sentence.

They stand in the contract because both sides need them: the hub to choose one, the node to tell the clerk.
"""

from typing import Final

from schemas.envelope import derived_id
from schemas.errors import declare

GRANT_TAKEN: Final = declare("E-ADM-070", "该授权已放行给另一次申领。", "不能再次打印；请查看本大厅的打印记录。")
GRANT_EXPIRED: Final = declare("E-ADM-071", "打印授权已过期。", "请联系属地重新授权。")
GRANT_LICENSE_STATE: Final = declare("E-ADM-072", "证照现状不允许打印。", "请联系发证机关。")
GRANT_STATE_OLD: Final = declare("E-ADM-073", "证照状态的时间太久，不能据以打印。", "请属地重新确认证照状态。")
GRANT_SETTLED: Final = declare("E-ADM-074", "该授权已经打印或作废。", "不能再次打印；需要重打的，请属地重新授权。")
GRANT_REVOKED: Final = declare("E-ADM-075", "属地已撤销该打印授权。", "不能打印；需要时请联系属地重新授权。")
GRANT_AUTHORITY_BARRED: Final = declare(
    "E-ADM-076", "授权这份打印的县已被停用或撤销，暂不放行。", "不能打印；请稍后再试，或联系联盟运维确认该县的状态。"
)
GRANT_SUSPENDED: Final = declare(
    "E-ADM-120",
    "中枢刚从备份恢复，还在核对各打印站，暂不放行打印。",
    "请稍后再按打印；核对完成后即可放行，不要另行打印。",
)

CODES: Final = {
    each.code: each
    for each in (
        GRANT_TAKEN,
        GRANT_EXPIRED,
        GRANT_LICENSE_STATE,
        GRANT_STATE_OLD,
        GRANT_SETTLED,
        GRANT_REVOKED,
        GRANT_AUTHORITY_BARRED,
        GRANT_SUSPENDED,
    )
}
"""Every code that a grant may carry, by its name."""


def answer_id(county: str, claim_message_id: str) -> str:
    """The message id of the hub's answer to one asking: by it the station knows which of its askings is answered."""
    return derived_id(claim_message_id, f"print.granted:{county}")
