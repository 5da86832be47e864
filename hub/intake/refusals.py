"""The codes with which admission and the print ledger refuse, and the record that tells the sender.

A refusal is final and travels inside the sender's receipt: code, field, what was found, what was expected, and both
languages, so that a county needs no catalogue of ours to show it.
"""

from datetime import datetime
from typing import Final

from pages import wording
from schemas import codec
from schemas.errors import YunhuobanError, declare
from schemas.grants import (
    GRANT_AUTHORITY_BARRED,
    GRANT_EXPIRED,
    GRANT_LICENSE_STATE,
    GRANT_REVOKED,
    GRANT_SETTLED,
    GRANT_STATE_OLD,
    GRANT_SUSPENDED,
    GRANT_TAKEN,
)

__all__ = [  # the codes of a grant are the contract's; whoever refuses in the hub finds all codes here
    "GRANT_AUTHORITY_BARRED",
    "GRANT_EXPIRED",
    "GRANT_LICENSE_STATE",
    "GRANT_REVOKED",
    "GRANT_SETTLED",
    "GRANT_STATE_OLD",
    "GRANT_SUSPENDED",
    "GRANT_TAKEN",
]

# --- the message as a whole
TOO_LARGE: Final = declare("E-ADM-001", "报文超过大小上限。", "请缩小附件或拆分后重新报送。")
ODD_PROPERTY: Final = declare(
    "E-ADM-002", "报文带有不允许的消息属性或头。", "只设置标准规定的属性；抄送、过期、优先级、回复地址都不允许。"
)
COPIES_DISAGREE: Final = declare(
    "E-ADM-003", "消息属性、路由键与信封不一致。", "请按信封内容填写消息编号、类型与路由键。"
)
WRONG_ROAD: Final = declare("E-ADM-004", "该类报文不走这条通道。", "打印申领走 express，其余走 submit。")
# --- the sender
NOT_ENROLLED: Final = declare("E-ADM-010", "发送县尚未加入或已停用。", "请联系联盟运维确认本县状态。")
NO_SIGNATURE: Final = declare("E-ADM-011", "报文没有且只有一个可用的签名。", "请用报文签名证书对信封原始字节签名一次。")
UNKNOWN_SIGNER: Final = declare("E-ADM-012", "签名证书不属于发送县。", "请使用本县在中枢登记的报文签名证书。")
# --- time
FROM_THE_FUTURE: Final = declare("E-ADM-020", "签发时间比中枢时间超前 5 分钟以上。", "请校准本机时钟后重新报送。")
EXPIRED: Final = declare("E-ADM-021", "报文已过有效期。", "请核对办件现状，以新报文重新报送。")
# --- the same id again
OTHER_BYTES: Final = declare(
    "E-ADM-030", "同一报文编号下出现了不同的内容。", "每个报文使用新的编号；重发必须逐字节相同。"
)
# --- where it goes
UNKNOWN_DESTINATION: Final = declare(
    "E-ADM-040", "接收县不在目录中或已停用。", "请更新目录，核对接收县的行政区划代码。"
)
ITEM_NOT_OFFERED: Final = declare("E-ADM-041", "属地没有开通该事项。", "请在目录中核对属地开通的事项与实施编码。")
KEY_UNKNOWN: Final = declare(
    "E-ADM-042", "正文不是为接收方当前的加密密钥加密的。", "请更新目录，用接收方最新的密钥重新加密报送。"
)
CONTRACT_NOT_READ: Final = declare(
    "E-ADM-043", "报文所用的标准版本接收方读不了。", "请更新目录，用接收方声明的标准版本重新报送。"
)
# --- order and case
PREDECESSOR_MISSING: Final = declare(
    "E-ADM-050", "等候已久，前一报文或所答复的报文始终没有到达。", "请先补发前一报文，再以新报文报送。"
)
PREDECESSOR_REFUSED: Final = declare(
    "E-ADM-051", "前一报文或所答复的报文已被拒收。", "请处理前一报文的拒收原因，重新起链报送。"
)
PREDECESSOR_FOREIGN: Final = declare(
    "E-ADM-052", "前一报文不属于此办件或不是发给同一接收方。", "请核对 prev 与 in_reply_to。"
)
CASE_UNKNOWN: Final = declare("E-ADM-053", "没有这个办件。", "请先报送申请，或核对办件编号。")
CASE_EXISTS: Final = declare("E-ADM-054", "办件编号已被使用。", "请为新申请另编办件编号。")
CASE_NOT_OURS: Final = declare("E-ADM-055", "办件编号不是发送县编的。", "办件编号以收件县的行政区划代码开头。")
CASE_FIELDS: Final = declare("E-ADM-056", "事项或试办标记与办件不一致。", "同一办件的各报文，事项与试办标记必须相同。")
RECEIPT_WRONG: Final = declare(
    "E-ADM-057", "签收回执没有指明所收的报文，或与所收报文的字节不符。", "请对实际收到的报文字节重新计算摘要后签收。"
)
SUPERSEDES_WRONG: Final = declare(
    "E-ADM-058",
    "报文要取代一条已准入、接收方没有拒收的报文，或者与因密钥已销毁而退回的那一条内容不同。",
    "已准入、接收方没有拒收的报文不能更换；以密钥已销毁退回的，用新密钥报送同一内容。",
)
PAYLOAD_DIFFERS: Final = declare(
    "E-ADM-107", "发给中枢的正文与其承诺或明文事实不一致。", "请用同一份内容填写正文与明文事实，以新报文重新报送。"
)
# --- print ledger
AUTHORISATION_EXISTS: Final = declare(
    "E-ADM-060",
    "打印授权编号已被使用，或该份证照已经授权过。",
    "一份证照一次只授权一次；作废、撤销或过期后以 replaces 补授权。",
)
AUTHORISATION_WRONG: Final = declare(
    "E-ADM-061", "打印授权与办件、证照或打印县不符。", "请核对授权中的证照标识、打印县与办件。"
)
REPLACES_WRONG: Final = declare(
    "E-ADM-062",
    "被替代的授权不能替代：它不是这一份的授权、还没有结束、已经打印，或者已被替代。",
    "只有已作废、已撤销或没有放行就过期的授权可以替代，且只能替代一次；已放行的，请等打印县报送结果后再补授权。",
)
AUTHORISATION_UNKNOWN: Final = declare("E-ADM-063", "没有这个打印授权。", "请核对打印授权编号。")
OUTCOME_WRONG: Final = declare(
    "E-ADM-064", "打印结果与放行记录不符。", "只有获得放行的申领可以报送结果，且只能报送一次。"
)
STOCK_USED: Final = declare(
    "E-ADM-065", "空白证照编号已经用过，或样张带了编号、正式打印没有编号。", "请核对手中纸张的编号。"
)
LICENSE_EXISTS: Final = declare("E-ADM-066", "电子证照标识已属于另一办件。", "请核对证照标识的流水号与版本。")
LICENSE_UNKNOWN: Final = declare("E-ADM-067", "本办件没有这个证照。", "请核对证照标识与办件编号。")
SHEETS_OPEN: Final = declare(
    "E-ADM-068", "还有打印授权没有结果，不能办结。", "请等打印县报送结果，或者撤销尚未打印的授权后再办结。"
)
LICENSE_NOT_VALID: Final = declare(
    "E-ADM-110",
    "申请指名一份证照代替材料，存证账本里没有这份证照，或者它现在不是有效状态。",
    "请在收件页重新查找证照并另选；没有有效的，请收取材料。",
)
NOTHING_TO_REVOKE: Final = declare("E-ADM-069", "该打印授权已有结果，不能撤销。", "请查看该授权的打印结果。")
# --- answers to a claim (in a grant, not a refusal of the message): `schemas.grants`
# --- after a restore
REFUSED_BEFORE: Final = declare("E-ADM-121", "该报文在中枢恢复之前已被拒收。", "拒收是最终的；请更正后以新报文报送。")
# --- enrolment
KEY_STATEMENT_WRONG: Final = declare(
    "E-ADM-080", "密钥声明不属于该县或不在有效期内。", "请用该县的报文签名证书重新声明。"
)
KEY_STATEMENT_OLDER: Final = declare(
    "E-ADM-081", "密钥声明比已登记的更旧。", "请用序号更大的新声明；若未曾回退，请怀疑有人重放旧声明。"
)
POISON: Final = declare("E-ADM-090", "该报文使处理程序反复中断，已单独搁置。", "运维将查明原因；请勿重发同一报文。")

_FIELD_CHARACTERS: Final = 120
_FOUND_CHARACTERS: Final = 200


def record(error: YunhuobanError, *, message_id: str, now: datetime) -> bytes:
    """The encoded Refusal of one message."""
    zh, en = wording.sentence(error, "zh"), wording.sentence(error, "en")
    return codec.encode(
        "Refusal",
        {
            "message_id": message_id,
            "code": error.code.code,
            "field": _cut(error.place, _FIELD_CHARACTERS),
            "found": _cut(error.found, _FOUND_CHARACTERS * 2),
            "expected": _cut(error.expected, _FOUND_CHARACTERS * 2),
            "sentence_zh": _cut(zh.sentence, 600),
            "remedy_zh": _cut(zh.remedy, 600),
            "sentence_en": _cut(en.sentence, 900),
            "remedy_en": _cut(en.remedy, 900),
            "refused_at": now,
        },
    )


def _cut(text: str, limit_bytes: int) -> str:
    """The longest beginning of a text within a number of UTF-8 bytes; what came from outside may hold anything."""
    clean = "".join(each if each.isprintable() else "·" for each in text)
    return clean.encode("utf-8", "replace")[:limit_bytes].decode("utf-8", "ignore")
