-- 安吉县（330523）办件库：浙江方言的本地数据库，连同几件虚构的办件。
--
-- 用途：演示和测试；相当于审批系统已有的库，里面没有云伙伴的任何东西。SQLite、PostgreSQL 都能执行（Oracle 请把 VARCHAR、TEXT 换成
-- VARCHAR2、CLOB；MySQL、MariaDB 请把 TIMESTAMP 换成 DATETIME）。人、公司、编号都是虚构的，只是校验位正确。pre_apasinfo、
-- pre_apasinfo_ext、pre_accept、pre_node、pre_attr、pre_transact 的列名照公开可见的同类系统；其余的表是本样例自拟的，见 README.md。

CREATE TABLE pre_apasinfo (
  projid VARCHAR(50) PRIMARY KEY, projpwd VARCHAR(20), servicecode VARCHAR(50), serviceversion VARCHAR(10),
  servicename VARCHAR(200), projectname VARCHAR(400), infotype VARCHAR(2), bus_type VARCHAR(2), rel_bus_id VARCHAR(50),
  applyname VARCHAR(200), apply_cardtype VARCHAR(10), apply_cardnumber VARCHAR(40), contactman VARCHAR(100),
  contactman_cardtype VARCHAR(10), contactman_cardnumber VARCHAR(40), telphone VARCHAR(20), postcode VARCHAR(6),
  address VARCHAR(400), legalman VARCHAR(100), deptid VARCHAR(18), deptname VARCHAR(200), ss_orgcode VARCHAR(18),
  receive_useid VARCHAR(50), receive_name VARCHAR(100), applyfrom VARCHAR(2), apply_type VARCHAR(1),
  receivetime TIMESTAMP, belongto VARCHAR(6), areacode VARCHAR(6), datastate VARCHAR(1), belongsystem VARCHAR(50),
  extend VARCHAR(200), create_time TIMESTAMP, sync_status VARCHAR(1), dataversion INTEGER, handlestate VARCHAR(20));
CREATE TABLE pre_apasinfo_ext (
  unid VARCHAR(300) PRIMARY KEY, projid VARCHAR(50), catalog_code VARCHAR(12), local_catalog_code VARCHAR(50),
  task_code VARCHAR(36), task_handle_item VARCHAR(36), applyer_type_code VARCHAR(2), apply_cardtype_code VARCHAR(3),
  contactman_cardtype_code VARCHAR(3), is_delivery_result VARCHAR(1), satisfaction VARCHAR(2),
  result_cetr_name VARCHAR(200), result_cetr_code VARCHAR(128), gb_project_no VARCHAR(50), remark VARCHAR(500),
  belongsystem VARCHAR(50), extend VARCHAR(200), create_time TIMESTAMP, sync_status VARCHAR(1), dataversion INTEGER);
CREATE TABLE pre_attr (
  unid VARCHAR(300) PRIMARY KEY, projid VARCHAR(50), attrname VARCHAR(200), attrid VARCHAR(50), sortid INTEGER,
  taketype VARCHAR(30), istake VARCHAR(1), amount INTEGER, taketime TIMESTAMP, memo VARCHAR(500),
  belongsystem VARCHAR(50), extend VARCHAR(200), create_time TIMESTAMP, sync_status VARCHAR(1), dataversion INTEGER);
CREATE TABLE pre_accept (
  projid VARCHAR(50) PRIMARY KEY, accept_man VARCHAR(100), accept_time TIMESTAMP, promisevalue INTEGER,
  promisetype VARCHAR(1), promise_etime TIMESTAMP, hander_deptname VARCHAR(200), hander_deptid VARCHAR(18),
  document_code VARCHAR(100), areacode VARCHAR(6), belongsystem VARCHAR(50), extend VARCHAR(200),
  create_time TIMESTAMP, sync_status VARCHAR(1), dataversion INTEGER);
CREATE TABLE pre_node (
  unid VARCHAR(300) PRIMARY KEY, projid VARCHAR(50), action VARCHAR(20), node_name VARCHAR(100), name VARCHAR(100),
  opinion TEXT, start_time TIMESTAMP, end_time TIMESTAMP, remark VARCHAR(500), next_node_name VARCHAR(100),
  hander_deptname VARCHAR(200), hander_deptid VARCHAR(18), areacode VARCHAR(6), phase_name VARCHAR(100),
  phase_code VARCHAR(10), belongsystem VARCHAR(50), extend VARCHAR(200), create_time TIMESTAMP, sync_status VARCHAR(1),
  dataversion INTEGER);
