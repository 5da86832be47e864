-- 沛县（320322）审批系统：新点方言的本地数据库，连同几件虚构的办件。
--
-- 用途：演示和测试；相当于审批系统已有的库，里面没有云伙伴的任何东西（视图另见 views.sql）。SQLite、PostgreSQL 都能执行（MySQL、
-- MariaDB 请把 TIMESTAMP 换成 DATETIME）。人、公司、编号都是虚构的，只是校验位正确。表名、列名、状态整数照公开可见的同类系统，
-- 其余是本样例自拟的，见 README.md。

CREATE TABLE audit_project (
  rowguid VARCHAR(50) PRIMARY KEY, flowsn VARCHAR(50), projectname VARCHAR(400), task_id VARCHAR(50),
  item_id VARCHAR(36), taskname VARCHAR(200), tasktype INTEGER, applyername VARCHAR(200), applyertype INTEGER,
  certtype VARCHAR(10), certnum VARCHAR(40), contactperson VARCHAR(100), contactmobile VARCHAR(20),
  contactphone VARCHAR(30), contactcertnum VARCHAR(40), address VARCHAR(400), legal VARCHAR(100), legalid VARCHAR(40),
  status INTEGER, banjieresult INTEGER, applydate TIMESTAMP, receivedate TIMESTAMP, receiveusername VARCHAR(100),
  acceptuserdate TIMESTAMP, acceptusername VARCHAR(100), promiseenddate TIMESTAMP, banjiedate TIMESTAMP,
  banjieusername VARCHAR(100), windowname VARCHAR(50), ouguid VARCHAR(50), ouname VARCHAR(200), areacode VARCHAR(6),
  acceptareacode VARCHAR(6), is_union VARCHAR(1), is_test INTEGER, applyway INTEGER, operateusername VARCHAR(100),
  operatedate TIMESTAMP, remark VARCHAR(500));
CREATE TABLE audit_project_material (
  rowguid VARCHAR(50) PRIMARY KEY, projectguid VARCHAR(50), taskmaterialguid VARCHAR(50), materialname VARCHAR(200),
  submittype VARCHAR(30), pagenum INTEGER, memo VARCHAR(500), status INTEGER, cliengguid VARCHAR(50),
  operateusername VARCHAR(100), operatedate TIMESTAMP);
CREATE TABLE audit_rs_company_baseinfo (
  rowguid VARCHAR(50) PRIMARY KEY, projectguid VARCHAR(50), organname VARCHAR(200), organtype VARCHAR(100),
  organlegal VARCHAR(100), legalidnumber VARCHAR(40), registercapital VARCHAR(60), organaddress VARCHAR(400),
  businessscope TEXT, operateusername VARCHAR(100), operatedate TIMESTAMP);
CREATE TABLE audit_project_operation (
  rowguid VARCHAR(50) PRIMARY KEY, projectguid VARCHAR(50), operatetype VARCHAR(10), operateuserguid VARCHAR(50),
  operateusername VARCHAR(100), operatedate TIMESTAMP, applyername VARCHAR(200), remarks TEXT, areacode VARCHAR(6),
  taskguid VARCHAR(50), workitemguid VARCHAR(50));
CREATE TABLE audit_project_docsnap (
  rowguid VARCHAR(50) PRIMARY KEY, projectguid VARCHAR(50), operateguid VARCHAR(50), docno VARCHAR(100), enddate DATE,
  reasoncode VARCHAR(2), delaydays INTEGER, relief TEXT, approver VARCHAR(100), approverno VARCHAR(40),
  resultno VARCHAR(128), establishdate DATE, certguid VARCHAR(128), newcertguid VARCHAR(128), printno VARCHAR(40));
CREATE TABLE audit_project_unusual (
  rowguid VARCHAR(50) PRIMARY KEY, projectguid VARCHAR(50), operatetype VARCHAR(10), pausetype VARCHAR(2),
  docno VARCHAR(100), enddate DATE, note TEXT, operateusername VARCHAR(100), operatedate TIMESTAMP,
  workitemguid VARCHAR(50));
