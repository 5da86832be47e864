-- 兰考县（410225）前置库：国家交换表方言的本地数据库，连同几件虚构的办件。
--
-- 用途：演示和测试；相当于大厅系统已有的库，里面没有云伙伴的任何东西。SQLite、PostgreSQL 都能执行（MySQL、MariaDB 请把
-- TIMESTAMP 换成 DATETIME）。人、公司、编号都是虚构的，只是校验位正确。up_* 的列名照国家交换表；ext_* 和 up_* 中以 ext_
-- 开头的列是本样例自拟的地方扩展，见 README.md。

CREATE TABLE up_pro_accept (
  row_guid VARCHAR(64) PRIMARY KEY, project_no VARCHAR(50), project_name VARCHAR(200), catalog_code VARCHAR(12),
  task_code VARCHAR(36), task_handle_item VARCHAR(36), task_name VARCHAR(200), task_version VARCHAR(10),
  project_type VARCHAR(2), apply_type VARCHAR(2), applyer_name VARCHAR(200), applyer_type VARCHAR(2),
  applyer_page_type VARCHAR(3), applyer_page_code VARCHAR(40), legal VARCHAR(100), contact_name VARCHAR(100),
  contact_type VARCHAR(3), contact_code VARCHAR(40), contact_mobile VARCHAR(20), address VARCHAR(400),
  zip_code VARCHAR(6), org_code VARCHAR(18), org_name VARCHAR(200), handle_user_name VARCHAR(100),
  apply_date TIMESTAMP, accept_date TIMESTAMP, accept_doc_no VARCHAR(100), promise_date DATE,
  local_catalog_code VARCHAR(36), local_task_code VARCHAR(200), data_source VARCHAR(20), cd_operation VARCHAR(1),
  cd_time TIMESTAMP, cd_batch VARCHAR(50));
CREATE TABLE up_pro_material (
  row_guid VARCHAR(64) PRIMARY KEY, project_no VARCHAR(50), material_name VARCHAR(200),
  material_attach_name VARCHAR(200), get_type VARCHAR(30), get_name VARCHAR(20), remark VARCHAR(500),
  data_source VARCHAR(20), cd_operation VARCHAR(1), cd_time TIMESTAMP, cd_batch VARCHAR(50));
CREATE TABLE up_pro_process (
  row_guid VARCHAR(64) PRIMARY KEY, project_no VARCHAR(50), process_name VARCHAR(100), event_name VARCHAR(2),
  event_start_time TIMESTAMP, event_end_time TIMESTAMP, handle_explain TEXT, handle_user_name VARCHAR(100),
  remark VARCHAR(500), data_source VARCHAR(20), cd_operation VARCHAR(1), cd_time TIMESTAMP, cd_batch VARCHAR(50));
CREATE TABLE up_pro_special_procedure (
  row_guid VARCHAR(64) PRIMARY KEY, project_no VARCHAR(50), special_type VARCHAR(2), special_name VARCHAR(100),
  special_reason TEXT, special_time TIMESTAMP, end_time TIMESTAMP, result TEXT, special_explain TEXT,
  applyer_user_name VARCHAR(100), handle_user VARCHAR(100), ext_notice_no VARCHAR(100), ext_plan_date DATE,
  data_source VARCHAR(20), cd_operation VARCHAR(1), cd_time TIMESTAMP, cd_batch VARCHAR(50));
CREATE TABLE up_pro_result (
  row_guid VARCHAR(64) PRIMARY KEY, project_no VARCHAR(50), result_type VARCHAR(2), result_date TIMESTAMP,
  result_explain TEXT, result_cetr_name VARCHAR(200), result_cetr_no VARCHAR(128), is_delivery_results VARCHAR(1),
  satisfaction VARCHAR(2), data_source VARCHAR(20), cd_operation VARCHAR(1), cd_time TIMESTAMP, cd_batch VARCHAR(50));
CREATE TABLE up_lic_data (
  row_guid VARCHAR(64) PRIMARY KEY, certificate_source_id VARCHAR(128), certificate_name VARCHAR(200),
  certificate_number VARCHAR(128), certificate_type VARCHAR(200), certificate_type_code VARCHAR(21),
  certificate_holder VARCHAR(200), certificate_holder_code VARCHAR(40), certificate_holder_type VARCHAR(3),
  issue_dept VARCHAR(200), issue_dept_code VARCHAR(18), issue_date DATE, certificate_area_code VARCHAR(6),
  data_source VARCHAR(20), cd_operation VARCHAR(1), cd_time TIMESTAMP, cd_batch VARCHAR(50));