CREATE TABLE pre_transact (
  unid VARCHAR(300) PRIMARY KEY, projid VARCHAR(50), transact_user VARCHAR(100), transact_time TIMESTAMP,
  handlestart VARCHAR(20), transact_describe TEXT, transact_result VARCHAR(2), result_code VARCHAR(128),
  remark VARCHAR(500), results_time TIMESTAMP, hander_deptname VARCHAR(200), hander_deptid VARCHAR(18),
  areacode VARCHAR(6), belongsystem VARCHAR(50), extend VARCHAR(200), create_time TIMESTAMP, sync_status VARCHAR(1),
  dataversion INTEGER);
CREATE TABLE pre_form_enterprise (
  unid VARCHAR(300) PRIMARY KEY, projid VARCHAR(50), ent_name VARCHAR(200), ent_type VARCHAR(100),
  legalman VARCHAR(100), legal_cardnumber VARCHAR(40), reg_capital VARCHAR(60), ent_address VARCHAR(400),
  biz_scope TEXT, window_no VARCHAR(30), window_time TIMESTAMP, is_trial VARCHAR(1), belongsystem VARCHAR(50),
  extend VARCHAR(200), create_time TIMESTAMP, sync_status VARCHAR(1), dataversion INTEGER);
CREATE TABLE pre_decision (
  unid VARCHAR(300) PRIMARY KEY, projid VARCHAR(50), decision_no VARCHAR(100), relief TEXT, approve_no VARCHAR(40),
  establish_date VARCHAR(8), old_cert_code VARCHAR(128));
CREATE TABLE pre_paper (
  unid VARCHAR(300) PRIMARY KEY, projid VARCHAR(50), paper_type VARCHAR(2), paper_no VARCHAR(100),
  paper_time TIMESTAMP, limit_date VARCHAR(8), reason_code VARCHAR(2), promisevalue INTEGER, promisetype VARCHAR(1),
  reason TEXT, relief TEXT, cert_code VARCHAR(128), new_cert_code VARCHAR(128), print_no VARCHAR(40),
  name VARCHAR(100), approve_man VARCHAR(100), approve_no VARCHAR(40), belongsystem VARCHAR(50),
  create_time TIMESTAMP);
CREATE TABLE pre_paper_item (
  unid VARCHAR(300) PRIMARY KEY, paper_no VARCHAR(100), attrid VARCHAR(50), attrname VARCHAR(200), problem TEXT,
  remedy TEXT);
CREATE TABLE pre_supply (
  unid VARCHAR(300) PRIMARY KEY, projid VARCHAR(50), belongto VARCHAR(6), supply_no VARCHAR(50),
  notice_no VARCHAR(100), supply_time TIMESTAMP, memo TEXT, window_no VARCHAR(30), supply_man VARCHAR(100),
  belongsystem VARCHAR(50), create_time TIMESTAMP);
CREATE TABLE pre_supply_attr (
  unid VARCHAR(300) PRIMARY KEY, supply_no VARCHAR(50), attrname VARCHAR(200), taketype VARCHAR(30), amount INTEGER,
  memo VARCHAR(500));
CREATE TABLE pre_recall (
  unid VARCHAR(300) PRIMARY KEY, projid VARCHAR(50), belongto VARCHAR(6), recall_time TIMESTAMP, recall_reason TEXT,
  recall_man VARCHAR(100), name VARCHAR(100), belongsystem VARCHAR(50), create_time TIMESTAMP);
CREATE TABLE pre_deliver (
  unid VARCHAR(300) PRIMARY KEY, projid VARCHAR(50), belongto VARCHAR(6), cert_code VARCHAR(128),
  deliver_time TIMESTAMP, deliver_type VARCHAR(1), receive_man VARCHAR(100), express_no VARCHAR(60),
  name VARCHAR(100), belongsystem VARCHAR(50), extend VARCHAR(200), create_time TIMESTAMP, sync_status VARCHAR(1),
  dataversion INTEGER);