CREATE TABLE audit_material_correct (
  rowguid VARCHAR(50) PRIMARY KEY, operateguid VARCHAR(50), materialcode VARCHAR(20), materialname VARCHAR(200),
  problem TEXT, remedy TEXT);
CREATE TABLE audit_material_patch (
  rowguid VARCHAR(50) PRIMARY KEY, operateguid VARCHAR(50), materialname VARCHAR(200), submittype VARCHAR(30),
  pagenum INTEGER, memo VARCHAR(500));
CREATE TABLE audit_project_delivery (
  rowguid VARCHAR(50) PRIMARY KEY, projectguid VARCHAR(50), operateguid VARCHAR(50), sendtype VARCHAR(2),
  receiver VARCHAR(100), expressno VARCHAR(60));
CREATE TABLE cert_info (
  rowguid VARCHAR(50) PRIMARY KEY, certguid VARCHAR(128), certname VARCHAR(200), certno VARCHAR(128),
  certcatcode VARCHAR(21), certownername VARCHAR(200), certownerno VARCHAR(40), certownertype VARCHAR(3),
  certawarddept VARCHAR(200), certawarddeptcode VARCHAR(18), awarddate DATE, expiredate DATE, areacode VARCHAR(6),
  status INTEGER, ishistory INTEGER, operateusername VARCHAR(100), operatedate TIMESTAMP);
CREATE TABLE audit_union_record (
  rowguid VARCHAR(50) PRIMARY KEY, flowsn VARCHAR(50), recordtype VARCHAR(10), recordname VARCHAR(100),
  recorddate TIMESTAMP, docno VARCHAR(128), content TEXT, enddate DATE, personname VARCHAR(100), remark VARCHAR(500),
  fromarea VARCHAR(6), fromname VARCHAR(200), operateusername VARCHAR(100), operatedate TIMESTAMP);
CREATE INDEX project_by_time ON audit_project (operatedate);
CREATE INDEX project_by_no ON audit_project (flowsn);
CREATE INDEX project_material_by_project ON audit_project_material (projectguid);
CREATE INDEX company_by_project ON audit_rs_company_baseinfo (projectguid);
CREATE INDEX operation_by_time ON audit_project_operation (operatedate);
CREATE INDEX docsnap_by_operation ON audit_project_docsnap (operateguid);
CREATE INDEX unusual_by_time ON audit_project_unusual (operatedate);
CREATE INDEX correct_by_operation ON audit_material_correct (operateguid);
CREATE INDEX patch_by_operation ON audit_material_patch (operateguid);
CREATE INDEX delivery_by_operation ON audit_project_delivery (operateguid);
CREATE INDEX record_by_no ON audit_union_record (flowsn);

-- 五件本县自己的办件（不跨省，县节点看不到）：两件已发证，一件不予许可，一件正在补正，一件刚接件。

-- 320322261116000001
INSERT INTO audit_project (rowguid, flowsn, projectname, task_id, item_id, taskname, tasktype, applyername,
  applyertype, certtype, certnum, contactperson, contactmobile, contactcertnum, address, legal, legalid, status,
  banjieresult, applydate, receivedate, receiveusername, acceptuserdate, acceptusername, promiseenddate,
  banjiedate, banjieusername, windowname, ouname, areacode, acceptareacode, is_union, is_test, applyway,
  operateusername, operatedate)
