"""What a county's own system pushes: kept before it is answered, read once, taken from nobody else."""

import json
import socket
import sqlite3
import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import delete

from adapters.local.mapping.strict import Problems, Section
from adapters.local.sources.webhook.proof import signature
from adapters.local.sources.webhook.shelf import Shelf
from adapters.local.sources.webhook.source import WebhookSource
from adapters.local.sources.webhook.tables import pushed_bodies
from adapters.store import Store, open_store
from certs.atrest import AtRest
from schemas.errors import YunhuobanError
from tests.hall_interface import self_signed

NOW = datetime(2026, 11, 22, 4, tzinfo=UTC)
AT = str(int(NOW.timestamp()))
SECRET = "一个够长的共享秘密-0123"
KIND: dict[str, Any] = {"path": "/push/apply", "rows": "list", "key": ["no"], "columns": ["no", "名"]}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The node's own folder."""
    return tmp_path_factory.mktemp("node")


@pytest.fixture(scope="module")
def node(folder: Path) -> Iterator[tuple[Store, AtRest]]:
    """A node's own store and the keys it seals with."""
    opened = open_store(f"sqlite:///{folder / 'county.sqlite'}")
    yield opened, AtRest.create(folder / "storage")
    opened.close()


@pytest.fixture
def shelf(node: tuple[Store, AtRest]) -> Shelf:
    """Where pushes are kept, empty."""
    store, sealing = node
    with store.write() as tx:
        tx.execute(delete(pushed_bodies))
    return Shelf(store, sealing, lambda: NOW)


