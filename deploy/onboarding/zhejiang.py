"""The clerks of 安吉县: a hall in the dialect of Zhejiang."""

from collections.abc import Mapping
from datetime import timedelta

import sqlalchemy as sa

from deploy.demo import invented
from deploy.onboarding.hall import REMEDIES, Answer, Application, Hall, guid, now, promised, stamp

_US, _HUB = "ajsp", "yunhuoban"
_WINDOW, _EXAMINER, _APPROVER = "安吉窗口陆", "安吉审批钱", "安吉批准孙"


class ZhejiangHall(Hall):
    """pre_apasinfo with its extension, form and materials; pre_accept, pre_node, pre_transact."""

    region = "330523"

    def came_back(self, number: str) -> list[Answer]:
        """Nodes and licenses."""
        query = """
            SELECT action AS step, remark AS number, create_time FROM pre_node
              WHERE projid = :number AND belongsystem = :hub
            UNION ALL SELECT '证照', cert_code, create_time FROM pre_license
              WHERE projid = :number AND belongsystem = :hub ORDER BY create_time"""
        with self.transaction() as tx:
            return [Answer(step, name or "") for step, name, _ in self.rows(tx, query, number=number, hub=_HUB)]

    def received(self) -> list[str]:
        """Applications of the county node that pre_accept does not have."""
        query = """
            SELECT a.projid FROM pre_apasinfo a WHERE a.belongsystem = :hub
              AND NOT EXISTS (SELECT 1 FROM pre_accept b WHERE b.projid = a.projid)"""
        with self.transaction() as tx:
            return [number for (number,) in self.rows(tx, query, hub=_HUB)]

    def accept(self, number: str) -> str:
        """Three working days are promised; the system works out their end. The first review follows at once."""
        moment = now()
        with self.transaction() as tx:
            notice = f"安审受〔{moment:%Y}〕{self._count(tx, 'pre_accept', 'document_code IS NOT NULL'):06}号"
            row = {
                "projid": number, "accept_man": _EXAMINER, "accept_time": stamp(moment), "promisevalue": 3,
                "promisetype": "1", "promise_etime": f"{promised(moment).isoformat()} 17:30:00",
                "document_code": notice, "areacode": self.region,
            }  # fmt: skip
            self._write(tx, "pre_accept", row)
            row = {
                "unid": guid(), "projid": number, "action": "审核", "node_name": "初审", "name": _EXAMINER,
                "opinion": "材料齐全。", "start_time": stamp(moment), "end_time": stamp(now()),
            }  # fmt: skip
            self._write(tx, "pre_node", row)
        return notice

    def decide(self, number: str, denied: str = "") -> str:
        """The transaction, and beside it the decision's own document."""
        moment = now()
        with self.transaction() as tx:
            serial = self._count(tx, "pre_decision", "1 = 1")
            decision = f"安审决〔{moment:%Y}〕{serial:06}号"
            row: dict[str, object] = {
                "unid": guid(), "projid": number, "decision_no": decision, "relief": REMEDIES if denied else "",
                "approve_no": "AJ0021", "establish_date": None if denied else f"{moment:%Y%m%d}",
            }  # fmt: skip
            self.insert(tx, "pre_decision", row)
            row = {
                "unid": guid(), "projid": number, "transact_user": _APPROVER, "transact_time": stamp(moment),
                "handlestart": "不予办结" if denied else "准予办结", "transact_describe": denied,
                "transact_result": "2" if denied else "1",
                "result_code": "" if denied else invented.credit_code(self.region, serial),
                "results_time": stamp(moment),
            }  # fmt: skip
            self._write(tx, "pre_transact", row)
        return decision

    def hand_over(self, number: str) -> str:
        """By the license that stands under the application."""
        with self.transaction() as tx:
            query = """
                SELECT l.cert_code, a.applyname, a.belongto FROM pre_license l
                  JOIN pre_apasinfo a ON a.projid = l.projid WHERE l.projid = :number"""
            ((identifier, applicant, issuing),) = self.rows(tx, query, number=number)
            row = {
                "unid": guid(), "projid": number, "belongto": issuing, "cert_code": identifier,
                "deliver_time": stamp(now()), "deliver_type": "1", "receive_man": applicant, "express_no": "",
                "name": _WINDOW,
            }  # fmt: skip
            self._write(tx, "pre_deliver", row)
        return str(identifier)

    def _last_number(self) -> str:
        return "SELECT max(projid) FROM pre_apasinfo WHERE projid LIKE :prefix"

    def _take(self, tx: sa.Connection, taken: Application) -> None:
        number, item, person, company = taken.number, taken.item, taken.person, taken.company
        moment = now()
        row: dict[str, object] = {
            "projid": number, "projpwd": "234765", "servicecode": "许可-00001-001", "servicename": "公司登记注册",
            "projectname": f"{company['name']}设立登记", "infotype": "2", "applyname": person["name"],
            "apply_cardtype": "31", "apply_cardnumber": person["number"], "contactman": person["name"],
            "telphone": person["mobile"], "address": company["address"], "legalman": person["name"],
            "receive_name": _WINDOW, "applyfrom": "2", "apply_type": "0",
            "receivetime": stamp(moment - timedelta(minutes=12)), "belongto": item[2:8], "areacode": self.region,
            "datastate": "1", "handlestate": "待受理",
        }  # fmt: skip
        self._write(tx, "pre_apasinfo", row)
        row = {"unid": guid(), "projid": number, "catalog_code": item[19:], "task_code": item, "gb_project_no": number}
        self._write(tx, "pre_apasinfo_ext", row)
        row = {
            "unid": guid(), "projid": number, "ent_name": company["name"], "ent_type": company["kind"],
            "legalman": person["name"], "legal_cardnumber": person["number"], "reg_capital": company["capital"],
            "ent_address": company["address"], "biz_scope": company["scope"], "window_no": "A12",
            "window_time": stamp(moment), "is_trial": "1" if taken.trial else "0",
        }  # fmt: skip
        self._write(tx, "pre_form_enterprise", row)
        for serial, name in enumerate(taken.materials, 1):
            row = {
                "unid": guid(), "projid": number, "attrname": name, "sortid": serial, "taketype": "1", "istake": "1",
                "amount": 1, "taketime": stamp(moment), "memo": "",
            }  # fmt: skip
            self._write(tx, "pre_attr", row)

    def _write(self, tx: sa.Connection, table: str, row: Mapping[str, object]) -> None:
        marks = {"belongsystem": _US, "create_time": stamp(now()), "sync_status": "I", "dataversion": 1}
        self.insert(tx, table, {**row, **marks})

    def _count(self, tx: sa.Connection, table: str, condition: str) -> int:
        """The next number of a series; the script has used the first few."""
        return int(self.rows(tx, f"SELECT count(*) + 1 FROM {table} WHERE {condition}")[0][0])