CREATE TABLE pre_license (
  unid VARCHAR(300) PRIMARY KEY, projid VARCHAR(50), cert_code VARCHAR(128), cert_name VARCHAR(200),
  cert_no VARCHAR(128), cert_type_code VARCHAR(21), holder_name VARCHAR(200), holder_code VARCHAR(40),
  issue_dept VARCHAR(200), issue_deptid VARCHAR(18), issue_date VARCHAR(8), areacode VARCHAR(6),
  belongsystem VARCHAR(50), extend VARCHAR(200), create_time TIMESTAMP, sync_status VARCHAR(1), dataversion INTEGER);
CREATE INDEX apasinfo_by_time ON pre_apasinfo (create_time);
CREATE INDEX ext_by_no ON pre_apasinfo_ext (projid);
CREATE INDEX attr_by_no ON pre_attr (projid);
CREATE INDEX accept_by_time ON pre_accept (create_time);
CREATE INDEX node_by_time ON pre_node (create_time);
CREATE INDEX node_by_no ON pre_node (projid);
CREATE INDEX transact_by_time ON pre_transact (create_time);
CREATE INDEX form_by_no ON pre_form_enterprise (projid);
CREATE INDEX decision_by_no ON pre_decision (projid);
CREATE INDEX paper_by_time ON pre_paper (create_time);
CREATE INDEX paper_item_by_no ON pre_paper_item (paper_no);
CREATE INDEX supply_by_time ON pre_supply (create_time);
CREATE INDEX supply_attr_by_no ON pre_supply_attr (supply_no);
CREATE INDEX recall_by_time ON pre_recall (create_time);
CREATE INDEX deliver_by_time ON pre_deliver (create_time);
CREATE INDEX license_by_no ON pre_license (projid);

-- 五件本县自己的办件（不跨省，县节点一件也不报送）：两件已发证，一件不予许可，一件正在补正，一件刚收件。

-- 330523261116000001
INSERT INTO pre_apasinfo (projid, projpwd, servicecode, serviceversion, servicename, projectname, infotype,
  applyname, apply_cardtype, apply_cardnumber, contactman, contactman_cardtype, contactman_cardnumber, telphone,
  postcode, address, legalman, deptid, deptname, receive_name, applyfrom, apply_type, receivetime, belongto,
  areacode, datastate, handlestate, belongsystem, create_time, sync_status, dataversion)
VALUES ('330523261116000001', '234765', '许可-00001-001', '1', '公司登记注册',
  '安吉县杂技鹳雀楼农业科技有限公司设立登记', '2', '卫海燕', '31', '330523196111286204', '卫海燕', '31',
  '330523196111286204', '19902591853', '313300', '安吉县舜都大道224号', '卫海燕', '11330523MB0000000M',
  '安吉县行政审批局（演示）', '安吉窗口陆', '2', '0', '2026-11-16 08:50:00', '330523', '330523', '1', '准予办结',
  'ajsp', '2026-11-16 09:00:00', 'I', 1);
INSERT INTO pre_apasinfo_ext (unid, projid, catalog_code, task_code, apply_cardtype_code, gb_project_no,
  belongsystem, create_time, sync_status, dataversion)
VALUES ('aj1x', '330523261116000001', '000131127004', '11330523MB0000000M4000131127004', '111',
  '330523261116000001', 'ajsp', '2026-11-16 09:00:00', 'I', 1);
INSERT INTO pre_form_enterprise (unid, projid, ent_name, ent_type, legalman, legal_cardnumber, reg_capital,
  ent_address, biz_scope, window_no, window_time, is_trial, belongsystem, create_time, sync_status, dataversion)
VALUES ('aj1f', '330523261116000001', '安吉县杂技鹳雀楼农业科技有限公司', '有限责任公司（自然人独资）', '卫海燕',
  '330523196111286204', '200', '安吉县舜都大道224号',
  '农业技术开发、技术咨询；新鲜水果、蔬菜零售（含“沙地”苹果）。', 'A12', '2026-11-16 09:00:00', '0', 'ajsp',
  '2026-11-16 09:00:00', 'I', 1);
INSERT INTO pre_attr (unid, projid, attrname, attrid, sortid, taketype, istake, amount, taketime, belongsystem,
  create_time, sync_status, dataversion)
VALUES ('aj1m1', '330523261116000001', '公司登记（备案）申请书', 'AJ001', 1, '1', '1', 1, '2026-11-16 09:00:00',
  'ajsp', '2026-11-16 09:00:00', 'I', 1);
INSERT INTO pre_attr (unid, projid, attrname, attrid, sortid, taketype, istake, amount, taketime, belongsystem,
  create_time, sync_status, dataversion)