CREATE TABLE ext_form (
  row_guid VARCHAR(64) PRIMARY KEY, project_no VARCHAR(50), ent_name VARCHAR(200), ent_type VARCHAR(100),
  legal_name VARCHAR(100), legal_card_no VARCHAR(40), reg_capital VARCHAR(60), ent_address VARCHAR(400), biz_scope TEXT,
  window_no VARCHAR(30), receive_time TIMESTAMP, is_test VARCHAR(1), data_source VARCHAR(20));
CREATE TABLE ext_decision (
  row_guid VARCHAR(64) PRIMARY KEY, project_no VARCHAR(50), decision_no VARCHAR(100), reason TEXT, relief TEXT,
  approve_user_name VARCHAR(100), approve_user_no VARCHAR(40), establish_date DATE,
  old_certificate_source_id VARCHAR(128));
CREATE TABLE ext_document (
  row_guid VARCHAR(64) PRIMARY KEY, project_no VARCHAR(50), doc_type VARCHAR(2), doc_no VARCHAR(100),
  doc_time TIMESTAMP, limit_date DATE, reason_code VARCHAR(2), delay_days INTEGER, reason TEXT, relief TEXT,
  certificate_source_id VARCHAR(128), new_certificate_source_id VARCHAR(128), print_auth_no VARCHAR(40),
  handle_user_name VARCHAR(100), approve_user_name VARCHAR(100), approve_user_no VARCHAR(40), data_source VARCHAR(20),
  cd_time TIMESTAMP);
CREATE TABLE ext_defect (
  row_guid VARCHAR(64) PRIMARY KEY, doc_no VARCHAR(100), material_code VARCHAR(20), material_name VARCHAR(200),
  problem TEXT, remedy TEXT);
CREATE TABLE ext_supplement (
  row_guid VARCHAR(64) PRIMARY KEY, project_no VARCHAR(50), area_code VARCHAR(6), supplement_no VARCHAR(50),
  notice_no VARCHAR(100), supply_time TIMESTAMP, supply_note TEXT, window_no VARCHAR(30), handle_user_name VARCHAR(100),
  data_source VARCHAR(20), cd_time TIMESTAMP);
CREATE TABLE ext_supplement_material (
  row_guid VARCHAR(64) PRIMARY KEY, supplement_no VARCHAR(50), material_name VARCHAR(200), get_type VARCHAR(30),
  get_name VARCHAR(20), remark VARCHAR(500));
CREATE TABLE ext_withdraw (
  row_guid VARCHAR(64) PRIMARY KEY, project_no VARCHAR(50), area_code VARCHAR(6), withdraw_time TIMESTAMP, reason TEXT,
  applyer_user_name VARCHAR(100), handle_user_name VARCHAR(100), data_source VARCHAR(20), cd_time TIMESTAMP);
CREATE TABLE ext_delivery (
  row_guid VARCHAR(64) PRIMARY KEY, project_no VARCHAR(50), area_code VARCHAR(6), certificate_source_id VARCHAR(128),
  delivery_time TIMESTAMP, delivery_type VARCHAR(1), receiver VARCHAR(100), express_no VARCHAR(60),
  handle_user_name VARCHAR(100), data_source VARCHAR(20), cd_time TIMESTAMP);
CREATE TABLE ext_notice (
  row_guid VARCHAR(64) PRIMARY KEY, project_no VARCHAR(50), notice_type VARCHAR(2), notice_name VARCHAR(100),
  notice_time TIMESTAMP, serial_no VARCHAR(128), content TEXT, deadline DATE, sender VARCHAR(200),
  handle_user_name VARCHAR(100), remark VARCHAR(500), data_source VARCHAR(20), cd_time TIMESTAMP);
