"""兰考县自己的函数 / functions of this county's own."""  # noqa: INP001 -- a county's file, loaded by path

# 31 位实施编码由三段组成（GB/T 39554.1）：实施主体的统一社会信用代码 18 位，层级 1 位，基本编码 12 位。
# 省级平台另要其中两段。


def catalog_code(value: object) -> str:
    """基本编码：末 12 位 / the basic code: the last 12."""
    return str(value)[19:31]


def org_code(value: object) -> str:
    """实施主体：前 18 位 / the body that decides: the first 18."""
    return str(value)[:18]


FUNCTIONS = {"lankao_catalog_code": catalog_code, "lankao_org_code": org_code}