def secret_file(folder: Path, name: str, text: str) -> str:
    """A file that only we may read."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    path.chmod(0o600)
    return str(path)


def source(
    shelf: Shelf | None, access: dict[str, str], address: str = "http://127.0.0.1:0", **kinds: Any
) -> WebhookSource:
    """Open the door as `[source]` says."""
    said = {"type": "webhook", "access": access, "records": kinds or {"件": KIND}}
    section = Section(said, "source", Problems())
    opened = WebhookSource.from_settings(section, address, lambda: NOW, shelf)
    assert section.problems.found == []
    return opened


@pytest.fixture
def door(shelf: Shelf, tmp_path: Path) -> Iterator[WebhookSource]:
    """A door that wants signatures, open."""
    opened = source(shelf, {"secret_file": secret_file(tmp_path, "secret", SECRET + "\n")})
    opened.poll(None, 10)
    yield opened
    opened.close()


def rows(*numbers: object) -> bytes:
    """A body with these rows."""
    return json.dumps({"list": [{"no": str(each), "名": "𠮷"} for each in numbers]}, ensure_ascii=False).encode()


def push(door: WebhookSource, body: bytes, **changed: str) -> httpx.Response:
    """Push as the local system should, with some headers changed."""
    path = changed.pop("path", "/push/apply")
    headers = {"X-Yhb-Timestamp": AT, "X-Yhb-Signature": signature(SECRET.encode(), AT, "/push/apply", body)} | changed
    said = {name: value.encode() for name, value in headers.items()}
    return httpx.post(f"http://127.0.0.1:{door.port}{path}", content=body, headers=said, verify=False)


def keys(door: WebhookSource, cursor: str | None, limit: int = 10) -> tuple[list[str], str]:
    """One look."""
    batch = door.poll(cursor, limit)
    assert list(batch.failures) == []
    return [each.key for each in batch.records], batch.cursor


def codes(answer: httpx.Response) -> list[str]:
    """The codes of a refusal, which says everything in both languages."""
    said = answer.json()
    assert said["accepted"] is False
    assert all(each["sentence"] and each["sentence_en"] != each["sentence"] for each in said["problems"])
    assert "𠮷" not in answer.text
    return [each["code"] for each in said["problems"]]


def test_kept_sealed_then_answered_then_read(door, folder):
    """An answered push is on the disk, unreadable there; read, it is gone once the cursor that has it comes back."""
    answer = push(door, rows(1, 2))
    assert (answer.status_code, answer.json()) == (202, {"accepted": True, "duplicate": False, "records": 2})
    with sqlite3.connect(folder / "county.sqlite") as reader:
        ((sealed,),) = reader.execute("SELECT body_sealed FROM pushed_bodies").fetchall()
        assert "𠮷".encode() not in sealed
        batch = door.poll(None, 10)
        assert [(each.key, each.row["名"], each.kind) for each in batch.records] == [
            ("件|1", "𠮷", "件"),
            ("件|2", "𠮷", "件"),
        ]
        assert keys(door, batch.cursor) == ([], batch.cursor)
        assert reader.execute("SELECT count(*) FROM pushed_bodies").fetchone() == (0,)
    push(door, rows(3))
    assert keys(door, batch.cursor)[0] == ["件|3"]


def test_a_crash_between_reading_and_keeping(door, shelf, tmp_path):
    """The same cursor gives the same records, in a new process, too; a body is handed out in batches."""
    push(door, rows(1, 2, 3))
    push(door, rows(4))
    found, cursor = keys(door, None, 2)
    again = source(shelf, {"secret_file": str(tmp_path / "secret")})
    assert keys(again, None, 2)[0] == found == ["件|1", "件|2"]
    assert keys(again, cursor, 2)[0] == ["件|3", "件|4"]
    again.close()


def test_the_same_body_again(door):
    """While it waits it is not kept twice, however many push it at once; later it comes again under the same key."""
    answers: list[httpx.Response] = []
    both = [threading.Thread(target=lambda: answers.append(push(door, rows(1)))) for _ in range(6)]
    for each in both:
        each.start()
    for each in both:
        each.join()
    assert sorted(each.status_code for each in answers) == [200] * 5 + [202]
    found, cursor = keys(door, None)
    assert found == ["件|1"]
    door.poll(cursor, 10)
    assert push(door, rows(1)).status_code == 202
    assert keys(door, cursor)[0] == ["件|1"]


def test_many_at_once_are_all_kept(door):
    """Pushes side by side are all read, each once."""
    many = [threading.Thread(target=lambda n=n: push(door, rows(n, n + 100))) for n in range(12)]
    for each in many:
        each.start()
    for each in many:
        each.join()
    assert sorted(keys(door, None, 100)[0]) == sorted(f"件|{n + more}" for n in range(12) for more in (0, 100))


def test_nobody_else_may_push(shelf, tmp_path):
    """Without the secret, late, or with a body or path that was not signed, nothing is kept."""
    access = {"secret_file": secret_file(tmp_path, "secret", SECRET)}
    door = source(shelf, access, 件=KIND, 别=KIND | {"path": "/push/other"})
    door.poll(None, 10)
    tried: list[tuple[dict[str, str], str]] = [
        ({"X-Yhb-Signature": ""}, "E-SRC-092"), ({"X-Yhb-Signature": "sha256=" + "0" * 64}, "E-SRC-092"),
        ({"X-Yhb-Timestamp": str(int(AT) + 1)}, "E-SRC-092"), ({"X-Yhb-Timestamp": "昨天"}, "E-SRC-092"),
        ({"X-Yhb-Timestamp": str(int(AT) - 301)}, "E-SRC-093"), ({"X-Yhb-Timestamp": str(int(AT) + 301)}, "E-SRC-093"),
        ({"path": "/push/other"}, "E-SRC-092"), ({"Authorization": "Bearer x", "X-Yhb-Signature": "x"}, "E-SRC-092"),
    ]  # fmt: skip
    for changed, code in tried:
        answer = push(door, rows(1), **changed)
        assert (answer.status_code, codes(answer)) == (401, [code])
    assert keys(door, None)[0] == []
    door.close()


def test_another_body_under_a_good_signature(door):
    """A body changed on the way is not what was signed."""
    good = signature(SECRET.encode(), AT, "/push/apply", rows(1))
    answer = push(door, rows(2), **{"X-Yhb-Signature": good})
    assert (answer.status_code, codes(answer)) == (401, ["E-SRC-092"])


def test_a_token_instead_of_a_signature(shelf, tmp_path):
    """A token is enough where the mapping says so; one that is too short to be a secret opens nothing."""
    token = secret_file(tmp_path, "token", "0123456789abcdef")
    door = source(shelf, {"token_file": token})
    door.poll(None, 10)
    assert push(door, rows(1), Authorization="Bearer 0123456789abcdef").status_code == 202
    assert codes(push(door, rows(2), Authorization="Bearer falsch")) == ["E-SRC-092"]
    assert codes(push(door, rows(2))) == ["E-SRC-092"]
    secret_file(tmp_path, "token", "kurz")
    answer = push(door, rows(2), Authorization="Bearer kurz")
    assert (answer.status_code, codes(answer)) == (503, ["E-SRC-075"])
    assert keys(door, None)[0] == ["件|1"]
    door.close()


def test_rows_that_cannot_be_read_are_all_told_at_once(door):
    """Nothing of such a push is kept; the local system learns every problem with its place."""
    body = json.dumps(
        {"list": [{"no": "1", "名": ""}, {"名": ""}, {"no": "", "名": "𠮷"}, {"no": "2", "名": 2**70}]}
    ).encode()
    answer = push(door, body)
    assert (answer.status_code, codes(answer)) == (422, ["E-SRC-059", "E-SRC-037", "E-SRC-055"])
    assert answer.json()["problems"][0]["place"] == "推送 /push/apply 路径 $.list[1]"
    assert codes(push(door, b"<xml/>")) == ["E-SRC-051"]
    assert codes(push(door, b"{}")) == ["E-SRC-061"]
    assert push(door, b'{"list": []}').json() == {"accepted": True, "duplicate": False, "records": 0}
    assert keys(door, None)[0] == []


def test_other_paths_methods_and_sizes(door):
    """Only a POST of at most four megabytes at a path of the mapping is taken, with or without its length."""
    assert push(door, rows(1), path="/else").status_code == 404
    assert codes(push(door, rows(1), path="/else")) == ["E-SRC-094"]
    assert httpx.get(f"http://127.0.0.1:{door.port}/push/apply", trust_env=False).status_code == 404
    large = rows(1) + b" " * 4 * 2**20
    assert (push(door, large).status_code, codes(push(door, large))) == (413, ["E-SRC-095"])
    headers = {"X-Yhb-Timestamp": AT, "X-Yhb-Signature": "x"}
    parts = (large[at : at + 65536] for at in range(0, len(large), 65536))
    address = f"http://127.0.0.1:{door.port}/push/apply"
    assert httpx.post(address, content=parts, headers=headers, trust_env=False).status_code == 413
    assert httpx.get(f"http://127.0.0.1:{door.port}/openapi.json", trust_env=False).status_code == 404


def test_not_kept_is_not_answered_as_kept(door, folder):
    """While the store cannot be written the local system is told to come again, and its repetition is kept."""
    with sqlite3.connect(folder / "county.sqlite") as other:
        other.execute("ALTER TABLE pushed_bodies RENAME TO away")
        answer = push(door, rows(1))
        assert (answer.status_code, codes(answer)) == (503, ["E-STORE-002"])
        other.execute("ALTER TABLE away RENAME TO pushed_bodies")
    assert push(door, rows(1)).status_code == 202
    assert keys(door, None)[0] == ["件|1"]


def test_a_kind_that_the_mapping_lost(door, shelf, tmp_path):
    """What was pushed of a kind that is gone is told, and holds up nothing."""
    push(door, rows(1))
    later = source(shelf, {"secret_file": str(tmp_path / "secret")}, 别=KIND)
    batch = later.poll(None, 10)
    assert [each.code.code for each in batch.failures] == ["E-SRC-097"]
    assert keys(later, batch.cursor)[0] == []
    later.close()


def test_over_tls(shelf, tmp_path):
    """With certificate and key the door speaks TLS only."""
    folder = self_signed(tmp_path)
    access = {
        "token_file": secret_file(tmp_path, "token", "0123456789abcdef"),
        "certificate_file": str(folder / "hall.pem"), "key_file": str(folder / "hall.key"),
    }  # fmt: skip
    door = source(shelf, access, "https://127.0.0.1:0")
    door.poll(None, 10)
    headers = {"Authorization": "Bearer 0123456789abcdef"}
    trusted = ssl.create_default_context(cafile=folder / "hall.pem")
    address = f"https://localhost:{door.port}/push/apply"
    assert httpx.post(address, content=rows(1), headers=headers, verify=trusted, trust_env=False).status_code == 202
    with pytest.raises(httpx.HTTPError):
        push(door, rows(2))
    assert keys(door, None)[0] == ["件|1"]
    door.close()


def test_addresses_where_it_cannot_be_opened(shelf, tmp_path):
    """A port that is taken, files that are no certificate, and records in the clear beyond this machine: every look."""
    access = {"secret_file": secret_file(tmp_path, "secret", SECRET)}
    (tmp_path / "no.pem").write_bytes(b"x")
    files = {"certificate_file": str(tmp_path / "no.pem"), "key_file": str(tmp_path / "no.pem")}
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        for address, more, code in (
            (f"http://127.0.0.1:{port}", {}, "E-SRC-096"),
            ("http://0.0.0.0:0", {}, "E-PAGE-093"),
            ("https://127.0.0.1:0", files, "E-SRC-096"),
        ):
            door = source(shelf, access | more, address)
            for _ in range(2):
                with pytest.raises(YunhuobanError) as failed:
                    door.poll(None, 10)
                assert failed.value.code.code == code
    with pytest.raises(YunhuobanError) as failed:
        source(shelf, access, "http://127.0.0.1:0/path").poll(None, 10)
    assert failed.value.code.code == "E-SRC-081"


def test_settings_that_are_wrong():
    """Neither or both proofs, two kinds at one path, TLS without a certificate, unknown keys; and no node around it."""
    said = {"access": {"secret": "x"}, "records": {"a": KIND, "b": KIND | {"colums": []}}}
    section = Section(said, "source", Problems())
    with pytest.raises(YunhuobanError) as failed:
        WebhookSource.from_settings(section, "https://127.0.0.1:0", lambda: NOW, None)
    assert failed.value.code.code == "E-SRC-091"
    found = [(each.code.code, each.params.get("nearest", "")) for each in section.problems.found]
    assert found == [
        ("E-MAP-041", "secret_file"), ("E-MAP-043", ""), ("E-MAP-042", ""), ("E-MAP-042", ""), ("E-MAP-041", "columns"),
        ("E-MAP-043", ""),
    ]  # fmt: skip