CREATE INDEX accept_by_time ON up_pro_accept (cd_time);
CREATE INDEX accept_by_no ON up_pro_accept (project_no);
CREATE INDEX material_by_no ON up_pro_material (project_no);
CREATE INDEX process_by_time ON up_pro_process (cd_time);
CREATE INDEX special_by_time ON up_pro_special_procedure (cd_time);
CREATE INDEX result_by_time ON up_pro_result (cd_time);
CREATE INDEX form_by_no ON ext_form (project_no);
CREATE INDEX decision_by_no ON ext_decision (project_no);
CREATE INDEX document_by_time ON ext_document (cd_time);
CREATE INDEX defect_by_no ON ext_defect (doc_no);
CREATE INDEX supplement_by_time ON ext_supplement (cd_time);
CREATE INDEX supplement_material_by_no ON ext_supplement_material (supplement_no);
CREATE INDEX withdraw_by_time ON ext_withdraw (cd_time);
CREATE INDEX delivery_by_time ON ext_delivery (cd_time);
CREATE INDEX notice_by_no ON ext_notice (project_no);

-- 五件本县自己的办件（不跨省，县节点一件也不报送）：两件已发证，一件不予许可，一件正在补正，一件刚收件。

-- 410225261116000001
INSERT INTO up_pro_accept (row_guid, project_no, project_name, catalog_code, task_code, task_name, task_version,
  project_type, apply_type, applyer_name, applyer_type, applyer_page_type, applyer_page_code, legal, contact_name,
  contact_type, contact_code, contact_mobile, address, zip_code, org_code, org_name, handle_user_name, apply_date,
  data_source, cd_operation, cd_time)
VALUES ('lk1a', '410225261116000001', '兰考县杂技恒通文化传播有限公司设立登记', '000131127004',
  '11410225MB0000000H4000131127004', '公司登记注册', '1', '2', '1', '褚丽华', '1', '111', '410225197702021719',
  '褚丽华', '褚丽华', '111', '410225197702021719', '19951758346', '兰考县新华街296号', '475300',
  '11410225MB0000000H', '兰考县行政审批局（演示）', '兰考窗口周', '2026-11-16 09:05:00', 'lankao', 'I',
  '2026-11-16 09:20:00');
INSERT INTO ext_form (row_guid, project_no, ent_name, ent_type, legal_name, legal_card_no, reg_capital,
  ent_address, biz_scope, window_no, receive_time, is_test, data_source)
VALUES ('lk1f', '410225261116000001', '兰考县杂技恒通文化传播有限公司', '有限责任公司（自然人独资）', '褚丽华',
  '410225197702021719', '200万元', '兰考县新华街296号', '组织文化艺术交流活动；会议及展览服务；广告制作、发布。',
  '03', '2026-11-16 09:20:00', '0', 'lankao');
INSERT INTO up_pro_material (row_guid, project_no, material_name, get_type, get_name, remark, data_source,
  cd_operation, cd_time)
VALUES ('lk1m1', '410225261116000001', '公司登记（备案）申请书', '1', '1', '', 'lankao', 'I',
  '2026-11-16 09:20:00');
INSERT INTO up_pro_material (row_guid, project_no, material_name, get_type, get_name, remark, data_source,
  cd_operation, cd_time)
VALUES ('lk1m2', '410225261116000001', '公司章程', '1', '1', '', 'lankao', 'I', '2026-11-16 09:20:00');
INSERT INTO up_pro_material (row_guid, project_no, material_name, get_type, get_name, remark, data_source,
  cd_operation, cd_time)
VALUES ('lk1m3', '410225261116000001', '住所使用证明', '2', '1', '', 'lankao', 'I', '2026-11-16 09:20:00');
INSERT INTO up_pro_accept (row_guid, project_no, accept_date, accept_doc_no, promise_date, handle_user_name,
  org_code, org_name, data_source, cd_operation, cd_time)
VALUES ('lk1u', '410225261116000001', '2026-11-16 10:00:00', '兰审受字〔2026〕000001号', '2026-11-23',
  '兰考审批吴', '11410225MB0000000H', '兰考县行政审批局（演示）', 'lankao', 'U', '2026-11-16 10:00:00');
INSERT INTO up_pro_process (row_guid, project_no, process_name, event_name, event_start_time, event_end_time,
  handle_explain, handle_user_name, data_source, cd_operation, cd_time)
