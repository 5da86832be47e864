"""`hub.toml` and `county.toml` from anybody's editor: settings, or one declared error."""

import tomllib
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from adapters.settings import CountySettings
from hub.settings import HubSettings
from tests.hostile import noise, refusal

pytestmark = pytest.mark.timeout(600)  # many examples with LONG=1

HUB = """
web_port = 28080
store_url = "postgresql+psycopg://hub@db.example/yunhuoban"
[broker]
private = false
host = "mq.example"
[worker]
batch_messages = 100
confirm_seconds = 5.0
"""
COUNTY = """
division_code = "130928"
name = "吴桥县"
mapping = "mapping"
local_read = "sqlite:///local.db"
local_write = "out"
[hub]
urls = ["localhost:5671"]
server_hostname = "localhost"
[authority]
name = "吴桥县行政审批局"
code = "11130928MB00000005"
[[offers]]
service_item = "11130928MB000000054000131127004"
name = "公司登记注册（设立）"
[station]
hall = "130928-01"
station = "130928-01-1"
printer_url = "ipp://localhost:631/ipp/print"
"""
# Any value that TOML can hold, under any key that we know or do not know.
KEYS = ("folder", "origin", "trial", "web_port", "store_url", "broker", "worker", "broker.host", "worker.prefetch", "x")
VALUES = (
    "1", "-1", "1e400", "nan", "99999999999999999999999", "true", '""', '"x"', "[]", "{}", "1979-05-27", "07:32:00",
    '"\\u0000"', "[[1], [2]]", "{ a = { b = 1 } }", "'''\n'''",
)  # fmt: skip
LINES = st.lists(st.tuples(st.sampled_from(KEYS), st.sampled_from(VALUES)), max_size=4).map(
    lambda pairs: "\n".join(f"{key} = {value}" for key, value in pairs).encode()
)


@pytest.mark.parametrize(
    ("kind", "name", "code"), [(HubSettings, "hub", "E-CONF-001"), (CountySettings, "county", "E-CONF-002")]
)
@given(data=noise([HUB.encode(), COUNTY.encode()]) | LINES)
@example(data=b"\xff\xfe")
@example(data=b"folder = 'elsewhere'")
@example(data=b"a = " + b"[" * 5000)
@example(data=b"a" + b".a" * 5000 + b" = 1")
@example(data=b"web_port = " + b"9" * 5000)
def test_any_bytes(tmp_path: Path, kind, name: str, code: str, data: bytes):
    """Whatever stands in the file, loading it gives settings or the one error that says what is wrong with it."""
    (tmp_path / f"{name}.toml").write_bytes(data)
    error = refusal(lambda: kind.load(tmp_path))
    assert error is None or error.code.code == code
    assert error is None or len(error.found + error.expected) < 500


def test_the_good_ones_are_good(tmp_path: Path):
    """What is damaged above can be loaded undamaged."""
    (tmp_path / "hub.toml").write_text(HUB)
    (tmp_path / "county.toml").write_text(COUNTY, encoding="utf-8")
    assert HubSettings.load(tmp_path).database == tomllib.loads(HUB)["store_url"]
    assert CountySettings.load(tmp_path).division_code == "130928"