VALUES ('aj1m2', '330523261116000001', '公司章程', 'AJ002', 2, '1', '1', 1, '2026-11-16 09:00:00', 'ajsp',
  '2026-11-16 09:00:00', 'I', 1);
INSERT INTO pre_attr (unid, projid, attrname, attrid, sortid, taketype, istake, amount, taketime, belongsystem,
  create_time, sync_status, dataversion)
VALUES ('aj1m3', '330523261116000001', '住所使用证明', 'AJ003', 3, '2', '1', 1, '2026-11-16 09:00:00', 'ajsp',
  '2026-11-16 09:00:00', 'I', 1);
INSERT INTO pre_accept (projid, accept_man, accept_time, promisevalue, promisetype, promise_etime, hander_deptname,
  hander_deptid, document_code, areacode, belongsystem, create_time, sync_status, dataversion)
VALUES ('330523261116000001', '安吉审批钱', '2026-11-16 10:00:00', 3, '1', '2026-11-23 17:30:00',
  '安吉县行政审批局（演示）', '11330523MB0000000M', '安审受〔2026〕000001号', '330523', 'ajsp',
  '2026-11-16 10:00:00', 'I', 1);
INSERT INTO pre_node (unid, projid, action, node_name, name, opinion, start_time, end_time, next_node_name,
  hander_deptname, belongsystem, create_time, sync_status, dataversion)
VALUES ('aj1p', '330523261116000001', '审核', '初审', '安吉审批钱', '材料齐全，符合要求。', '2026-11-16 10:00:00',
  '2026-11-16 10:40:00', '签发', '安吉县行政审批局（演示）', 'ajsp', '2026-11-16 10:40:00', 'I', 1);
INSERT INTO pre_decision (unid, projid, decision_no, relief, approve_no, establish_date)
VALUES ('aj1j', '330523261116000001', '安审决〔2026〕000001号', '', 'AJ0021', '20261116');
INSERT INTO pre_transact (unid, projid, transact_user, transact_time, handlestart, transact_describe,
  transact_result, result_code, results_time, hander_deptname, belongsystem, create_time, sync_status, dataversion)
VALUES ('aj1r', '330523261116000001', '安吉批准孙', '2026-11-16 11:00:00', '准予办结', '', '1',
  '91330523MA0000015U', '2026-11-16 11:00:00', '安吉县行政审批局（演示）', 'ajsp', '2026-11-16 11:00:00', 'I', 1);
INSERT INTO pre_license (unid, projid, cert_code, cert_name, cert_no, cert_type_code, holder_name, holder_code,
  issue_dept, issue_deptid, issue_date, areacode, belongsystem, create_time, sync_status, dataversion)
VALUES ('aj1l', '330523261116000001', '1.2.156.3005.2.11100000MB0143028R001.11330523MB0000000M.000000001.001.9',
  '营业执照', '91330523MA0000015U', '11100000MB0143028R001', '安吉县杂技鹳雀楼农业科技有限公司',
  '91330523MA0000015U', '安吉县行政审批局（演示）', '11330523MB0000000M', '20261116', '330523', 'ajsp',
  '2026-11-16 11:05:00', 'I', 1);
INSERT INTO pre_deliver (unid, projid, belongto, cert_code, deliver_time, deliver_type, receive_man, express_no,
  name, belongsystem, create_time, sync_status, dataversion)
VALUES ('aj1s', '330523261116000001', '330523',
  '1.2.156.3005.2.11100000MB0143028R001.11330523MB0000000M.000000001.001.9', '2026-11-16 15:00:00', '1', '卫海燕',
  '', '安吉窗口陆', 'ajsp', '2026-11-16 15:00:00', 'I', 1);

-- 330523261117000002
INSERT INTO pre_apasinfo (projid, projpwd, servicecode, serviceversion, servicename, projectname, infotype,
  applyname, apply_cardtype, apply_cardnumber, contactman, contactman_cardtype, contactman_cardnumber, telphone,
  postcode, address, legalman, deptid, deptname, receive_name, applyfrom, apply_type, receivetime, belongto,
  areacode, datastate, handlestate, belongsystem, create_time, sync_status, dataversion)