VALUES ('lk1p', '410225261116000001', '初审', '60', '2026-11-16 10:00:00', '2026-11-16 10:40:00',
  '材料齐全，符合要求。', '兰考审批吴', 'lankao', 'I', '2026-11-16 10:40:00');
INSERT INTO ext_decision (row_guid, project_no, decision_no, reason, relief, approve_user_name, approve_user_no,
  establish_date)
VALUES ('lk1j', '410225261116000001', '兰审决字〔2026〕000001号', '', '', '兰考批准郑', 'LK0007', '2026-11-16');
INSERT INTO up_pro_result (row_guid, project_no, result_type, result_date, result_explain, result_cetr_name,
  result_cetr_no, is_delivery_results, data_source, cd_operation, cd_time)
VALUES ('lk1r', '410225261116000001', '10', '2026-11-16 11:00:00',
  '兰考县杂技恒通文化传播有限公司设立登记准予许可', '营业执照', '91410225MA0000015P', '0', 'lankao', 'I',
  '2026-11-16 11:00:00');
INSERT INTO up_lic_data (row_guid, certificate_source_id, certificate_name, certificate_number, certificate_type,
  certificate_type_code, certificate_holder, certificate_holder_code, certificate_holder_type, issue_dept,
  issue_dept_code, issue_date, certificate_area_code, data_source, cd_operation, cd_time)
VALUES ('lk1l', '1.2.156.3005.2.11100000MB0143028R001.11410225MB0000000H.000000001.001.2', '营业执照',
  '91410225MA0000015P', '营业执照', '11100000MB0143028R001', '兰考县杂技恒通文化传播有限公司',
  '91410225MA0000015P', '001', '兰考县行政审批局（演示）', '11410225MB0000000H', '2026-11-16', '410225', 'lankao',
  'I', '2026-11-16 11:05:00');
INSERT INTO ext_delivery (row_guid, project_no, area_code, certificate_source_id, delivery_time, delivery_type,
  receiver, express_no, handle_user_name, data_source, cd_time)
VALUES ('lk1s', '410225261116000001', '410225',
  '1.2.156.3005.2.11100000MB0143028R001.11410225MB0000000H.000000001.001.2', '2026-11-16 15:00:00', '1', '褚丽华',
  '', '兰考窗口周', 'lankao', '2026-11-16 15:00:00');

-- 410225261117000002
INSERT INTO up_pro_accept (row_guid, project_no, project_name, catalog_code, task_code, task_name, task_version,
  project_type, apply_type, applyer_name, applyer_type, applyer_page_type, applyer_page_code, legal, contact_name,
  contact_type, contact_code, contact_mobile, address, zip_code, org_code, org_name, handle_user_name, apply_date,
  data_source, cd_operation, cd_time)
VALUES ('lk2a', '410225261117000002', '兰考县普救恒通商贸有限公司设立登记', '000131127004',
  '11410225MB0000000H4000131127004', '公司登记注册', '1', '2', '1', '郪秀英', '1', '111', '410225198905131234',
  '郪秀英', '郪秀英', '111', '410225198905131234', '19978887228', '兰考县电机大街185号', '475300',
  '11410225MB0000000H', '兰考县行政审批局（演示）', '兰考窗口周', '2026-11-17 09:05:00', 'lankao', 'I',
  '2026-11-17 09:20:00');
INSERT INTO ext_form (row_guid, project_no, ent_name, ent_type, legal_name, legal_card_no, reg_capital,
  ent_address, biz_scope, window_no, receive_time, is_test, data_source)
VALUES ('lk2f', '410225261117000002', '兰考县普救恒通商贸有限公司', '有限责任公司（自然人独资）', '郪秀英',
  '410225198905131234', '50万元', '兰考县电机大街185号',
  '日用百货、五金产品、办公用品零售；互联网销售（除销售需要许可的商品）。', '03', '2026-11-17 09:20:00', '0',
  'lankao');
INSERT INTO up_pro_material (row_guid, project_no, material_name, get_type, get_name, remark, data_source,
  cd_operation, cd_time)
VALUES ('lk2m1', '410225261117000002', '公司登记（备案）申请书', '1', '1', '', 'lankao', 'I',
  '2026-11-17 09:20:00');
