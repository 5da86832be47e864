"""The clerks of 沛县: a hall in Epoint's dialect, where a case is one row whose status changes in place."""

from collections.abc import Mapping
from datetime import timedelta

import sqlalchemy as sa

from deploy.demo import invented
from deploy.onboarding.hall import REMEDIES, Answer, Application, Hall, guid, now, promised, stamp

_HUB = "yunhuoban"
_WINDOW, _EXAMINER, _APPROVER = "沛县窗口朱", "沛县审批冯", "沛县批准秦"
_TAKEN, _ACCEPTED, _REFUSED, _APPROVED, _CLOSED = 26, 30, 40, 50, 90


class EpointHall(Hall):
    """audit_project, its operations and their documents."""

    region = "320322"

    def came_back(self, number: str) -> list[Answer]:
        """The records of the exchange."""
        query = """
            SELECT recordname, docno FROM audit_union_record
              WHERE flowsn = :number AND operateusername = :hub ORDER BY operatedate"""
        with self.transaction() as tx:
            return [Answer(step, name or "") for step, name in self.rows(tx, query, number=number, hub=_HUB)]

    def received(self) -> list[str]:
        """Cases that the county node entered and nobody has touched."""
        query = "SELECT flowsn FROM audit_project WHERE operateusername = :hub AND status = :taken"
        with self.transaction() as tx:
            return [number for (number,) in self.rows(tx, query, hub=_HUB, taken=_TAKEN)]

    def accept(self, number: str) -> str:
        """The case's status moves on; the operation says it for good, and the first review follows at once."""
        moment, end = now(), promised(now())
        with self.transaction() as tx:
            notice = f"沛审受〔{moment:%Y}〕{self._count(tx, '30'):06}号"
            project = self._project(tx, number)
            changes = {
                "acceptuserdate": stamp(moment), "acceptusername": _EXAMINER, "promiseenddate": f"{end} 17:30:00",
            }  # fmt: skip
            self._move(tx, project, _ACCEPTED, changes)
            self._operate(tx, project, "30", "", docno=notice, enddate=end.isoformat())
            self._operate(tx, project, "35", "材料齐全。", reasoncode="1")
        return notice

    def decide(self, number: str, denied: str = "") -> str:
        """Approved or refused, and closed in the same transaction."""
        moment = now()
        with self.transaction() as tx:
            serial = self._count(tx, "50", "40")
            decision = f"沛审决〔{moment:%Y}〕{serial:06}号"
            project = self._project(tx, number)
            changes = {"banjieresult": 50 if denied else 40, "banjiedate": stamp(moment), "banjieusername": _EXAMINER}
            self._move(tx, project, _CLOSED, changes)
            self._operate(
                tx, project, str(_REFUSED if denied else _APPROVED), denied, docno=decision, approver=_APPROVER,
                relief=REMEDIES if denied else None, approverno="PX0033",
                resultno=None if denied else invented.credit_code(self.region, serial),
                establishdate=None if denied else moment.date().isoformat(),
            )  # fmt: skip
        return decision

    def hand_over(self, number: str) -> str:
        """By the license that the exchange's record names."""
        with self.transaction() as tx:
            query = "SELECT docno FROM audit_union_record WHERE flowsn = :number AND recordtype = '65'"
            ((identifier,),) = self.rows(tx, query, number=number)
            project = self._project(tx, number)
            query = "SELECT applyername FROM audit_project WHERE rowguid = :project"
            ((applicant,),) = self.rows(tx, query, project=project)
            row = {
                "rowguid": guid(), "projectguid": project, "operateguid": guid(), "sendtype": "10",
                "receiver": applicant, "expressno": "",
            }  # fmt: skip
            self.insert(tx, "audit_project_delivery", row)
            self._operate(tx, project, "80", "", user=_WINDOW, rowguid=str(row["operateguid"]), certguid=identifier)
        return str(identifier)

    def _last_number(self) -> str:
        return "SELECT max(flowsn) FROM audit_project WHERE flowsn LIKE :prefix"

    def _take(self, tx: sa.Connection, taken: Application) -> None:
        number, item, person, company = taken.number, taken.item, taken.person, taken.company
        moment, project = now(), guid()
        row: dict[str, object] = {
            "rowguid": project, "flowsn": number, "projectname": f"{company['name']}设立登记", "item_id": item,
            "taskname": "公司登记注册", "tasktype": 2, "applyername": person["name"], "applyertype": 20,
            "certtype": "22", "certnum": person["number"], "contactperson": person["name"],
            "contactmobile": person["mobile"], "address": company["address"], "legal": person["name"],
            "legalid": person["number"], "status": _TAKEN, "applydate": stamp(moment - timedelta(minutes=12)),
            "receivedate": stamp(moment), "receiveusername": _WINDOW, "windowname": "21", "areacode": item[2:8],
            "acceptareacode": self.region, "is_union": "1", "is_test": int(taken.trial), "applyway": 20,
            "operateusername": _WINDOW, "operatedate": stamp(moment),
        }  # fmt: skip
        self.insert(tx, "audit_project", row)
        row = {
            "rowguid": guid(), "projectguid": project, "organname": company["name"], "organtype": company["kind"],
            "organlegal": person["name"], "legalidnumber": person["number"], "registercapital": company["capital"],
            "organaddress": company["address"], "businessscope": company["scope"],
        }  # fmt: skip
        self.insert(tx, "audit_rs_company_baseinfo", row)
        for name in taken.materials:
            row = {
                "rowguid": guid(), "projectguid": project, "materialname": name, "submittype": "20", "pagenum": 1,
                "memo": "", "status": 20,
            }  # fmt: skip
            self.insert(tx, "audit_project_material", row)
        self._operate(tx, project, str(_TAKEN), "", user=_WINDOW)

    def _project(self, tx: sa.Connection, number: str) -> str:
        ((project,),) = self.rows(tx, "SELECT rowguid FROM audit_project WHERE flowsn = :number", number=number)
        return str(project)

    def _move(self, tx: sa.Connection, project: str, status: int, changes: Mapping[str, object]) -> None:
        values = {**changes, "status": status, "operateusername": _EXAMINER, "operatedate": stamp(now())}
        settings = ", ".join(f"{name} = :{name}" for name in values)
        statement = f"UPDATE audit_project SET {settings} WHERE rowguid = :project"
        tx.execute(sa.text(statement), {**values, "project": project})

    def _operate(
        self,
        tx: sa.Connection,
        project: str,
        kind: str,
        remarks: str,
        *,
        user: str = _EXAMINER,
        rowguid: str = "",
        **document: object,
    ) -> None:
        operation = rowguid or guid()
        row: dict[str, object] = {
            "rowguid": operation, "projectguid": project, "operatetype": kind, "operateusername": user,
            "operatedate": stamp(now()), "remarks": remarks,
        }  # fmt: skip
        self.insert(tx, "audit_project_operation", row)
        if document:
            row = {"rowguid": guid(), "projectguid": project, "operateguid": operation, **document}
            self.insert(tx, "audit_project_docsnap", row)

    def _count(self, tx: sa.Connection, *kinds: str) -> int:
        """The next number of a series; the script has used the first few."""
        listed = ", ".join(f"'{each}'" for each in kinds)
        query = f"SELECT count(*) + 1 FROM audit_project_operation WHERE operatetype IN ({listed})"
        return int(self.rows(tx, query)[0][0])