VALUES ('330523261117000002', '242684', '许可-00001-001', '1', '公司登记注册',
  '安吉县杂技运河农业科技有限公司设立登记', '2', '蒋秀英', '31', '330523198807128879', '蒋秀英', '31',
  '330523198807128879', '19998736465', '313300', '安吉县黄河大道204号', '蒋秀英', '11330523MB0000000M',
  '安吉县行政审批局（演示）', '安吉窗口陆', '2', '0', '2026-11-17 08:50:00', '330523', '330523', '1', '准予办结',
  'ajsp', '2026-11-17 09:00:00', 'I', 1);
INSERT INTO pre_apasinfo_ext (unid, projid, catalog_code, task_code, apply_cardtype_code, gb_project_no,
  belongsystem, create_time, sync_status, dataversion)
VALUES ('aj2x', '330523261117000002', '000131127004', '11330523MB0000000M4000131127004', '111',
  '330523261117000002', 'ajsp', '2026-11-17 09:00:00', 'I', 1);
INSERT INTO pre_form_enterprise (unid, projid, ent_name, ent_type, legalman, legal_cardnumber, reg_capital,
  ent_address, biz_scope, window_no, window_time, is_trial, belongsystem, create_time, sync_status, dataversion)
VALUES ('aj2f', '330523261117000002', '安吉县杂技运河农业科技有限公司', '有限责任公司（自然人独资）', '蒋秀英',
  '330523198807128879', '100', '安吉县黄河大道204号',
  '农业技术开发、技术咨询；新鲜水果、蔬菜零售（含“沙地”苹果）。', 'A12', '2026-11-17 09:00:00', '0', 'ajsp',
  '2026-11-17 09:00:00', 'I', 1);
INSERT INTO pre_attr (unid, projid, attrname, attrid, sortid, taketype, istake, amount, taketime, belongsystem,
  create_time, sync_status, dataversion)
VALUES ('aj2m1', '330523261117000002', '公司登记（备案）申请书', 'AJ001', 1, '1', '1', 1, '2026-11-17 09:00:00',
  'ajsp', '2026-11-17 09:00:00', 'I', 1);
INSERT INTO pre_attr (unid, projid, attrname, attrid, sortid, taketype, istake, amount, taketime, belongsystem,
  create_time, sync_status, dataversion)
VALUES ('aj2m2', '330523261117000002', '公司章程', 'AJ002', 2, '1', '1', 1, '2026-11-17 09:00:00', 'ajsp',
  '2026-11-17 09:00:00', 'I', 1);
INSERT INTO pre_attr (unid, projid, attrname, attrid, sortid, taketype, istake, amount, taketime, belongsystem,
  create_time, sync_status, dataversion)
VALUES ('aj2m3', '330523261117000002', '住所使用证明', 'AJ003', 3, '2', '1', 1, '2026-11-17 09:00:00', 'ajsp',
  '2026-11-17 09:00:00', 'I', 1);
INSERT INTO pre_accept (projid, accept_man, accept_time, promisevalue, promisetype, promise_etime, hander_deptname,
  hander_deptid, document_code, areacode, belongsystem, create_time, sync_status, dataversion)
VALUES ('330523261117000002', '安吉审批钱', '2026-11-17 10:00:00', 3, '1', '2026-11-23 17:30:00',
  '安吉县行政审批局（演示）', '11330523MB0000000M', '安审受〔2026〕000002号', '330523', 'ajsp',
  '2026-11-17 10:00:00', 'I', 1);
INSERT INTO pre_node (unid, projid, action, node_name, name, opinion, start_time, end_time, next_node_name,
  hander_deptname, belongsystem, create_time, sync_status, dataversion)
VALUES ('aj2p', '330523261117000002', '审核', '初审', '安吉审批钱', '材料齐全，符合要求。', '2026-11-17 10:00:00',
  '2026-11-17 10:40:00', '签发', '安吉县行政审批局（演示）', 'ajsp', '2026-11-17 10:40:00', 'I', 1);
INSERT INTO pre_decision (unid, projid, decision_no, relief, approve_no, establish_date)
VALUES ('aj2j', '330523261117000002', '安审决〔2026〕000002号', '', 'AJ0021', '20261117');
INSERT INTO pre_transact (unid, projid, transact_user, transact_time, handlestart, transact_describe,
  transact_result, result_code, results_time, hander_deptname, belongsystem, create_time, sync_status, dataversion)
VALUES ('aj2r', '330523261117000002', '安吉批准孙', '2026-11-17 11:00:00', '准予办结', '', '1',
  '91330523MA0000023N', '2026-11-17 11:00:00', '安吉县行政审批局（演示）', 'ajsp', '2026-11-17 11:00:00', 'I', 1);