INSERT INTO up_pro_material (row_guid, project_no, material_name, get_type, get_name, remark, data_source,
  cd_operation, cd_time)
VALUES ('lk2m2', '410225261117000002', '公司章程', '1', '1', '', 'lankao', 'I', '2026-11-17 09:20:00');
INSERT INTO up_pro_material (row_guid, project_no, material_name, get_type, get_name, remark, data_source,
  cd_operation, cd_time)
VALUES ('lk2m3', '410225261117000002', '住所使用证明', '2', '1', '', 'lankao', 'I', '2026-11-17 09:20:00');
INSERT INTO up_pro_accept (row_guid, project_no, accept_date, accept_doc_no, promise_date, handle_user_name,
  org_code, org_name, data_source, cd_operation, cd_time)
VALUES ('lk2u', '410225261117000002', '2026-11-17 10:00:00', '兰审受字〔2026〕000002号', '2026-11-23',
  '兰考审批吴', '11410225MB0000000H', '兰考县行政审批局（演示）', 'lankao', 'U', '2026-11-17 10:00:00');
INSERT INTO up_pro_process (row_guid, project_no, process_name, event_name, event_start_time, event_end_time,
  handle_explain, handle_user_name, data_source, cd_operation, cd_time)
VALUES ('lk2p', '410225261117000002', '初审', '60', '2026-11-17 10:00:00', '2026-11-17 10:40:00',
  '材料齐全，符合要求。', '兰考审批吴', 'lankao', 'I', '2026-11-17 10:40:00');
INSERT INTO ext_decision (row_guid, project_no, decision_no, reason, relief, approve_user_name, approve_user_no,
  establish_date)
VALUES ('lk2j', '410225261117000002', '兰审决字〔2026〕000002号', '', '', '兰考批准郑', 'LK0007', '2026-11-17');
INSERT INTO up_pro_result (row_guid, project_no, result_type, result_date, result_explain, result_cetr_name,
  result_cetr_no, is_delivery_results, data_source, cd_operation, cd_time)
VALUES ('lk2r', '410225261117000002', '10', '2026-11-17 11:00:00', '兰考县普救恒通商贸有限公司设立登记准予许可',
  '营业执照', '91410225MA0000023J', '0', 'lankao', 'I', '2026-11-17 11:00:00');
INSERT INTO up_lic_data (row_guid, certificate_source_id, certificate_name, certificate_number, certificate_type,
  certificate_type_code, certificate_holder, certificate_holder_code, certificate_holder_type, issue_dept,
  issue_dept_code, issue_date, certificate_area_code, data_source, cd_operation, cd_time)
VALUES ('lk2l', '1.2.156.3005.2.11100000MB0143028R001.11410225MB0000000H.000000002.001.N', '营业执照',
  '91410225MA0000023J', '营业执照', '11100000MB0143028R001', '兰考县普救恒通商贸有限公司', '91410225MA0000023J',
  '001', '兰考县行政审批局（演示）', '11410225MB0000000H', '2026-11-17', '410225', 'lankao', 'I',
  '2026-11-17 11:05:00');
INSERT INTO ext_delivery (row_guid, project_no, area_code, certificate_source_id, delivery_time, delivery_type,
  receiver, express_no, handle_user_name, data_source, cd_time)
VALUES ('lk2s', '410225261117000002', '410225',
  '1.2.156.3005.2.11100000MB0143028R001.11410225MB0000000H.000000002.001.N', '2026-11-17 15:00:00', '1', '郪秀英',
  '', '兰考窗口周', 'lankao', '2026-11-17 15:00:00');

-- 410225261118000003
INSERT INTO up_pro_accept (row_guid, project_no, project_name, catalog_code, task_code, task_name, task_version,
  project_type, apply_type, applyer_name, applyer_type, applyer_page_type, applyer_page_code, legal, contact_name,
  contact_type, contact_code, contact_mobile, address, zip_code, org_code, org_name, handle_user_name, apply_date,
  data_source, cd_operation, cd_time)
VALUES ('lk3a', '410225261118000003', '兰考县普救𠮷祥商贸有限公司设立登记', '000131127004',
  '11410225MB0000000H4000131127004', '公司登记注册', '1', '2', '1', '蒋明', '1', '111', '410225197307091100',
  '蒋明', '蒋明', '111', '410225197307091100', '19989611700', '兰考县黄河大道118号', '475300',
  '11410225MB0000000H', '兰考县行政审批局（演示）', '兰考窗口周', '2026-11-18 09:05:00', 'lankao', 'I',
  '2026-11-18 09:20:00');
