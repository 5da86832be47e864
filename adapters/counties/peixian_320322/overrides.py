"""沛县自己的函数 / functions of this county's own."""  # noqa: INP001 -- a county's file, loaded by path

# 写入时每一行的 rowguid 由表名和 key 算出；mapping.toml 里 audit_project 那一行的 key 就是跨省办件编号。
# 材料、企业信息靠 projectguid 连到办件，所以这里算出同一个值。改了 audit_project 的 key，这里要一起改。

import hashlib


def project_guid(value: object) -> str:
    """办件的 rowguid，由跨省办件编号算出 / the case's row, from its number."""
    return hashlib.sha256(f"audit_project\0{value}".encode()).hexdigest()[:32]


FUNCTIONS = {"peixian_project_guid": project_guid}