VALUES ('px1', '320322261116000001', '沛县蒲坂恒通农业科技有限公司设立登记', 'T0001',
  '11320322MB0000000Q4000131127004', '公司登记注册', 2, '李桂兰', 20, '22', '320322197207204926', '李桂兰',
  '19975718638', '320322197207204926', '沛县电机大街250号', '李桂兰', '320322197207204926', 90, 40,
  '2026-11-16 08:50:00', '2026-11-16 09:00:00', '沛县窗口朱', '2026-11-16 10:00:00', '沛县审批冯',
  '2026-11-23 17:30:00', '2026-11-16 11:10:00', '沛县审批冯', '21', '沛县行政审批局（演示）', '320322', '320322',
  '0', 0, 20, '沛县审批冯', '2026-11-16 11:10:00');
INSERT INTO audit_rs_company_baseinfo (rowguid, projectguid, organname, organtype, organlegal, legalidnumber,
  registercapital, organaddress, businessscope, operateusername, operatedate)
VALUES ('px1c', 'px1', '沛县蒲坂恒通农业科技有限公司', '有限责任公司（自然人独资）', '李桂兰',
  '320322197207204926', '500', '沛县电机大街250号', '农业技术开发、技术咨询；新鲜水果、蔬菜零售（含“沙地”苹果）。',
  '沛县窗口朱', '2026-11-16 09:00:00');
INSERT INTO audit_project_material (rowguid, projectguid, taskmaterialguid, materialname, submittype, pagenum,
  status, operateusername, operatedate)
VALUES ('px1m1', 'px1', 'TM001', '公司登记（备案）申请书', '20', 1, 20, '沛县窗口朱', '2026-11-16 09:00:00');
INSERT INTO audit_project_material (rowguid, projectguid, taskmaterialguid, materialname, submittype, pagenum,
  status, operateusername, operatedate)
VALUES ('px1m2', 'px1', 'TM002', '公司章程', '20', 1, 20, '沛县窗口朱', '2026-11-16 09:00:00');
INSERT INTO audit_project_material (rowguid, projectguid, taskmaterialguid, materialname, submittype, pagenum,
  status, operateusername, operatedate)
VALUES ('px1m3', 'px1', 'TM003', '住所使用证明', '30', 1, 20, '沛县窗口朱', '2026-11-16 09:00:00');
INSERT INTO audit_project_operation (rowguid, projectguid, operatetype, operateusername, operatedate, applyername,
  remarks, areacode)
VALUES ('px1o26', 'px1', '26', '沛县窗口朱', '2026-11-16 09:00:00', '李桂兰', '', '320322');
INSERT INTO audit_project_operation (rowguid, projectguid, operatetype, operateusername, operatedate, applyername,
  remarks, areacode)
VALUES ('px1o30', 'px1', '30', '沛县审批冯', '2026-11-16 10:00:00', '李桂兰', '', '320322');
INSERT INTO audit_project_docsnap (rowguid, projectguid, operateguid, docno, enddate)
VALUES ('px1o30d', 'px1', 'px1o30', '沛审受〔2026〕000001号', '2026-11-23');
INSERT INTO audit_project_operation (rowguid, projectguid, operatetype, operateusername, operatedate, applyername,
  remarks, areacode)
VALUES ('px1o35', 'px1', '35', '沛县审批冯', '2026-11-16 10:40:00', '李桂兰', '材料齐全，符合要求。', '320322');
INSERT INTO audit_project_docsnap (rowguid, projectguid, operateguid, reasoncode)
VALUES ('px1o35d', 'px1', 'px1o35', '1');
INSERT INTO audit_project_operation (rowguid, projectguid, operatetype, operateusername, operatedate, applyername,
  remarks, areacode)
VALUES ('px1o50', 'px1', '50', '沛县审批冯', '2026-11-16 11:00:00', '李桂兰', '', '320322');
INSERT INTO audit_project_docsnap (rowguid, projectguid, operateguid, docno, approver, approverno, resultno,
  establishdate)
VALUES ('px1o50d', 'px1', 'px1o50', '沛审决〔2026〕000001号', '沛县批准秦', 'PX0033', '91320322MA0000015Y',
  '2026-11-16');
INSERT INTO audit_project_operation (rowguid, projectguid, operatetype, operateusername, operatedate, applyername,
  remarks, areacode)
