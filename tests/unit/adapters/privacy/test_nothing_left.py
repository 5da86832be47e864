"""What was shown, handed in or given out leaves no file: neither in the county's folder nor in the temporary one."""

import tempfile
from pathlib import Path

import pytest
from fastapi import FastAPI, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.testclient import TestClient
from sqlalchemy import select

from adapters.hall.desk.preview import first_page_png
from adapters.hall.privacy.tables import exports
from pages.uploads.receiving import Shelf
from tests.county_records import IDENTITY_NO, NAME
from tests.county_world import World
from tests.privacy_world import AUDITOR, IT, begin, exports_of


def files(*folders: Path) -> set[Path]:
    """Every file there is now."""
    return {each for folder in folders for each in folder.rglob("*") if each.is_file()}


def test_preview_upload_and_export_leave_no_file(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file of somebody is made, given out, drawn and handed in; afterwards nothing of it lies anywhere."""
    temporary, shelf = tmp_path / "temporary", Shelf(tmp_path / "uploads")
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    begin(world)
    desk = exports_of(world)
    before = files(world.folder)
    for form in ("xlsx", "pdf"):
        number = desk.ask(kind="subject", form=form, purpose="subject", about=IDENTITY_NO, person=IT)
        desk.approve(number, person=AUDITOR)
        _export, data = desk.take(number, person=IT)

    app = FastAPI()

    @app.post("/")
    async def looked_at(request: Request) -> Response:
        async with shelf.receive(request, most_bytes=10**7) as file:
            return Response(await run_in_threadpool(first_page_png, file.read()))

    with TestClient(app) as client:
        assert client.post("/", files={"file": (f"{NAME}.pdf", data)}).content.startswith(b"\x89PNG")
    world.window.store.clear_deleted()
    left = files(world.folder, temporary, shelf.folder)
    assert {each for each in left - before if each.parent != world.folder} == set()
    raw = b"".join(each.read_bytes() for each in left)
    assert [word for word in (NAME, IDENTITY_NO) for form in ("utf-8", "utf-16-le") if word.encode(form) in raw] == []
    with world.window.store.read() as tx:
        assert set(tx.execute(select(exports.c.state, exports.c.file_sealed, exports.c.about_sealed)).all()) == {
            ("taken", None, None)
        }
