"""The documents that 吴桥县's system issues when a person asks for one: each is a row or a few of its own tables."""

import sqlite3

import invented
from paperwork import REMEDIES, Document
from wuqiao_register import HUB, US, guid, insert, next_serial, now, stamp

REGION = "130928"
DOCUMENT_CODES = {
    "补正告知": "40", "不予受理": "45", "延期": "55", "证照状态": "81", "撤销打印授权": "84", "打印授权": "85",
    "办结": "95", "终止": "98",
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


def accept_one(connection: sqlite3.Connection, number: str, applicant: str, promised: str) -> str:
    """Accept one application, promising a decision by a day; returns the number of the notice."""
    moment, serial = now(), next_serial(connection, "up_pro_accept", "accept_doc_no IS NOT NULL")
    notice = f"吴审受字〔{moment:%Y}〕{serial:06}号"
    insert(
        connection, "up_pro_accept", row_guid=guid("accepted", number), project_no=number, applyer_name=applicant,
        accept_date=stamp(moment), accept_doc_no=notice, promise_date=promised, handle_user_name="吴桥审批李",
        data_source=US, cd_operation="U", cd_time=stamp(moment),
    )  # fmt: skip
    return notice


def decide_one(
    connection: sqlite3.Connection, number: str, company: str, denied: str, *, code: str = "", renews: str = ""
) -> str:
    """Decide one application: `denied` is why not, `code` the company's number if it has one already."""
    moment, serial = now(), next_serial(connection, "wq_decision", "1")
    decision_no = f"吴审决字〔{moment:%Y}〕{serial:06}号"
    insert(
        connection, "wq_decision", row_guid=guid("decision", number), project_no=number, jdws_no=decision_no,
        liyou=denied, jiuji=REMEDIES if denied else "", pzr="吴桥批准王", pzr_gh="WQ0012",
        clrq=None if denied else moment.date().isoformat(), yzzbs=renews or None,
    )  # fmt: skip
    insert(
        connection, "up_pro_result", row_guid=guid("result", number), project_no=number,
        result_type="20" if denied else "10", result_date=stamp(moment),
        result_explain=f"{company or ''}设立登记{'不予' if denied else '准予'}许可",
        result_cetr_name="" if denied else "营业执照",
        result_cetr_no="" if denied else code or invented.credit_code(REGION, serial),
        is_delivery_results="0", data_source=US, cd_time=stamp(moment),
    )  # fmt: skip
    return decision_no


def acceptance(connection: sqlite3.Connection, wanted: Document, moment: str) -> str:
    """Accept what a person has looked at."""
    del moment
    return accept_one(connection, wanted.case, _application(connection, wanted.case), wanted.until)


def decision(connection: sqlite3.Connection, wanted: Document, moment: str) -> str:
    """Decide what a person has looked at, whether or not its turn has come."""
    del moment
    _application(connection, wanted.case)
    query = "SELECT qymc FROM wq_register WHERE project_no = ?"
    (company,) = connection.execute(query, (wanted.case,)).fetchone()
    denied = (wanted.reasons or "不符合法定条件。") if wanted.code == "不予许可" else ""
    return decide_one(connection, wanted.case, company, denied, code=wanted.number, renews=wanted.license_no)


def _application(connection: sqlite3.Connection, case: str) -> str:
    """Who applies in a case that came from elsewhere."""
    query = "SELECT applyer_name FROM up_pro_accept WHERE project_no = ? AND data_source = ? AND cd_operation = 'I'"
    row = connection.execute(query, (case, HUB)).fetchone()
    if row is None:
        raise SystemExit(f"本地系统中没有外县来的办件 {case}。")
    return str(row[0])


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
    "受理": acceptance,
    "决定": decision,
    "审查": review,
    "特别程序": special_procedure,
    "特别程序结束": special_procedure,
    "补正材料": supplement,
    "撤回": withdraw,
}