VALUES ('px1o60', 'px1', '60', '沛县审批冯', '2026-11-16 11:10:00', '李桂兰', '', '320322');
INSERT INTO audit_project_docsnap (rowguid, projectguid, operateguid, reasoncode)
VALUES ('px1o60d', 'px1', 'px1o60', '1');
INSERT INTO cert_info (rowguid, certguid, certname, certno, certcatcode, certownername, certownerno, certownertype,
  certawarddept, certawarddeptcode, awarddate, areacode, status, ishistory, operateusername, operatedate)
VALUES ('px1l', '1.2.156.3005.2.11100000MB0143028R001.11320322MB0000000Q.000000001.001.O', '营业执照',
  '91320322MA0000015Y', '11100000MB0143028R001', '沛县蒲坂恒通农业科技有限公司', '91320322MA0000015Y', '001',
  '沛县行政审批局（演示）', '11320322MB0000000Q', '2026-11-16', '320322', 10, 0, '沛县审批冯',
  '2026-11-16 11:15:00');
INSERT INTO audit_project_operation (rowguid, projectguid, operatetype, operateusername, operatedate, applyername,
  remarks, areacode)
VALUES ('px1o80', 'px1', '80', '沛县窗口朱', '2026-11-16 15:00:00', '李桂兰', '', '320322');
INSERT INTO audit_project_docsnap (rowguid, projectguid, operateguid, certguid)
VALUES ('px1o80d', 'px1', 'px1o80', '1.2.156.3005.2.11100000MB0143028R001.11320322MB0000000Q.000000001.001.O');
INSERT INTO audit_project_delivery (rowguid, projectguid, operateguid, sendtype, receiver, expressno)
VALUES ('px1o80s', 'px1', 'px1o80', '10', '李桂兰', '');

-- 320322261117000002
INSERT INTO audit_project (rowguid, flowsn, projectname, task_id, item_id, taskname, tasktype, applyername,
  applyertype, certtype, certnum, contactperson, contactmobile, contactcertnum, address, legal, legalid, status,
  banjieresult, applydate, receivedate, receiveusername, acceptuserdate, acceptusername, promiseenddate,
  banjiedate, banjieusername, windowname, ouname, areacode, acceptareacode, is_union, is_test, applyway,
  operateusername, operatedate)
VALUES ('px2', '320322261117000002', '沛县𠮷祥恒通商贸有限公司设立登记', 'T0001',
  '11320322MB0000000Q4000131127004', '公司登记注册', 2, '欧阳桂兰', 20, '22', '32032219780218208X', '欧阳桂兰',
  '19960516924', '32032219780218208X', '沛县电机大街213号', '欧阳桂兰', '32032219780218208X', 90, 40,
  '2026-11-17 08:50:00', '2026-11-17 09:00:00', '沛县窗口朱', '2026-11-17 10:00:00', '沛县审批冯',
  '2026-11-23 17:30:00', '2026-11-17 11:10:00', '沛县审批冯', '21', '沛县行政审批局（演示）', '320322', '320322',
  '0', 0, 20, '沛县审批冯', '2026-11-17 11:10:00');
INSERT INTO audit_rs_company_baseinfo (rowguid, projectguid, organname, organtype, organlegal, legalidnumber,
  registercapital, organaddress, businessscope, operateusername, operatedate)
VALUES ('px2c', 'px2', '沛县𠮷祥恒通商贸有限公司', '有限责任公司（自然人独资）', '欧阳桂兰', '32032219780218208X',
  '200', '沛县电机大街213号', '日用百货、五金产品、办公用品零售；互联网销售（除销售需要许可的商品）。',
  '沛县窗口朱', '2026-11-17 09:00:00');
INSERT INTO audit_project_material (rowguid, projectguid, taskmaterialguid, materialname, submittype, pagenum,
  status, operateusername, operatedate)
