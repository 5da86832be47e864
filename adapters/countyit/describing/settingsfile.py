"""The `county.toml` that a county begins with: what is known is written, what only its people know is 待填."""

import json
from pathlib import Path
from typing import Final

from adapters.settings import UNFILLED
from schemas.divisions import register
from schemas.divisions.register import Division

NAME: Final = "county.toml"


def begin(county: Division, location: str) -> str:
    """The file's text; `location` is the local system as it was typed, made independent of where it was typed."""
    place = _quoted(location if "://" in location else str(Path(location).resolve()))
    return f"""# {register.full_name(county)}（{county.code}）县节点的设置。“{UNFILLED}”处都填好，再运行 adapter join。
# 字段映射在同一文件夹的 mapping.toml；本文件可能含数据库口令，只有本账户能读。
division_code = "{county.code}"
name = {_quoted(county.name)}
local_read = {place}    # 从哪里读本地系统，只读账户就够
local_write = {place}   # 往哪里写：外县来的办件、办理状态、证照
contact = "{UNFILLED}"        # 联系人或科室，出了问题中枢找谁
telephone = "{UNFILLED}"
# page_port = 28090     # 窗口打印页的端口

# 审批机关：都要填（只收件的县也要）；本县发证时印在证照上
[authority]
name = "{UNFILLED}"
code = "{UNFILLED}"           # 统一社会信用代码，18 位

# 各事项发哪种证照，每项一段；一段都不写的，按企业类型发营业执照（可用的见 adapter template list）
# [[authority.licenses]]
# service_item = "{UNFILLED}" # 实施编码，31 位
# license = "business-license"

# 本县愿意为外县受理的事项，每项一段；只收件、不发证的县可以没有
# [[offers]]
# service_item = "{UNFILLED}" # 实施编码，31 位
# name = "{UNFILLED}"

# 大厅和打印机
[station]
hall = "{county.code}-01"
station = "{county.code}-01-1"
# printer_url = "ipp://打印机地址/ipp/print"
# stock_ready = "specimen-a4"  # 打印机里装的纸

# [hub] 一节由 adapter join 写入
"""


def _quoted(value: str) -> str:
    """JSON's strings are TOML's, too."""
    return json.dumps(value, ensure_ascii=False)