INSERT INTO ext_form (row_guid, project_no, ent_name, ent_type, legal_name, legal_card_no, reg_capital,
  ent_address, biz_scope, window_no, receive_time, is_test, data_source)
VALUES ('lk3f', '410225261118000003', '兰考县普救𠮷祥商贸有限公司', '有限责任公司（自然人独资）', '蒋明',
  '410225197307091100', '200万元', '兰考县黄河大道118号',
  '日用百货、五金产品、办公用品零售；互联网销售（除销售需要许可的商品）。', '03', '2026-11-18 09:20:00', '0',
  'lankao');
INSERT INTO up_pro_material (row_guid, project_no, material_name, get_type, get_name, remark, data_source,
  cd_operation, cd_time)
VALUES ('lk3m1', '410225261118000003', '公司登记（备案）申请书', '1', '1', '', 'lankao', 'I',
  '2026-11-18 09:20:00');
INSERT INTO up_pro_material (row_guid, project_no, material_name, get_type, get_name, remark, data_source,
  cd_operation, cd_time)
VALUES ('lk3m3', '410225261118000003', '住所使用证明', '2', '1', '', 'lankao', 'I', '2026-11-18 09:20:00');
INSERT INTO up_pro_accept (row_guid, project_no, accept_date, accept_doc_no, promise_date, handle_user_name,
  org_code, org_name, data_source, cd_operation, cd_time)
VALUES ('lk3u', '410225261118000003', '2026-11-18 10:00:00', '兰审受字〔2026〕000003号', '2026-11-23',
  '兰考审批吴', '11410225MB0000000H', '兰考县行政审批局（演示）', 'lankao', 'U', '2026-11-18 10:00:00');
INSERT INTO up_pro_process (row_guid, project_no, process_name, event_name, event_start_time, event_end_time,
  handle_explain, handle_user_name, data_source, cd_operation, cd_time)
VALUES ('lk3p', '410225261118000003', '初审', '60', '2026-11-18 10:00:00', '2026-11-18 10:40:00', '缺少公司章程。',
  '兰考审批吴', 'lankao', 'I', '2026-11-18 10:40:00');
INSERT INTO ext_decision (row_guid, project_no, decision_no, reason, relief, approve_user_name, approve_user_no)
VALUES ('lk3j', '410225261118000003', '兰审决字〔2026〕000003号', '申请材料缺少公司章程。',
  '可在收到决定之日起六十日内申请行政复议。', '兰考批准郑', 'LK0007');
INSERT INTO up_pro_result (row_guid, project_no, result_type, result_date, result_explain, result_cetr_name,
  result_cetr_no, is_delivery_results, data_source, cd_operation, cd_time)
VALUES ('lk3r', '410225261118000003', '20', '2026-11-18 11:00:00', '兰考县普救𠮷祥商贸有限公司设立登记不予许可',
  '', '', '0', 'lankao', 'I', '2026-11-18 11:00:00');

-- 410225261119000004
INSERT INTO up_pro_accept (row_guid, project_no, project_name, catalog_code, task_code, task_name, task_version,
  project_type, apply_type, applyer_name, applyer_type, applyer_page_type, applyer_page_code, legal, contact_name,
  contact_type, contact_code, contact_mobile, address, zip_code, org_code, org_name, handle_user_name, apply_date,
  data_source, cd_operation, cd_time)
VALUES ('lk4a', '410225261119000004', '兰考县普救杂技机械配件有限公司设立登记', '000131127004',
  '11410225MB0000000H4000131127004', '公司登记注册', '1', '2', '1', '孙明', '1', '111', '410225196012200803',
  '孙明', '孙明', '111', '410225196012200803', '19961527719', '兰考县长江路15号', '475300', '11410225MB0000000H',
  '兰考县行政审批局（演示）', '兰考窗口周', '2026-11-19 09:05:00', 'lankao', 'I', '2026-11-19 09:20:00');
