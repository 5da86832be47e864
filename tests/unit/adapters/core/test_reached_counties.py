"""A county whose own system is on another machine: pushed to the node, pulled from it, or in folders behind SFTP."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from adapters.instants import now
from adapters.local.localwrites import LocalWriter
from adapters.local.mapping import load_mapping
from adapters.local.reading import LocalReader
from adapters.local.sinks.opening import open_sink
from adapters.local.sources.opening import open_source
from adapters.local.sources.webhook.shelf import Shelf
from adapters.local.sources.webhook.source import WebhookSource
from adapters.store import tables
from tests.county_records import acceptance
from tests.county_world import World
from tests.hall_interface import Asked, Said, serving
from tests.sshd import SshServer
from tests.unit.adapters.core.test_file_counties import exported, mapping_text

TOKEN = "0123456789abcdef"
GOOD_ROW = json.loads(exported("json"))["data"][1]


WAYS = ["webhook", "http", pytest.param("sftp", marks=pytest.mark.long)]


def behind_http(folder: Path, kind: str) -> str:
    """The county's mapping with interfaces in the place of folders."""
    (folder / "token").write_text(TOKEN, encoding="ascii")
    (folder / "token").chmod(0o600)
    token = f'token_file = "{folder}/token"'
    return (
        mapping_text("json")
        .replace('type = "json"\nfolder = "去件"', f'type = "{kind}"\n[source.access]\n{token}')
        .replace('type = "json"\nfolder = "来件"', f'type = "http"\nkey_column = "guid"\n[sink.access]\n{token}')
        .replace('pattern = "申请_*.json"', 'path = "/apply"')
        .replace(".files.", ".records.")
        .replace('columns = ["号", "环节"', 'path = "/reply"\ncolumns = ["号", "环节"')
    )


def behind_sftp(sshd: SshServer) -> str:
    """The same with folders of another machine."""
    text = mapping_text("json")
    for side in ("source", "sink"):
        access = f'[{side}.sftp]\nhost_key = "{sshd.pin}"\nkey_file = "{sshd.key}"\n'
        text = text.replace(f"[{side}.files.", f"{access}[{side}.files.")
    return text


def push(source: WebhookSource) -> None:
    """The local system pushes its one record."""
    source.poll(None, 1)  # which opens the door
    address, headers = f"http://127.0.0.1:{source.port}/apply", {"Authorization": f"Bearer {TOKEN}"}
    body = json.dumps({"data": [GOOD_ROW]})
    assert httpx.post(address, content=body, headers=headers, verify=False).status_code == 202


@pytest.mark.parametrize("way", WAYS)
def test_a_case_comes_from_another_machine_and_goes_back_there(
    world: World, tmp_path: Path, request: pytest.FixtureRequest, way: str
) -> None:
    """The application is sent once, however often its record comes; its acceptance arrives there once."""
    window, issuing = world.window, world.issuing
    taken: dict[str, Any] = {}

    def answer(asked: Asked) -> Said:
        assert asked.headers["Authorization"] == f"Bearer {TOKEN}"
        if asked.method == "POST":
            taken[asked.headers["Idempotency-Key"]] = json.loads(asked.body)
        return Said({"data": [GOOD_ROW]})

    with serving() as interface:
        interface.answer = answer
        if way == "sftp":
            sshd = request.getfixturevalue("sshd")
            text, read, write = behind_sftp(sshd), sshd.address(tmp_path), sshd.address(tmp_path)
            (tmp_path / "去件").mkdir()
        else:
            text, write = behind_http(tmp_path, way), interface.address
            read = "http://127.0.0.1:0" if way == "webhook" else interface.address
        (tmp_path / "mapping.toml").write_text(text, encoding="utf-8")
        mapping = load_mapping(tmp_path)
        source = open_source(mapping, read, now=now, shelf=Shelf(window.store, window.identity.storage, now))
        sink = open_sink(mapping, write)
        window.reader = LocalReader(
            store=window.store, identity=window.identity, mapping=mapping, source=source,
            outbox=window.box, authoriser=window.authoriser,
        )  # fmt: skip
        window.writer = LocalWriter(store=window.store, identity=window.identity, mapping=mapping, sink=sink)
        for turn in range(2):
            if way == "sftp":
                body = json.dumps({"data": [GOOD_ROW]}) + "\n" * turn
                (tmp_path / "去件" / f"申请_{turn}.json").write_text(body)
            elif isinstance(source, WebhookSource):
                push(source)
            world.settle()
        ((case_no,),) = issuing.rows(select(tables.cases.c.case_no))
        issuing.source.add("application.accepted", case_no, acceptance())
        world.settle()
        source.close()
        sink.close()

    sent = window.rows(select(tables.outbox.c.message_id).where(tables.outbox.c.type == "application.submitted"))
    assert len(sent) == 1
    if way == "sftp":
        (written,) = (tmp_path / "来件").iterdir()
        (reply,) = json.loads(written.read_text(encoding="utf-8"))
    else:
        ((key, reply),) = taken.items()
        assert reply.pop("guid") == key
    assert reply == {"号": "1", "环节": "受理", "文号": "永受〔2026〕1号", "说明": None}
