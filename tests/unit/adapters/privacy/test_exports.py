"""What leaves the pages: two persons with two roles, one file with a watermark, taken once, then wiped and known."""

import hashlib
import io
import subprocess

import openpyxl
import pytest
from sqlalchemy import select

from adapters.hall.privacy.exporting.desk import ExportDesk
from adapters.hall.privacy.tables import exports
from adapters.settings import RetentionSettings
from pages.people.person import Person, of_machine
from schemas.errors import YunhuobanError
from tests.county_records import COMPANY, IDENTITY_NO, NAME
from tests.county_world import World
from tests.privacy_world import AUDITOR, CLERK, IT, SECOND_IT, Pages, begin, exports_of, said

MARK = ("EX-000001", "申请 it01", "批准 a01", "目的 本人查询自己的信息", "吴桥县")


def asked(desk: ExportDesk, person: Person = IT, form: str = "xlsx") -> int:
    """A request for everything about the person."""
    return desk.ask(kind="subject", form=form, purpose="subject", about=IDENTITY_NO, person=person)


def test_a_search_becomes_a_file_by_two_persons_at_the_pages(world: World) -> None:
    """County IT asks, the auditor approves, county IT takes it, once; the line with the digest stays, the bytes go."""
    begin(world)
    pages = Pages(world)
    with pages.browser(IT) as browser:
        found = browser.post("/subject", data={"number": IDENTITY_NO, "purpose": "subject"})
        listed = browser.post("/exports", data={**said(found.text), "form": "xlsx"})
        assert (listed.status_code, listed.url.path) == (200, "/exports")
        assert "/exports/1/approve" not in listed.text
        assert "E-EXPORT-002" in browser.post("/exports/1/approve").text
        assert "E-EXPORT-003" in browser.post("/exports/1/file").text
    with pages.browser(CLERK) as browser:
        assert "E-PAGE-060" in browser.post("/exports/1/file").text
        assert "E-PAGE-060" in browser.get("/exports").text
    with pages.browser(AUDITOR) as browser:
        assert "/exports/1/approve" in browser.get("/exports").text
        assert "可以领取" in browser.post("/exports/1/approve").text
        assert "E-EXPORT-004" in browser.post("/exports/1/file").text
    with pages.browser(IT) as browser:
        file = browser.post("/exports/1/file")
        assert file.headers["content-disposition"] == 'attachment; filename="EX-000001.xlsx"'
        assert "E-EXPORT-003" in browser.post("/exports/1/file").text
        assert [word for word in (NAME, IDENTITY_NO) if word in browser.get("/exports").text] == []
    book = openpyxl.load_workbook(io.BytesIO(file.content))
    for sheet in book.worksheets:
        assert all(word in str(sheet["A1"].value) for word in MARK)
        assert all(word in str(sheet.oddHeader.center.text) for word in MARK)
    values = {str(cell) for sheet in book.worksheets for row in sheet.iter_rows(values_only=True) for cell in row}
    assert {NAME, IDENTITY_NO, COMPANY} <= values
    with world.window.store.read() as tx:
        row = tx.execute(select(exports)).one()
    assert (row.state, row.sha256, row.size_bytes) == (
        "taken",
        hashlib.sha256(file.content).digest(),
        len(file.content),
    )
    assert (row.file_sealed, row.about_sealed) == (None, None)


@pytest.mark.long  # that a PDF is drawn and given out: test_nothing_left
def test_on_paper_every_page_says_who_and_why(world: World, tmp_path) -> None:
    """The PDF has the line at the foot of every page, and behind its text."""
    begin(world)
    desk = exports_of(world)
    number = asked(desk, form="pdf")
    desk.approve(number, person=AUDITOR)
    _export, data = desk.take(number, person=IT)
    (tmp_path / "export.pdf").write_bytes(data)
    text = subprocess.run(
        ["pdftotext", "-layout", tmp_path / "export.pdf", "-"], capture_output=True, text=True, check=True
    )
    pages = text.stdout.rstrip("\f").split("\f")
    assert len(pages) > 1
    for page in pages:
        assert all(word in page.rstrip().rpartition("\n")[2] for word in MARK)
    assert IDENTITY_NO in text.stdout


def test_who_may_decide(world: World) -> None:
    """Nobody the own request, nobody with the same role, nobody twice, nobody without an account, nobody too late."""
    desk = exports_of(world)
    with pytest.raises(YunhuobanError, match="E-EXPORT-001"):
        desk.ask(kind="looks", form="pdf", purpose="audit", about="", person=of_machine(IT.roles))
    for wrong in ({"kind": "x"}, {"form": "docx"}, {"purpose": "contact"}, {"about": IDENTITY_NO}):
        with pytest.raises(YunhuobanError, match="E-EXPORT-005"):
            desk.ask(**({"kind": "looks", "form": "pdf", "purpose": "audit", "about": "", "person": IT} | wrong))  # type: ignore[arg-type]
    number = asked(desk)
    for person, code in (
        (IT, "E-EXPORT-002"),
        (SECOND_IT, "E-EXPORT-002"),
        (of_machine(AUDITOR.roles), "E-EXPORT-001"),
    ):
        for decide in (desk.approve, desk.decline):
            with pytest.raises(YunhuobanError, match=code):
                decide(number, person=person)
    desk.decline(number, person=AUDITOR)
    for act in (desk.approve, desk.decline):
        with pytest.raises(YunhuobanError, match="E-EXPORT-003"):
            act(number, person=AUDITOR)
    late = asked(desk, AUDITOR)
    world.later(days=RetentionSettings().exports_days, seconds=1)
    with pytest.raises(YunhuobanError, match="E-EXPORT-003"):
        desk.approve(late, person=IT)
    with world.window.store.read() as tx:
        assert list(tx.execute(select(exports.c.about_sealed).where(exports.c.export_no == number)).scalars()) == [None]


def test_whole_lists_leave_the_same_way(world: World) -> None:
    """The book of looks, and the accounts with their names."""
    begin(world)
    desk = exports_of(world)
    for kind, word in (("looks", "核验身份"), ("accounts", NAME)):
        number = desk.ask(kind=kind, form="xlsx", purpose="audit", about="", person=AUDITOR)
        desk.approve(number, person=IT)
        _export, data = desk.take(number, person=AUDITOR)
        (sheet,) = openpyxl.load_workbook(io.BytesIO(data)).worksheets
        assert word in {str(cell) for row in sheet.iter_rows(values_only=True) for cell in row}