INSERT INTO pre_license (unid, projid, cert_code, cert_name, cert_no, cert_type_code, holder_name, holder_code,
  issue_dept, issue_deptid, issue_date, areacode, belongsystem, create_time, sync_status, dataversion)
VALUES ('aj2l', '330523261117000002', '1.2.156.3005.2.11100000MB0143028R001.11330523MB0000000M.000000002.001.U',
  '营业执照', '91330523MA0000023N', '11100000MB0143028R001', '安吉县杂技运河农业科技有限公司',
  '91330523MA0000023N', '安吉县行政审批局（演示）', '11330523MB0000000M', '20261117', '330523', 'ajsp',
  '2026-11-17 11:05:00', 'I', 1);
INSERT INTO pre_deliver (unid, projid, belongto, cert_code, deliver_time, deliver_type, receive_man, express_no,
  name, belongsystem, create_time, sync_status, dataversion)
VALUES ('aj2s', '330523261117000002', '330523',
  '1.2.156.3005.2.11100000MB0143028R001.11330523MB0000000M.000000002.001.U', '2026-11-17 15:00:00', '1', '蒋秀英',
  '', '安吉窗口陆', 'ajsp', '2026-11-17 15:00:00', 'I', 1);

-- 330523261118000003
INSERT INTO pre_apasinfo (projid, projpwd, servicecode, serviceversion, servicename, projectname, infotype,
  applyname, apply_cardtype, apply_cardnumber, contactman, contactman_cardtype, contactman_cardnumber, telphone,
  postcode, address, legalman, deptid, deptname, receive_name, applyfrom, apply_type, receivetime, belongto,
  areacode, datastate, handlestate, belongsystem, create_time, sync_status, dataversion)
VALUES ('330523261118000003', '250603', '许可-00001-001', '1', '公司登记注册',
  '安吉县黄河湾运河文化传播有限公司设立登记', '2', '郪一诺', '31', '33052319641118498X', '郪一诺', '31',
  '33052319641118498X', '19973331526', '313300', '安吉县长江路73号', '郪一诺', '11330523MB0000000M',
  '安吉县行政审批局（演示）', '安吉窗口陆', '2', '0', '2026-11-18 08:50:00', '330523', '330523', '1', '不予办结',
  'ajsp', '2026-11-18 09:00:00', 'I', 1);
INSERT INTO pre_apasinfo_ext (unid, projid, catalog_code, task_code, apply_cardtype_code, gb_project_no,
  belongsystem, create_time, sync_status, dataversion)
VALUES ('aj3x', '330523261118000003', '000131127004', '11330523MB0000000M4000131127004', '111',
  '330523261118000003', 'ajsp', '2026-11-18 09:00:00', 'I', 1);
INSERT INTO pre_form_enterprise (unid, projid, ent_name, ent_type, legalman, legal_cardnumber, reg_capital,
  ent_address, biz_scope, window_no, window_time, is_trial, belongsystem, create_time, sync_status, dataversion)
VALUES ('aj3f', '330523261118000003', '安吉县黄河湾运河文化传播有限公司', '有限责任公司（自然人独资）', '郪一诺',
  '33052319641118498X', '50', '安吉县长江路73号', '组织文化艺术交流活动；会议及展览服务；广告制作、发布。', 'A12',
  '2026-11-18 09:00:00', '0', 'ajsp', '2026-11-18 09:00:00', 'I', 1);
INSERT INTO pre_attr (unid, projid, attrname, attrid, sortid, taketype, istake, amount, taketime, belongsystem,
  create_time, sync_status, dataversion)
VALUES ('aj3m1', '330523261118000003', '公司登记（备案）申请书', 'AJ001', 1, '1', '1', 1, '2026-11-18 09:00:00',
  'ajsp', '2026-11-18 09:00:00', 'I', 1);
INSERT INTO pre_attr (unid, projid, attrname, attrid, sortid, taketype, istake, amount, taketime, belongsystem,
  create_time, sync_status, dataversion)
VALUES ('aj3m3', '330523261118000003', '住所使用证明', 'AJ003', 3, '2', '1', 1, '2026-11-18 09:00:00', 'ajsp',
  '2026-11-18 09:00:00', 'I', 1);
INSERT INTO pre_accept (projid, accept_man, accept_time, promisevalue, promisetype, promise_etime, hander_deptname,
  hander_deptid, document_code, areacode, belongsystem, create_time, sync_status, dataversion)
VALUES ('330523261118000003', '安吉审批钱', '2026-11-18 10:00:00', 3, '1', '2026-11-23 17:30:00',
  '安吉县行政审批局（演示）', '11330523MB0000000M', '安审受〔2026〕000003号', '330523', 'ajsp',
  '2026-11-18 10:00:00', 'I', 1);
INSERT INTO pre_node (unid, projid, action, node_name, name, opinion, start_time, end_time, next_node_name,
  hander_deptname, belongsystem, create_time, sync_status, dataversion)
VALUES ('aj3p', '330523261118000003', '审核', '初审', '安吉审批钱', '缺少公司章程。', '2026-11-18 10:00:00',
  '2026-11-18 10:40:00', '签发', '安吉县行政审批局（演示）', 'ajsp', '2026-11-18 10:40:00', 'I', 1);
INSERT INTO pre_decision (unid, projid, decision_no, relief, approve_no)
VALUES ('aj3j', '330523261118000003', '安审决〔2026〕000003号', '可在收到决定之日起六十日内申请行政复议。',
  'AJ0021');
INSERT INTO pre_transact (unid, projid, transact_user, transact_time, handlestart, transact_describe,
  transact_result, result_code, results_time, hander_deptname, belongsystem, create_time, sync_status, dataversion)
VALUES ('aj3r', '330523261118000003', '安吉批准孙', '2026-11-18 11:00:00', '不予办结', '申请材料缺少公司章程。',
  '2', '', '2026-11-18 11:00:00', '安吉县行政审批局（演示）', 'ajsp', '2026-11-18 11:00:00', 'I', 1);

-- 330523261119000004
INSERT INTO pre_apasinfo (projid, projpwd, servicecode, serviceversion, servicename, projectname, infotype,
  applyname, apply_cardtype, apply_cardnumber, contactman, contactman_cardtype, contactman_cardnumber, telphone,
  postcode, address, legalman, deptid, deptname, receive_name, applyfrom, apply_type, receivetime, belongto,
  areacode, datastate, handlestate, belongsystem, create_time, sync_status, dataversion)
VALUES ('330523261119000004', '258522', '许可-00001-001', '1', '公司登记注册',
  '安吉县杂技㐂悦机械配件有限公司设立登记', '2', '蒋桂兰', '31', '330523196604031592', '蒋桂兰', '31',
  '330523196604031592', '19978689799', '313300', '安吉县黄河大道187号', '蒋桂兰', '11330523MB0000000M',
  '安吉县行政审批局（演示）', '安吉窗口陆', '2', '0', '2026-11-19 08:50:00', '330523', '330523', '1', '补正',
  'ajsp', '2026-11-19 09:00:00', 'I', 1);
INSERT INTO pre_apasinfo_ext (unid, projid, catalog_code, task_code, apply_cardtype_code, gb_project_no,
  belongsystem, create_time, sync_status, dataversion)
VALUES ('aj4x', '330523261119000004', '000131127004', '11330523MB0000000M4000131127004', '111',
  '330523261119000004', 'ajsp', '2026-11-19 09:00:00', 'I', 1);
INSERT INTO pre_form_enterprise (unid, projid, ent_name, ent_type, legalman, legal_cardnumber, reg_capital,
  ent_address, biz_scope, window_no, window_time, is_trial, belongsystem, create_time, sync_status, dataversion)
VALUES ('aj4f', '330523261119000004', '安吉县杂技㐂悦机械配件有限公司', '有限责任公司（自然人独资）', '蒋桂兰',
  '330523196604031592', '500', '安吉县黄河大道187号', '机械零部件加工、销售；金属制品修理。', 'A12',
  '2026-11-19 09:00:00', '0', 'ajsp', '2026-11-19 09:00:00', 'I', 1);
INSERT INTO pre_attr (unid, projid, attrname, attrid, sortid, taketype, istake, amount, taketime, belongsystem,
  create_time, sync_status, dataversion)
VALUES ('aj4m1', '330523261119000004', '公司登记（备案）申请书', 'AJ001', 1, '1', '1', 1, '2026-11-19 09:00:00',
  'ajsp', '2026-11-19 09:00:00', 'I', 1);