VALUES ('px2m1', 'px2', 'TM001', '公司登记（备案）申请书', '20', 1, 20, '沛县窗口朱', '2026-11-17 09:00:00');
INSERT INTO audit_project_material (rowguid, projectguid, taskmaterialguid, materialname, submittype, pagenum,
  status, operateusername, operatedate)
VALUES ('px2m2', 'px2', 'TM002', '公司章程', '20', 1, 20, '沛县窗口朱', '2026-11-17 09:00:00');
INSERT INTO audit_project_material (rowguid, projectguid, taskmaterialguid, materialname, submittype, pagenum,
  status, operateusername, operatedate)
VALUES ('px2m3', 'px2', 'TM003', '住所使用证明', '30', 1, 20, '沛县窗口朱', '2026-11-17 09:00:00');
INSERT INTO audit_project_operation (rowguid, projectguid, operatetype, operateusername, operatedate, applyername,
  remarks, areacode)
VALUES ('px2o26', 'px2', '26', '沛县窗口朱', '2026-11-17 09:00:00', '欧阳桂兰', '', '320322');
INSERT INTO audit_project_operation (rowguid, projectguid, operatetype, operateusername, operatedate, applyername,
  remarks, areacode)
VALUES ('px2o30', 'px2', '30', '沛县审批冯', '2026-11-17 10:00:00', '欧阳桂兰', '', '320322');
INSERT INTO audit_project_docsnap (rowguid, projectguid, operateguid, docno, enddate)
VALUES ('px2o30d', 'px2', 'px2o30', '沛审受〔2026〕000002号', '2026-11-23');
INSERT INTO audit_project_operation (rowguid, projectguid, operatetype, operateusername, operatedate, applyername,
  remarks, areacode)
VALUES ('px2o35', 'px2', '35', '沛县审批冯', '2026-11-17 10:40:00', '欧阳桂兰', '材料齐全，符合要求。', '320322');
INSERT INTO audit_project_docsnap (rowguid, projectguid, operateguid, reasoncode)
VALUES ('px2o35d', 'px2', 'px2o35', '1');
INSERT INTO audit_project_operation (rowguid, projectguid, operatetype, operateusername, operatedate, applyername,
  remarks, areacode)
VALUES ('px2o50', 'px2', '50', '沛县审批冯', '2026-11-17 11:00:00', '欧阳桂兰', '', '320322');
INSERT INTO audit_project_docsnap (rowguid, projectguid, operateguid, docno, approver, approverno, resultno,
  establishdate)
VALUES ('px2o50d', 'px2', 'px2o50', '沛审决〔2026〕000002号', '沛县批准秦', 'PX0033', '91320322MA0000023R',
  '2026-11-17');
INSERT INTO audit_project_operation (rowguid, projectguid, operatetype, operateusername, operatedate, applyername,
  remarks, areacode)
VALUES ('px2o60', 'px2', '60', '沛县审批冯', '2026-11-17 11:10:00', '欧阳桂兰', '', '320322');
INSERT INTO audit_project_docsnap (rowguid, projectguid, operateguid, reasoncode)
VALUES ('px2o60d', 'px2', 'px2o60', '1');
INSERT INTO cert_info (rowguid, certguid, certname, certno, certcatcode, certownername, certownerno, certownertype,
  certawarddept, certawarddeptcode, awarddate, areacode, status, ishistory, operateusername, operatedate)
VALUES ('px2l', '1.2.156.3005.2.11100000MB0143028R001.11320322MB0000000Q.000000002.001.8', '营业执照',
  '91320322MA0000023R', '11100000MB0143028R001', '沛县𠮷祥恒通商贸有限公司', '91320322MA0000023R', '001',
  '沛县行政审批局（演示）', '11320322MB0000000Q', '2026-11-17', '320322', 10, 0, '沛县审批冯',
  '2026-11-17 11:15:00');
