"""Local systems to suggest from: the two example counties' own programs, and a third one, unlike both."""

import json
import random
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from xml.sax.saxutils import escape

from adapters.countyit.suggesting.seen import Table
from adapters.local.sources import columns
from deploy.demo import invented
from tests import file_forms

Case = tuple[dict[str, str], dict[str, str], list[dict[str, str]]]
DEMO = Path(invented.__file__).parent


def wuqiao(folder: Path, count: int = 12) -> str:
    """吴桥's database with applications from its window; returns its URL."""
    _run("local_wuqiao.py", "--database", str(folder / "wuqiao.db"), count=count)
    return f"sqlite:///{folder / 'wuqiao.db'}"


def yongji(folder: Path, count: int = 12) -> str:
    """永济's folder of files with applications from its window."""
    _run("local_yongji.py", "--folder", str(folder / "yongji"), count=count)
    return str(folder / "yongji")


def _run(program: str, *where: str, count: int) -> None:
    for command in (["init"], ["submit", "--count", str(count), "--seed", "7"]):
        subprocess.run([sys.executable, DEMO / program, *where, *command], check=True, capture_output=True)


@cache
def applications() -> str:
    """A database of 吴桥's with a few applications, made once."""
    return wuqiao(Path(tempfile.mkdtemp(prefix="yunhuoban-hall-")), 6)


def exported(folder: Path, form: str) -> str:
    """吴桥's applications as an interface or a spreadsheet would give them: with an envelope, rows inside rows."""
    seen = {each.name: each for each in columns.look(applications()).tables}
    cases = []
    for row in seen["up_pro_accept"].rows:
        own = {name: [each for each in seen[name].rows if each["project_no"] == row["project_no"]]
               for name in ("wq_register", "up_pro_material")}  # fmt: skip
        cases.append((_texts(row), _texts(own["wq_register"][0]), list(map(_texts, own["up_pro_material"]))))
    out = folder / form
    out.mkdir()
    (out / f"shenqing_20261122.{form}").write_bytes(_WRITERS[form](cases))
    return str(out)


def _texts(row: Mapping[str, object]) -> dict[str, str]:
    return {name: "" if value is None else str(value) for name, value in row.items()}


def _json(cases: list[Case]) -> bytes:
    rows = [case | {"register": register, "files": {"items": materials}} for case, register, materials in cases]
    return json.dumps({"code": 0, "msg": "ok", "data": {"total": 6, "list": rows}}, ensure_ascii=False).encode(
        "gb18030"
    )


def _xml(cases: list[Case]) -> bytes:
    def inner(row: dict[str, str]) -> str:
        return "".join(f"<{name}>{escape(value)}</{name}>" for name, value in row.items())

    rows = "".join(
        f"<case>{inner(case)}<register>{inner(register)}</register><files>"
        + "".join(f"<item>{inner(each)}</item>" for each in materials)
        + "</files></case>"
        for case, register, materials in cases
    )
    head = '<?xml version="1.0" encoding="GB18030"?><r:reply xmlns:r="urn:x"><head><code>0</code><msg/><time/></head>'
    return f"{head}<cases>{rows}</cases></r:reply>".encode("gb18030")


def _xlsx(cases: list[Case]) -> bytes:
    plain = [register | case for case, register, _ in cases]
    materials = [each for _, _, some in cases for each in some]
    return file_forms.book(
        {
            name: [file_forms.row(*table[0]), *(file_forms.row(*each.values()) for each in table)]
            for name, table in (("申请", plain), ("说明", [{"说明": "每月导出"}]), ("up_pro_material", materials))
        }
    )


_WRITERS = {"json": _json, "xml": _xml, "xlsx": _xlsx}


def third() -> list[Table]:
    """Names run together without a sign, English half, pinyin half: as one widespread hall system has them."""
    chance = random.Random(3)
    cases = []
    for number in range(12):
        person, company = invented.person(chance, "330106"), invented.company(chance, "杭州市")
        cases.append(
            {
                "ROWGUID": f"g{number}", "FLOWSN": f"3301062611{number:05}",
                "PROJECTNAME": f"{company['name']}设立登记", "ITEM_ID": "11140881MB0000000U4000131127004",
                "TASKNAME": "公司登记", "APPLYERNAME": person["name"], "APPLYERTYPE": "10", "CERTTYPE": "22",
                "CERTNUM": person["number"], "CONTACTPERSON": person["name"], "CONTACTMOBILE": person["mobile"],
                "CONTACTPHONE": "", "LEGAL": person["name"], "LEGALID": person["number"],
                "QIYEMINGCHENG": company["name"], "QYLX": company["kind"], "ZHUCEZIBEN": company["capital"],
                "ZHUSUO": company["address"], "JINGYINGFANWEI": company["scope"],
                "APPLYDATE": "2026-11-22 10:00:00", "RECEIVEDATE": "2026-11-22 10:10:00",
                "WINDOWNAME": "综合3号窗口", "RECEIVEUSERNAME": "窗口王", "STATUS": "30",
                "OPERATEDATE": "2026-11-22 10:10:00",
            }
        )  # fmt: skip
    materials = [
        {
            "ROWGUID": f"m{at}{name}", "PROJECTGUID": case["ROWGUID"], "FLOWSN": case["FLOWSN"], "MATERIALNAME": name,
            "SUBMITTYPE": "20", "PAGENUM": "1", "MEMO": "",
        }
        for at, case in enumerate(cases) for name in ("申请书", "章程")
    ]  # fmt: skip
    return [
        Table(name="AUDIT_PROJECT", columns=list(cases[0]), rows=cases, key=["ROWGUID"]),
        Table(name="AUDIT_PROJECT_MATERIAL", columns=list(materials[0]), rows=materials, key=["ROWGUID"]),
    ]


THIRD = {
    "case": "FLOWSN", "project_no": "FLOWSN", "project_name": "PROJECTNAME", "service_item": "ITEM_ID",
    "applicant.name": "APPLYERNAME", "applicant.kind": "APPLYERTYPE", "applicant.document_kind": "CERTTYPE",
    "applicant.document_no": "CERTNUM", "applicant.mobile": "CONTACTMOBILE", "contact_name": "CONTACTPERSON",
    "contact_mobile": "CONTACTMOBILE", "registration.enterprise_name": "QIYEMINGCHENG",
    "registration.enterprise_kind": "QYLX", "registration.legal_representative": "LEGAL",
    "registration.legal_representative_document_no": "LEGALID", "registration.registered_capital_fen": "ZHUCEZIBEN",
    "registration.address": "ZHUSUO", "registration.business_scope": "JINGYINGFANWEI", "applied_at": "APPLYDATE",
    "received_at": "RECEIVEDATE", "window_no": "WINDOWNAME", "clerk": "RECEIVEUSERNAME",
    "materials": "AUDIT_PROJECT_MATERIAL", "materials.name": "MATERIALNAME", "materials.copies": "PAGENUM",
    "materials.taken_as": "SUBMITTYPE", "materials.note": "MEMO",
}  # fmt: skip
"""What a person would map of the third one."""
