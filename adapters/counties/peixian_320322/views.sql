-- 沛县信息中心为县节点建的三个视图：建一次，只读。SQLite、PostgreSQL、MySQL、MariaDB 都能执行。
--
-- 只有跨省办件（is_union 为 1，属地 areacode 与收件地 acceptareacode 不同）在里面；本县自己的办件县节点一件也看不到。

-- 沛县窗口接下的跨省申请（status 26 已接件及以后），连同企业信息。
CREATE VIEW yhb_v_apply AS
SELECT p.rowguid, p.rowguid AS projectguid, p.flowsn, p.projectname, p.item_id, p.taskname, p.applyername,
  p.applyertype, p.certtype, p.certnum, p.contactperson, p.contactmobile, p.applydate, p.receivedate,
  p.receiveusername, p.windowname, p.is_test, c.organname, c.organtype, c.organlegal, c.legalidnumber,
  c.registercapital, c.organaddress, c.businessscope, p.operatedate
FROM audit_project p
LEFT JOIN audit_rs_company_baseinfo c ON c.projectguid = p.rowguid
WHERE p.is_union = '1' AND p.acceptareacode = '320322' AND p.areacode <> '320322' AND p.status >= 26;

-- 跨省办件上的每一步操作，连同文书；flowsn 由办件带出。
CREATE VIEW yhb_v_step AS
SELECT o.rowguid, o.rowguid AS operateguid, p.flowsn, o.operatetype, o.operatedate, o.operateusername, o.applyername,
  o.remarks, p.windowname, p.banjieresult, d.docno, d.enddate, d.reasoncode, d.delaydays, d.relief, d.approver,
  d.approverno, d.resultno, d.establishdate, d.certguid, d.newcertguid, d.printno
FROM audit_project_operation o
JOIN audit_project p ON p.rowguid = o.projectguid
LEFT JOIN audit_project_docsnap d ON d.operateguid = o.rowguid
WHERE p.is_union = '1' AND p.acceptareacode <> p.areacode;

-- 跨省办件的暂停（10）和恢复（11），也就是特别程序的开始和结束。
CREATE VIEW yhb_v_unusual AS
SELECT u.rowguid, p.flowsn, u.operatetype, u.pausetype, u.docno, u.enddate, u.note, u.operateusername, u.operatedate
FROM audit_project_unusual u
JOIN audit_project p ON p.rowguid = u.projectguid
WHERE p.is_union = '1' AND p.acceptareacode <> p.areacode;