INSERT INTO audit_project_operation (rowguid, projectguid, operatetype, operateusername, operatedate, applyername,
  remarks, areacode)
VALUES ('px2o80', 'px2', '80', '沛县窗口朱', '2026-11-17 15:00:00', '欧阳桂兰', '', '320322');
INSERT INTO audit_project_docsnap (rowguid, projectguid, operateguid, certguid)
VALUES ('px2o80d', 'px2', 'px2o80', '1.2.156.3005.2.11100000MB0143028R001.11320322MB0000000Q.000000002.001.8');
INSERT INTO audit_project_delivery (rowguid, projectguid, operateguid, sendtype, receiver, expressno)
VALUES ('px2o80s', 'px2', 'px2o80', '10', '欧阳桂兰', '');

-- 320322261118000003
INSERT INTO audit_project (rowguid, flowsn, projectname, task_id, item_id, taskname, tasktype, applyername,
  applyertype, certtype, certnum, contactperson, contactmobile, contactcertnum, address, legal, legalid, status,
  banjieresult, applydate, receivedate, receiveusername, acceptuserdate, acceptusername, promiseenddate,
  banjiedate, banjieusername, windowname, ouname, areacode, acceptareacode, is_union, is_test, applyway,
  operateusername, operatedate)
VALUES ('px3', '320322261118000003', '沛县㐂悦𠮷祥机械配件有限公司设立登记', 'T0001',
  '11320322MB0000000Q4000131127004', '公司登记注册', 2, '司马䶮', 20, '22', '320322197510195110', '司马䶮',
  '19974230530', '320322197510195110', '沛县长江路104号', '司马䶮', '320322197510195110', 90, 50,
  '2026-11-18 08:50:00', '2026-11-18 09:00:00', '沛县窗口朱', '2026-11-18 10:00:00', '沛县审批冯',
  '2026-11-23 17:30:00', '2026-11-18 11:10:00', '沛县审批冯', '21', '沛县行政审批局（演示）', '320322', '320322',
  '0', 0, 20, '沛县审批冯', '2026-11-18 11:10:00');
INSERT INTO audit_rs_company_baseinfo (rowguid, projectguid, organname, organtype, organlegal, legalidnumber,
  registercapital, organaddress, businessscope, operateusername, operatedate)
VALUES ('px3c', 'px3', '沛县㐂悦𠮷祥机械配件有限公司', '有限责任公司（自然人独资）', '司马䶮',
  '320322197510195110', '100', '沛县长江路104号', '机械零部件加工、销售；金属制品修理。', '沛县窗口朱',
  '2026-11-18 09:00:00');
INSERT INTO audit_project_material (rowguid, projectguid, taskmaterialguid, materialname, submittype, pagenum,
  status, operateusername, operatedate)
VALUES ('px3m1', 'px3', 'TM001', '公司登记（备案）申请书', '20', 1, 20, '沛县窗口朱', '2026-11-18 09:00:00');
INSERT INTO audit_project_material (rowguid, projectguid, taskmaterialguid, materialname, submittype, pagenum,
  status, operateusername, operatedate)
VALUES ('px3m3', 'px3', 'TM003', '住所使用证明', '30', 1, 20, '沛县窗口朱', '2026-11-18 09:00:00');
INSERT INTO audit_project_operation (rowguid, projectguid, operatetype, operateusername, operatedate, applyername,
  remarks, areacode)
VALUES ('px3o26', 'px3', '26', '沛县窗口朱', '2026-11-18 09:00:00', '司马䶮', '', '320322');
INSERT INTO audit_project_operation (rowguid, projectguid, operatetype, operateusername, operatedate, applyername,
  remarks, areacode)