INSERT INTO pre_attr (unid, projid, attrname, attrid, sortid, taketype, istake, amount, taketime, belongsystem,
  create_time, sync_status, dataversion)
VALUES ('aj4m3', '330523261119000004', '住所使用证明', 'AJ003', 3, '2', '1', 1, '2026-11-19 09:00:00', 'ajsp',
  '2026-11-19 09:00:00', 'I', 1);
INSERT INTO pre_paper (unid, projid, paper_type, paper_no, paper_time, limit_date, name, belongsystem, create_time)
VALUES ('aj4d', '330523261119000004', '40', '安审补〔2026〕000001号', '2026-11-19 10:10:00', '20261204',
  '安吉审批钱', 'ajsp', '2026-11-19 10:10:00');
INSERT INTO pre_paper_item (unid, paper_no, attrid, attrname, problem, remedy)
VALUES ('aj4e', '安审补〔2026〕000001号', 'AJ002', '公司章程', '没有提交。', '请提交全体股东签署的公司章程。');

-- 330523261120000005
INSERT INTO pre_apasinfo (projid, projpwd, servicecode, serviceversion, servicename, projectname, infotype,
  applyname, apply_cardtype, apply_cardnumber, contactman, contactman_cardtype, contactman_cardnumber, telphone,
  postcode, address, legalman, deptid, deptname, receive_name, applyfrom, apply_type, receivetime, belongto,
  areacode, datastate, handlestate, belongsystem, create_time, sync_status, dataversion)
VALUES ('330523261120000005', '266441', '许可-00001-001', '1', '公司登记注册',
  '安吉县普救黄河湾文化传播有限公司设立登记', '2', '欧阳桂兰', '31', '330523198510262268', '欧阳桂兰', '31',
  '330523198510262268', '19931856600', '313300', '安吉县黄河大道229号', '欧阳桂兰', '11330523MB0000000M',
  '安吉县行政审批局（演示）', '安吉窗口陆', '2', '0', '2026-11-20 08:50:00', '330523', '330523', '1', '待受理',
  'ajsp', '2026-11-20 09:00:00', 'I', 1);
INSERT INTO pre_apasinfo_ext (unid, projid, catalog_code, task_code, apply_cardtype_code, gb_project_no,
  belongsystem, create_time, sync_status, dataversion)
VALUES ('aj5x', '330523261120000005', '000131127004', '11330523MB0000000M4000131127004', '111',
  '330523261120000005', 'ajsp', '2026-11-20 09:00:00', 'I', 1);
INSERT INTO pre_form_enterprise (unid, projid, ent_name, ent_type, legalman, legal_cardnumber, reg_capital,
  ent_address, biz_scope, window_no, window_time, is_trial, belongsystem, create_time, sync_status, dataversion)
VALUES ('aj5f', '330523261120000005', '安吉县普救黄河湾文化传播有限公司', '有限责任公司（自然人独资）', '欧阳桂兰',
  '330523198510262268', '50', '安吉县黄河大道229号', '组织文化艺术交流活动；会议及展览服务；广告制作、发布。',
  'A12', '2026-11-20 09:00:00', '0', 'ajsp', '2026-11-20 09:00:00', 'I', 1);
INSERT INTO pre_attr (unid, projid, attrname, attrid, sortid, taketype, istake, amount, taketime, belongsystem,
  create_time, sync_status, dataversion)
VALUES ('aj5m1', '330523261120000005', '公司登记（备案）申请书', 'AJ001', 1, '1', '1', 1, '2026-11-20 09:00:00',
  'ajsp', '2026-11-20 09:00:00', 'I', 1);
INSERT INTO pre_attr (unid, projid, attrname, attrid, sortid, taketype, istake, amount, taketime, belongsystem,
  create_time, sync_status, dataversion)
VALUES ('aj5m2', '330523261120000005', '公司章程', 'AJ002', 2, '1', '1', 1, '2026-11-20 09:00:00', 'ajsp',
  '2026-11-20 09:00:00', 'I', 1);
INSERT INTO pre_attr (unid, projid, attrname, attrid, sortid, taketype, istake, amount, taketime, belongsystem,
  create_time, sync_status, dataversion)
VALUES ('aj5m3', '330523261120000005', '住所使用证明', 'AJ003', 3, '2', '1', 1, '2026-11-20 09:00:00', 'ajsp',
  '2026-11-20 09:00:00', 'I', 1);
