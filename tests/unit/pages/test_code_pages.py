"""The page of a code: served by hub and county node alike, in both languages, offline; a notice leads to it."""

import re
from collections.abc import Iterator

import httpx
import pytest

from pages.access import LANGUAGE_COOKIE, Access
from pages.frame import Frame
from pages.serving import Serving
from schemas import errors
from schemas.errors import YunhuobanError
from tests.people_browser import NO_AUTHORITIES

PRINTER_AWAY = errors.declare("E-PAGE-903", "联系不上打印机甲。", "请看打印机甲的电源。")


@pytest.fixture(scope="module")
def client() -> Iterator[httpx.Client]:
    """Whoever opened the printed address of an application that has one page of its own, which fails."""
    access = Access()
    app = Frame(name="甲", access=access, packages=[]).application()

    @app.get("/broken")
    def broken() -> None:
        raise YunhuobanError(PRINTER_AWAY, place="ipp", found="130928198501010014", expected="就绪") from OSError(
            "张三"
        )

    with Serving(app) as serving:
        found = httpx.Client(
            verify=NO_AUTHORITIES,
            base_url=f"http://127.0.0.1:{serving.port}",
            trust_env=False,
            follow_redirects=True,
            timeout=60,
        )
        found.get(access.address(serving.port))
        yield found


def test_a_page_tells_the_three_parts(client):
    """What the clerk sees, what county IT sees with an example, what the log keeps, and the file that raises it."""
    page = client.get("/codes/E-MAP-012").text
    for words in (
        "不是真实的日期。",
        "窗口人员看到",
        "县信息中心看到",
        "月底",
        "日志留下",
        "adapters/local/mapping/functions/times.py",
    ):
        assert words in page
    client.cookies.set(LANGUAGE_COOKIE, "en")
    page = client.get("/codes/e-map-012").text
    for words in ("This is not a real date.", "The clerk sees", "The log keeps"):
        assert words in page
    client.cookies.delete(LANGUAGE_COOKIE)


def test_the_list_leads_to_every_page(client):
    """All codes of the whole system by area, those of the other side, too."""
    links = re.findall(r'href="(/codes/[^"]+)"', client.get("/codes").text)
    assert len(links) == len(set(links)) > 500
    assert {"/codes/E-ADM-041", "/codes/E-MAP-012"} <= set(links)


@pytest.mark.parametrize("code", ["E-MAP-999", "E-MAP", "%3Cscript%3E"])
def test_a_code_that_is_none_is_told(client, code):
    """404 with a sentence; what was typed is not repeated."""
    answer = client.get(f"/codes/{code}")
    assert answer.status_code == 404
    assert "E-PAGE-050" in answer.text
    assert "script&gt;" not in answer.text


def test_a_notice_is_for_the_clerk_first(client):
    """Sentence, remedy and the code as a link; place, found, expected and cause folded below, and no person in them."""
    page = client.get("/broken").text
    told, _, folded = page.partition("<details")
    assert "联系不上打印机甲。" in told
    assert "请看打印机甲的电源。" in told
    assert 'href="/codes/E-PAGE-903"' in told
    assert "ipp" not in told
    for words in ("ipp", "130928********0014", "就绪", "OSError"):
        assert words in folded
    assert "张三" not in page