VALUES ('px3o30', 'px3', '30', '沛县审批冯', '2026-11-18 10:00:00', '司马䶮', '', '320322');
INSERT INTO audit_project_docsnap (rowguid, projectguid, operateguid, docno, enddate)
VALUES ('px3o30d', 'px3', 'px3o30', '沛审受〔2026〕000003号', '2026-11-23');
INSERT INTO audit_project_operation (rowguid, projectguid, operatetype, operateusername, operatedate, applyername,
  remarks, areacode)
VALUES ('px3o35', 'px3', '35', '沛县审批冯', '2026-11-18 10:40:00', '司马䶮', '缺少公司章程。', '320322');
INSERT INTO audit_project_docsnap (rowguid, projectguid, operateguid, reasoncode)
VALUES ('px3o35d', 'px3', 'px3o35', '1');
INSERT INTO audit_project_operation (rowguid, projectguid, operatetype, operateusername, operatedate, applyername,
  remarks, areacode)
VALUES ('px3o40', 'px3', '40', '沛县审批冯', '2026-11-18 11:00:00', '司马䶮', '申请材料缺少公司章程。', '320322');
INSERT INTO audit_project_docsnap (rowguid, projectguid, operateguid, docno, relief, approver, approverno)
VALUES ('px3o40d', 'px3', 'px3o40', '沛审决〔2026〕000003号', '可在收到决定之日起六十日内申请行政复议。',
  '沛县批准秦', 'PX0033');
INSERT INTO audit_project_operation (rowguid, projectguid, operatetype, operateusername, operatedate, applyername,
  remarks, areacode)
VALUES ('px3o60', 'px3', '60', '沛县审批冯', '2026-11-18 11:10:00', '司马䶮', '', '320322');
INSERT INTO audit_project_docsnap (rowguid, projectguid, operateguid, reasoncode)
VALUES ('px3o60d', 'px3', 'px3o60', '2');

-- 320322261119000004
INSERT INTO audit_project (rowguid, flowsn, projectname, task_id, item_id, taskname, tasktype, applyername,
  applyertype, certtype, certnum, contactperson, contactmobile, contactcertnum, address, legal, legalid, status,
  applydate, receivedate, receiveusername, windowname, ouname, areacode, acceptareacode, is_union, is_test,
  applyway, operateusername, operatedate)
VALUES ('px4', '320322261119000004', '沛县㐂悦顺达文化传播有限公司设立登记', 'T0001',
  '11320322MB0000000Q4000131127004', '公司登记注册', 2, '孙㐂娃', 20, '22', '320322199504277346', '孙㐂娃',
  '19946916788', '320322199504277346', '沛县河东大道139号', '孙㐂娃', '320322199504277346', 28,
  '2026-11-19 08:50:00', '2026-11-19 09:00:00', '沛县窗口朱', '21', '沛县行政审批局（演示）', '320322', '320322',
  '0', 0, 20, '沛县审批冯', '2026-11-19 10:10:00');
INSERT INTO audit_rs_company_baseinfo (rowguid, projectguid, organname, organtype, organlegal, legalidnumber,
  registercapital, organaddress, businessscope, operateusername, operatedate)
VALUES ('px4c', 'px4', '沛县㐂悦顺达文化传播有限公司', '有限责任公司（自然人独资）', '孙㐂娃',
  '320322199504277346', '10', '沛县河东大道139号', '组织文化艺术交流活动；会议及展览服务；广告制作、发布。',
  '沛县窗口朱', '2026-11-19 09:00:00');
INSERT INTO audit_project_material (rowguid, projectguid, taskmaterialguid, materialname, submittype, pagenum,
  status, operateusername, operatedate)
VALUES ('px4m1', 'px4', 'TM001', '公司登记（备案）申请书', '20', 1, 20, '沛县窗口朱', '2026-11-19 09:00:00');
INSERT INTO audit_project_material (rowguid, projectguid, taskmaterialguid, materialname, submittype, pagenum,
  status, operateusername, operatedate)