INSERT INTO ext_form (row_guid, project_no, ent_name, ent_type, legal_name, legal_card_no, reg_capital,
  ent_address, biz_scope, window_no, receive_time, is_test, data_source)
VALUES ('lk4f', '410225261119000004', '兰考县普救杂技机械配件有限公司', '有限责任公司（自然人独资）', '孙明',
  '410225196012200803', '100万元', '兰考县长江路15号', '机械零部件加工、销售；金属制品修理。', '03',
  '2026-11-19 09:20:00', '0', 'lankao');
INSERT INTO up_pro_material (row_guid, project_no, material_name, get_type, get_name, remark, data_source,
  cd_operation, cd_time)
VALUES ('lk4m1', '410225261119000004', '公司登记（备案）申请书', '1', '1', '', 'lankao', 'I',
  '2026-11-19 09:20:00');
INSERT INTO up_pro_material (row_guid, project_no, material_name, get_type, get_name, remark, data_source,
  cd_operation, cd_time)
VALUES ('lk4m3', '410225261119000004', '住所使用证明', '2', '1', '', 'lankao', 'I', '2026-11-19 09:20:00');
INSERT INTO ext_document (row_guid, project_no, doc_type, doc_no, doc_time, limit_date, handle_user_name,
  data_source, cd_time)
VALUES ('lk4d', '410225261119000004', '40', '兰审补字〔2026〕000001号', '2026-11-19 10:10:00', '2026-12-04',
  '兰考审批吴', 'lankao', '2026-11-19 10:10:00');
INSERT INTO ext_defect (row_guid, doc_no, material_code, material_name, problem, remedy)
VALUES ('lk4e', '兰审补字〔2026〕000001号', '02', '公司章程', '没有提交。', '请提交全体股东签署的公司章程。');

-- 410225261120000005
INSERT INTO up_pro_accept (row_guid, project_no, project_name, catalog_code, task_code, task_name, task_version,
  project_type, apply_type, applyer_name, applyer_type, applyer_page_type, applyer_page_code, legal, contact_name,
  contact_type, contact_code, contact_mobile, address, zip_code, org_code, org_name, handle_user_name, apply_date,
  data_source, cd_operation, cd_time)
VALUES ('lk5a', '410225261120000005', '兰考县㐂悦䶮泰农业科技有限公司设立登记', '000131127004',
  '11410225MB0000000H4000131127004', '公司登记注册', '1', '2', '1', '赵一诺', '1', '111', '410225199906284755',
  '赵一诺', '赵一诺', '111', '410225199906284755', '19943200726', '兰考县新华街56号', '475300',
  '11410225MB0000000H', '兰考县行政审批局（演示）', '兰考窗口周', '2026-11-20 09:05:00', 'lankao', 'I',
  '2026-11-20 09:20:00');
INSERT INTO ext_form (row_guid, project_no, ent_name, ent_type, legal_name, legal_card_no, reg_capital,
  ent_address, biz_scope, window_no, receive_time, is_test, data_source)
VALUES ('lk5f', '410225261120000005', '兰考县㐂悦䶮泰农业科技有限公司', '有限责任公司（自然人独资）', '赵一诺',
  '410225199906284755', '10万元', '兰考县新华街56号',
  '农业技术开发、技术咨询；新鲜水果、蔬菜零售（含“沙地”苹果）。', '03', '2026-11-20 09:20:00', '0', 'lankao');
INSERT INTO up_pro_material (row_guid, project_no, material_name, get_type, get_name, remark, data_source,
  cd_operation, cd_time)
VALUES ('lk5m1', '410225261120000005', '公司登记（备案）申请书', '1', '1', '', 'lankao', 'I',
  '2026-11-20 09:20:00');
INSERT INTO up_pro_material (row_guid, project_no, material_name, get_type, get_name, remark, data_source,
  cd_operation, cd_time)
VALUES ('lk5m2', '410225261120000005', '公司章程', '1', '1', '', 'lankao', 'I', '2026-11-20 09:20:00');
INSERT INTO up_pro_material (row_guid, project_no, material_name, get_type, get_name, remark, data_source,
  cd_operation, cd_time)
VALUES ('lk5m3', '410225261120000005', '住所使用证明', '2', '1', '', 'lankao', 'I', '2026-11-20 09:20:00');
