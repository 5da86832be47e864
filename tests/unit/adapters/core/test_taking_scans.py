"""Scans are hostile until they were looked at, lie sealed, and are shown as pictures to whoever may look."""

import io
import re

import pytest
from PIL import Image
from sqlalchemy import select

from adapters.attachments.tables import parts
from adapters.hall.revealing.tables import reveals
from adapters.hall.taking import scans as scan_book
from adapters.hall.taking.tables import scans
from tests.county_world import World
from tests.taking_world import CLERK, PDF, WHOLE, Counter, publish, told_at

PLACE = "/take/drafts/{}/scans/SQB"
PAGE_ONLY = PDF.replace(b"/Count 2", b"/Count 0").replace(b"[3 0 R 4 0 R]", b"[]")


@pytest.fixture
def counter(world: World) -> Counter:
    """A window whose node has the catalogue."""
    publish(world)
    return Counter(world=world)


def upload(counter: Counter, draft: str, data: bytes, name: str = "张三的申请书.pdf") -> str:
    """The answer to a file chosen for the item's material."""
    return counter.browser.post(PLACE.format(draft), files={"file": (name, data)}).text


def photograph() -> bytes:
    """A JPEG with a comment that is no part of the picture."""
    made = io.BytesIO()
    Image.new("RGB", (60, 40), "green").save(made, "JPEG", comment=b"taken in her kitchen")
    return made.getvalue()


def test_scans_are_taken_by_what_they_are_and_kept_sealed(counter, world):
    """A PDF once though sent twice; its digest goes into the note, its name nowhere; gone when removed."""
    draft = counter.begin()
    for _ in range(2):
        text = upload(counter, draft, PDF)
        assert "张三" not in text
        assert text.count("2 页") == 1
    ((scan_id, body),) = world.window.rows(select(parts.c.file_id, parts.c.ciphertext))
    assert PDF not in body
    counter.type(draft, {**WHOLE, "m.SQB.taken_as": "electronic"})
    assert counter.press(draft).headers["HX-Redirect"]
    said = counter.taker.taken_record(draft)[2]
    assert "扫描件" not in said["materials"][0]["note"]
    ((material, name, kind),) = [(each["material"], each["name"], each["media_type"]) for each in said["files"]]
    assert (material, name, kind) == (0, "公司登记申请书-1.pdf", "application/pdf")
    other = counter.begin()
    upload(counter, other, PDF)
    mine = {row[0] for row in world.window.rows(select(scans.c.scan_id))} - {scan_id}
    counter.browser.post(f"/take/drafts/{other}/scans/{mine.pop()}/remove")
    counter.type(other, {**WHOLE, "m.SQB.taken_as": "electronic"})
    assert "还没有文件" in told_at(counter.press(other).text, "m.SQB.taken_as")


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"MZ\x90\x00 evil", "E-PAGE-123"),
        pytest.param(b"<html><script>", "E-PAGE-123", marks=pytest.mark.long),
        pytest.param(photograph() + b"PK\x05\x06" + bytes(18), "E-PAGE-124", marks=pytest.mark.long),
        pytest.param(photograph()[:-200], "E-PAGE-126", marks=pytest.mark.long),
        (PAGE_ONLY, "E-TAKE-006"),
        pytest.param(PDF + bytes(11 << 20), "E-PAGE-129", marks=pytest.mark.long),
        pytest.param(PDF + bytes(31 << 20), "E-PAGE-090", marks=pytest.mark.long),
    ],
    ids=["program", "markup", "two in one", "half a picture", "no page", "large", "huge"],
)
def test_a_scan_that_is_refused_says_why_and_the_draft_stays(counter, world, data, code):
    """A code and what to do; nothing of the file is kept in the store or in the folder where it came in."""
    draft = counter.begin()
    counter.type(draft, {"applicant.name": "王小明"})
    assert code in upload(counter, draft, data)
    assert world.window.rows(select(scans.c.scan_id)) == []
    assert list((world.window.folder / "uploads").iterdir()) == []
    assert "王小明" in counter.get(f"/take/drafts/{draft}")


@pytest.mark.long
def test_an_application_has_so_many_scans(counter, monkeypatch):
    """What is beyond the limit of one application is refused and says the limit."""
    monkeypatch.setattr(scan_book, "MOST_FILES", 1)
    draft = counter.begin()
    upload(counter, draft, PDF)
    text = upload(counter, draft, photograph())
    assert "E-TAKE-005" in text
    assert "最多 1 个" in text


@pytest.mark.long
def test_a_clerk_looks_at_pictures_and_never_at_the_file(counter, world):
    """Each page drawn here, a photograph without what was hidden in it; nobody else's draft, no page that is not."""
    draft = counter.begin()
    upload(counter, draft, photograph())
    world.later(seconds=1)
    upload(counter, draft, PDF)
    places = re.findall(rf'href="(/take/drafts/{draft}/scans/[^"]+)"', counter.get(f"/take/drafts/{draft}"))
    assert len(places) == 2
    for place, pages in zip(places, (1, 2), strict=True):
        assert f"共 {pages} 页" in counter.get(place)
        answer = counter.browser.get(f"{place}/{pages}.png")
        assert answer.headers["content-type"] == "image/png"
        assert answer.headers["cache-control"] == "no-store"
        assert answer.content.startswith(b"\x89PNG")
        assert b"kitchen" not in answer.content
        assert "E-PAGE-005" in counter.browser.get(f"{place}/{pages + 1}.png").text
    other = counter.sat_down(type(CLERK)(account="wang", name="王", roles=CLERK.roles))
    assert "E-TAKE-001" in other.get(places[0]).text
    assert "E-TAKE-001" in other.get(f"{places[0]}/1.png").text


def test_of_a_taken_application_scans_are_shown_for_a_purpose_and_for_a_while(counter, world):
    """The list needs none and names nobody; each look is a row in the book, and it ends."""
    draft = counter.begin()
    upload(counter, draft, PDF)
    counter.type(draft, WHOLE)
    counter.press(draft)
    ((scan_id,),) = world.window.rows(select(scans.c.scan_id))
    place = f"/take/cases/{draft}/scans/{scan_id}"
    listed = counter.get(f"/take/cases/{draft}")
    assert "2 页" in listed
    assert place not in listed
    assert "E-LOOK-001" in counter.browser.get(place).text
    assert "E-LOOK-001" in counter.browser.get(f"{place}/1.png").text
    assert "E-LOOK-001" in counter.browser.post(f"/take/cases/{draft}/looks", data={"purpose": "curiosity"}).text
    assert "HX-Refresh" in counter.browser.post(f"/take/cases/{draft}/looks", data={"purpose": "examine"}).headers
    assert place in counter.get(f"/take/cases/{draft}")
    assert "共 2 页" in counter.get(place)
    assert counter.browser.get(f"{place}/2.png").content.startswith(b"\x89PNG")
    ((account, what, purpose),) = world.window.rows(select(reveals.c.account, reveals.c.what, reveals.c.purpose))
    assert (account, what, purpose) == (CLERK.account, "scans", "examine")
    other = counter.sat_down(type(CLERK)(account="wang", name="王", roles=CLERK.roles))
    assert "E-LOOK-001" in other.get(place).text
    world.later(minutes=11)
    assert "E-LOOK-001" in counter.browser.get(f"{place}/1.png").text
