"""An upload goes into one private file, by pieces and up to its limit, and nothing of it stays."""

import asyncio
import stat
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import Request

from pages.uploads import receiving
from pages.uploads.receiving import Shelf
from schemas.errors import YunhuobanError
from tests.hostile import refusal

SECRET = b"SECRET-OF-A-STRANGER-" * 20_000
BOUND = "x9"


def form(content: bytes, field: str = "file", end: bool = True) -> bytes:
    """A form with a small field and one file."""
    head = f'--{BOUND}\r\nContent-Disposition: form-data; name="note"\r\n\r\nhello\r\n--{BOUND}\r\n'
    head += f'Content-Disposition: form-data; name="{field}"; filename="../../a.svg"\r\nContent-Type: text/html\r\n\r\n'
    return head.encode() + content + (f"\r\n--{BOUND}--\r\n".encode() if end else b"")


def request(body: bytes, *, kind: str = f"multipart/form-data; boundary={BOUND}", stated: bool = True) -> Request:
    """As it comes from the server, in pieces of a kilobyte."""
    pieces = [body[at : at + 1024] for at in range(0, len(body), 1024)] or [b""]

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": pieces.pop(0), "more_body": bool(pieces)}

    headers = [(b"content-type", kind.encode())]
    if stated:
        headers.append((b"content-length", str(len(body)).encode()))
    return Request({"type": "http", "method": "POST", "path": "/", "headers": headers, "query_string": b""}, receive)


def received(shelf: Shelf, body: bytes, most_bytes: int = 1_000_000, **how: Any) -> tuple[bytes, list[tuple[int, int]]]:
    """The content, and mode and size of each file in the folder while it was there."""

    async def take() -> tuple[bytes, list[tuple[int, int]]]:
        async with shelf.receive(request(body, **how), most_bytes=most_bytes) as file:
            seen = [(stat.S_IMODE(each.stat().st_mode), each.stat().st_size) for each in shelf.folder.iterdir()]
            return file.read(), seen

    return asyncio.run(take())


def test_an_upload_lies_in_a_private_file_and_is_gone_afterwards(tmp_path, monkeypatch):
    """Mode 0600 in a folder 0700; overwritten before it is removed; nothing elsewhere in the system's own folder."""
    elsewhere = tmp_path / "tmp"
    elsewhere.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(elsewhere))
    overwritten: list[bytes] = []
    unlink = Path.unlink
    monkeypatch.setattr(Path, "unlink", lambda file: (overwritten.append(file.read_bytes()), unlink(file)))
    shelf = Shelf(tmp_path / "uploads")
    content, seen = received(shelf, form(SECRET))
    assert content == SECRET
    assert seen == [(0o600, len(SECRET))]
    assert stat.S_IMODE(shelf.folder.stat().st_mode) == 0o700
    assert overwritten == [bytes(len(SECRET))]
    assert list(shelf.folder.iterdir()) == []
    assert list(elsewhere.iterdir()) == []


def test_what_a_killed_process_left_is_wiped(tmp_path):
    """The next one begins with an empty folder."""
    (tmp_path / "upload-left").write_bytes(SECRET)
    (tmp_path / "other").write_bytes(b"")
    Shelf(tmp_path)
    assert [each.name for each in tmp_path.iterdir()] == ["other"]


@pytest.mark.parametrize(
    ("body", "how", "code"),
    [
        (form(SECRET), {"most_bytes": 1000}, "E-PAGE-129"),
        (form(SECRET), {"most_bytes": 1000, "stated": False}, "E-PAGE-129"),
        (form(SECRET, field="other"), {"stated": False}, "E-PAGE-129"),
        (form(b""), {}, "E-PAGE-130"),
        (form(b"x", field="other"), {}, "E-PAGE-130"),
        (b"", {"kind": "application/pdf"}, "E-PAGE-130"),
        (form(b"x", end=False), {}, "E-PAGE-131"),
        (b"no form at all", {}, "E-PAGE-131"),
    ],
)
def test_what_is_not_taken_leaves_nothing(tmp_path, body, how, code):
    """Too large, whether it says so or not; nothing chosen; broken off: refused, and the folder is empty."""
    shelf = Shelf(tmp_path)
    error = refusal(lambda: received(shelf, body, **how))
    assert error is not None
    assert error.code.code == code
    assert list(tmp_path.iterdir()) == []


def test_work_that_fails_wipes_all_the_same(tmp_path):
    """Whatever happens while the file is looked at."""
    shelf = Shelf(tmp_path)

    async def fail() -> AsyncIterator[None]:
        async with shelf.receive(request(form(SECRET)), most_bytes=1_000_000):
            raise YunhuobanError(receiving.UPLOAD_BROKEN)

    with pytest.raises(YunhuobanError):
        asyncio.run(fail())  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == []
