"""The documents that 吴桥县's system issues when a person asks for one: each is a row or a few of its own tables."""

import sqlite3

from paperwork import Document
from wuqiao_register import HUB, US, guid, insert, next_serial, now, stamp

DOCUMENT_CODES = {
    "补正告知": "40", "不予受理": "45", "延期": "55", "证照状态": "81", "撤销打印授权": "84", "办结": "95",
    "终止": "98",
}  # fmt: skip
CODES = {
    "不予受理": {"不需要行政许可": "1", "不属于职权范围": "2", "未按要求补正": "3", "不符合法定条件": "4"},
    "特别程序": {
        "听证": "01", "招标": "02", "拍卖": "03", "检验": "04", "检测": "05", "检疫": "06", "鉴定": "07",
        "专家评审": "08",
    },
    "终止": {"逾期未补正": "1", "申请人不再存在": "2", "标的灭失": "3", "法律法规变更": "4", "其他": "9"},
    "证照状态": {
        "有效": "01", "暂扣": "02", "撤销": "03", "注销": "04", "过期失效": "05", "转出": "06", "吊销": "07",
        "挂失": "08", "历史版本": "99",
    },
    "办结": {"已发证": "1", "不予许可": "2", "不发证": "3"},
}  # fmt: skip


def document(connection: sqlite3.Connection, wanted: Document) -> str:
    """Issue one document in one transaction; returns its number. The window's own two are told by their case."""
    connection.execute("BEGIN IMMEDIATE")
    moment = stamp(now())
    number = _PAPERS.get(wanted.kind, issue)(connection, wanted, moment)
    connection.execute("COMMIT")
    return number


def issue(connection: sqlite3.Connection, wanted: Document, moment: str) -> str:
    """Write what has a row in the county's own register of documents, and the defects that it names."""
    serial = next_serial(connection, "wq_document", "1")
    number = f"吴审文字〔{moment[:4]}〕{serial:06}号"
    insert(
        connection, "wq_document", row_guid=guid("document", number), project_no=wanted.case,
        wszl=DOCUMENT_CODES[wanted.kind], wsbh=number, wssj=moment, qixian=wanted.until or None,
        qingxing=CODES.get(wanted.kind, {}).get(wanted.code, wanted.code),
        tianshu=wanted.days if wanted.kind == "延期" else None,
        liyou="" if wanted.materials else wanted.reasons, jiuji=wanted.remedies, zzbs=wanted.license_no,
        tdzzbs=wanted.successor, sqbh=wanted.authorisation, jbr="吴桥审批李", pzr="吴桥批准王", pzr_gh="WQ0012",
        data_source=US, cd_time=moment,
    )  # fmt: skip
    for name in wanted.materials:
        insert(
            connection, "wq_defect", row_guid=guid("defect", number, name), wsbh=number, cldm=None, clmc=name,
            wenti=wanted.reasons, buzheng=f"请提交{name}。",
        )  # fmt: skip
    return number


def review(connection: sqlite3.Connection, wanted: Document, moment: str) -> str:
    """Write that one step of the examination is done."""
    number = str(next_serial(connection, "up_pro_process", "1"))
    insert(
        connection, "up_pro_process", row_guid=guid("review", wanted.case, number), project_no=wanted.case,
        process_name=wanted.code, event_name="60", event_start_time=moment, event_end_time=moment,
        handle_explain=wanted.reasons, handle_user_name="吴桥审批李", data_source=US, cd_time=moment,
    )  # fmt: skip
    return number


def special_procedure(connection: sqlite3.Connection, wanted: Document, moment: str) -> str:
    """Write that a special procedure begins, or, as a row of its own, that it has ended."""
    ends = wanted.kind == "特别程序结束"
    number = f"吴审特字〔{moment[:4]}〕{next_serial(connection, 'up_pro_special_procedure', '1'):06}号"
    insert(
        connection, "up_pro_special_procedure", row_guid=guid("special", number), project_no=wanted.case,
        special_type=CODES["特别程序"].get(wanted.code, wanted.code), special_name=wanted.code,
        special_reason="" if ends else wanted.reasons, special_time=moment, end_time=moment if ends else None,
        result=wanted.reasons if ends else "", handle_user="吴桥审批李", wq_gzs_no=number,
        wq_yjjs_date=wanted.until or None, data_source=US, cd_time=moment,
    )  # fmt: skip
    return number


def supplement(connection: sqlite3.Connection, wanted: Document, moment: str) -> str:
    """Take what an applicant adds to an application of this window, by the notice that came for it."""
    notice = connection.execute(
        "SELECT remark FROM up_pro_process WHERE project_no = ? AND process_name = '补正告知' AND data_source = ?",
        (wanted.case, HUB),
    ).fetchone()
    if notice is None:
        raise SystemExit(f"办件 {wanted.case} 没有收到补正告知。")
    number = f"WQBZ{next_serial(connection, 'wq_supplement', '1'):06}"
    insert(
        connection, "wq_supplement", row_guid=guid("supplement", number), project_no=wanted.case, bzbh=number,
        gzs_no=notice[0], bzsj=moment, shuoming=wanted.reasons, window_no="07", jbr="吴桥窗口张", data_source=US,
        cd_time=moment,
    )  # fmt: skip
    for name in wanted.materials:
        insert(
            connection, "wq_supplement_material", row_guid=guid("supplement", number, name), bzbh=number,
            material_name=name, get_type="1", get_name="1", remark="",
        )  # fmt: skip
    return number


def withdraw(connection: sqlite3.Connection, wanted: Document, moment: str) -> str:
    """Take the applicant's word that the application of this window is withdrawn."""
    person = connection.execute(
        "SELECT contact_name FROM up_pro_accept WHERE project_no = ? AND data_source = ?", (wanted.case, US)
    ).fetchone()
    if person is None:
        raise SystemExit(f"本窗口没有收过办件 {wanted.case}。")
    insert(
        connection, "wq_withdrawal", row_guid=guid("withdrawal", wanted.case), project_no=wanted.case, chsj=moment,
        yuanyin=wanted.reasons, tcr=person[0], jbr="吴桥窗口张", data_source=US, cd_time=moment,
    )  # fmt: skip
    return str(wanted.case)


_PAPERS = {
    "审查": review,
    "特别程序": special_procedure,
    "特别程序结束": special_procedure,
    "补正材料": supplement,
    "撤回": withdraw,
}