VALUES ('px4m3', 'px4', 'TM003', '住所使用证明', '30', 1, 20, '沛县窗口朱', '2026-11-19 09:00:00');
INSERT INTO audit_project_operation (rowguid, projectguid, operatetype, operateusername, operatedate, applyername,
  remarks, areacode)
VALUES ('px4o26', 'px4', '26', '沛县窗口朱', '2026-11-19 09:00:00', '孙㐂娃', '', '320322');
INSERT INTO audit_project_operation (rowguid, projectguid, operatetype, operateusername, operatedate, applyername,
  remarks, areacode)
VALUES ('px4o28', 'px4', '28', '沛县审批冯', '2026-11-19 10:10:00', '孙㐂娃', '', '320322');
INSERT INTO audit_project_docsnap (rowguid, projectguid, operateguid, docno, enddate)
VALUES ('px4o28d', 'px4', 'px4o28', '沛审补〔2026〕000001号', '2026-12-04');
INSERT INTO audit_material_correct (rowguid, operateguid, materialcode, materialname, problem, remedy)
VALUES ('px4o281', 'px4o28', '02', '公司章程', '没有提交。', '请提交全体股东签署的公司章程。');

-- 320322261120000005
INSERT INTO audit_project (rowguid, flowsn, projectname, task_id, item_id, taskname, tasktype, applyername,
  applyertype, certtype, certnum, contactperson, contactmobile, contactcertnum, address, legal, legalid, status,
  applydate, receivedate, receiveusername, windowname, ouname, areacode, acceptareacode, is_union, is_test,
  applyway, operateusername, operatedate)
VALUES ('px5', '320322261120000005', '沛县运河普救农业科技有限公司设立登记', 'T0001',
  '11320322MB0000000Q4000131127004', '公司登记注册', 2, '冯子涵', 20, '22', '320322200109120512', '冯子涵',
  '19931796351', '320322200109120512', '沛县电机大街42号', '冯子涵', '320322200109120512', 26,
  '2026-11-20 08:50:00', '2026-11-20 09:00:00', '沛县窗口朱', '21', '沛县行政审批局（演示）', '320322', '320322',
  '0', 0, 20, '沛县窗口朱', '2026-11-20 09:00:00');
INSERT INTO audit_rs_company_baseinfo (rowguid, projectguid, organname, organtype, organlegal, legalidnumber,
  registercapital, organaddress, businessscope, operateusername, operatedate)
VALUES ('px5c', 'px5', '沛县运河普救农业科技有限公司', '有限责任公司（自然人独资）', '冯子涵',
  '320322200109120512', '10', '沛县电机大街42号', '农业技术开发、技术咨询；新鲜水果、蔬菜零售（含“沙地”苹果）。',
  '沛县窗口朱', '2026-11-20 09:00:00');
INSERT INTO audit_project_material (rowguid, projectguid, taskmaterialguid, materialname, submittype, pagenum,
  status, operateusername, operatedate)
VALUES ('px5m1', 'px5', 'TM001', '公司登记（备案）申请书', '20', 1, 20, '沛县窗口朱', '2026-11-20 09:00:00');
INSERT INTO audit_project_material (rowguid, projectguid, taskmaterialguid, materialname, submittype, pagenum,
  status, operateusername, operatedate)
VALUES ('px5m2', 'px5', 'TM002', '公司章程', '20', 1, 20, '沛县窗口朱', '2026-11-20 09:00:00');
INSERT INTO audit_project_material (rowguid, projectguid, taskmaterialguid, materialname, submittype, pagenum,
  status, operateusername, operatedate)
VALUES ('px5m3', 'px5', 'TM003', '住所使用证明', '30', 1, 20, '沛县窗口朱', '2026-11-20 09:00:00');
INSERT INTO audit_project_operation (rowguid, projectguid, operatetype, operateusername, operatedate, applyername,
  remarks, areacode)
VALUES ('px5o26', 'px5', '26', '沛县窗口朱', '2026-11-20 09:00:00', '冯子涵', '', '320322');
