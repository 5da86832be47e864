"""Folders behind a real OpenSSH server: what holds of a local folder holds there; only the pinned one is believed."""

import asyncio
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncssh
import pytest

from adapters.local.localsystem import folders
from adapters.local.mapping import CountyMapping
from adapters.local.mapping.rules import Rules
from adapters.local.mapping.strict import Problems, Section
from adapters.local.sinks import LocalWrite
from adapters.local.sinks import fileforms as sinks
from adapters.local.sinks.folder import FolderSink
from adapters.local.sources import fileforms as sources
from adapters.local.sources.folder import FolderSource
from schemas.errors import YunhuobanError
from tests.sshd import SshServer

FILES = {"件": {"pattern": "件_*.csv", "columns": ["号", "名"], "key": ["号"]}}


class Clock:
    """Seconds that pass when the test says so."""

    def __init__(self) -> None:
        """Start at nought."""
        self.seconds = 0.0

    def __call__(self) -> float:
        """Tell the time."""
        return self.seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The clock that folder sources look at."""
    made = Clock()
    monkeypatch.setitem(FolderSource.__init__.__kwdefaults__, "clock", made)
    return made


def reading(server: SshServer, folder: Path, *, address: str = "", **sftp: object) -> FolderSource:
    """Open the folder for reading, as `[source]` says."""
    said = {"host_key": server.pin, "key_file": str(server.key)} | sftp
    section = Section({"type": "csv", "files": FILES, "sftp": said}, "source", Problems())
    opened = sources.from_settings("csv", section, address or server.address(folder))
    assert section.problems.found == []
    return opened


def writing(server: SshServer, folder: Path) -> FolderSink:
    """Open the folder for writing, as `[sink]` says."""
    said = {"host_key": [server.pin], "key_file": str(server.key)}
    files = {"回": {"columns": ["号", "名"]}}
    section = Section({"type": "csv", "folder": "来件/回", "files": files, "sftp": said}, "sink", Problems())
    opened = sinks.from_settings("csv", section, server.address(folder))
    assert section.problems.found == []
    return opened


def keys(opened: FolderSource, cursor: str | None) -> tuple[list[str], str]:
    """One look."""
    batch = opened.poll(cursor, 100)
    assert list(batch.failures) == []
    return [each.key for each in batch.records], batch.cursor


def reply(key: str, name: str = "𠮷") -> LocalWrite:
    """One reply."""
    return LocalWrite(kind="回", key=key, row={"号": key, "名": name})


def test_files_of_every_kind_over_sftp(sshd, tmp_path, clock):
    """GB18030 and a mark, names in UTF-8 and GB18030; unfinished, hidden and other files and folders are left alone."""
    (tmp_path / "件_1.csv").write_bytes("号,名\n1,𠮷䶮\n".encode("gb18030"))
    (tmp_path / "件_2.csv").write_bytes("号,名\n2,𠮷\n".encode("utf-8-sig"))
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + "件_3.csv".encode("gb18030"))).write_bytes(
        "号,名\n3,甲\n".encode("gb18030")
    )
    (tmp_path / "linked").write_bytes("号,名\n4,甲\n".encode("gb18030"))
    (tmp_path / "件_4.csv").symlink_to("linked")
    (tmp_path / "件_5.csv").symlink_to("nowhere")
    for name in ("件_6.csv.tmp", ".件_7.csv", "别的.csv"):
        (tmp_path / name).write_bytes("号,名\n9,乙\n".encode("gb18030"))
    (tmp_path / "件_8.csv").mkdir()
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff\xfe_9.csv")).write_bytes(b"x\n")
    opened = reading(sshd, tmp_path)
    batch = opened.poll(None, 100)
    assert {each.key: each.row["名"] for each in batch.records} == {
        "件|1": "𠮷䶮",
        "件|2": "𠮷",
        "件|3": "甲",
        "件|4": "甲",
    }
    assert keys(opened, batch.cursor) == ([], batch.cursor)
    opened.close()


def test_half_written_renamed_and_repeated_files_over_sftp(sshd, tmp_path, clock):
    """A file that breaks off waits and is told once; renamed or copied it brings nothing; grown only what is new."""
    half = tmp_path / "件_1.csv"
    half.write_bytes("号,名\n1,甲\n2,".encode("gb18030"))
    opened = reading(sshd, tmp_path)
    found, cursor = keys(opened, None)
    assert found == []
    half.write_bytes("号,名\n1,甲\n2,乙\n".encode("gb18030"))
    found, cursor = keys(opened, cursor)
    assert found == ["件|1", "件|2"]
    half.rename(tmp_path / "件_9.csv")
    (tmp_path / "件_copy.csv").write_bytes((tmp_path / "件_9.csv").read_bytes())
    found, cursor = keys(opened, cursor)
    assert found == []
    (tmp_path / "件_bad.csv").write_bytes("号,名\n3,".encode("gb18030"))
    opened.poll(cursor, 100)
    clock.seconds += 61
    batch = opened.poll(cursor, 100)
    assert [each.code.code for each in batch.failures] == ["E-SRC-032"]
    assert opened.poll(batch.cursor, 100).failures == []
    opened.close()


def test_a_change_that_the_time_of_the_file_does_not_show(sshd, tmp_path, clock):
    """SFTP counts whole seconds: other bytes of the same length in the same second are read all the same."""
    path = tmp_path / "件_1.csv"
    path.write_bytes(b"\xef\xbb\xbf" + "号,名\n1,甲\n".encode())
    at = path.stat().st_mtime_ns // 10**9
    os.utime(path, (at, at))
    opened = reading(sshd, tmp_path)
    found, cursor = keys(opened, None)
    assert found == ["件|1"]
    path.write_bytes(b"\xef\xbb\xbf" + "号,名\n2,甲\n".encode())
    os.utime(path, (at, at))
    found, cursor = keys(opened, cursor)
    assert found == ["件|2"]
    clock.seconds += 3
    assert keys(opened, cursor) == ([], cursor)
    opened.close()


def test_only_the_pinned_server_is_believed(sshd, tmp_path):
    """Another host key ends the connection before any password is sent; the error shows both fingerprints."""
    (tmp_path / "password").write_text("geheim", encoding="ascii")
    (tmp_path / "password").chmod(0o600)
    other = f"SHA256:{'A' * 43}"
    opened = reading(sshd, tmp_path, host_key=other, password_file=str(tmp_path / "password"))
    with pytest.raises(YunhuobanError) as failed:
        opened.poll(None, 10)
    assert failed.value.code.code == "E-SRC-072"
    assert (failed.value.found, failed.value.expected) == (sshd.pin, other)
    opened.close()


def test_who_is_not_let_in(sshd, tmp_path):
    """A strange key is refused; a key or password file that is missing, empty, no key, or open to others is named."""
    password = tmp_path / "password"
    password.write_text("falsch\n", encoding="ascii")
    password.chmod(0o600)
    (tmp_path / "empty").touch(mode=0o600)
    (tmp_path / "open").write_bytes(sshd.key.read_bytes())
    (tmp_path / "open").chmod(0o644)
    tried = [
        ({"key_file": str(sshd.stranger)}, "E-SRC-073"),
        ({"key_file": str(sshd.stranger), "password_file": str(password)}, "E-SRC-073"),
        ({"key_file": str(tmp_path / "nowhere")}, "E-SRC-075"),
        ({"key_file": str(tmp_path / "open")}, "E-SRC-075"),
        ({"key_file": str(password)}, "E-SRC-075"),
        ({"password_file": str(tmp_path / "empty")}, "E-SRC-075"),
    ]
    for said, code in tried:
        opened = reading(sshd, tmp_path, **said)
        with pytest.raises(YunhuobanError) as failed:
            opened.poll(None, 10)
        assert failed.value.code.code == code
        assert "falsch" not in f"{failed.value} {failed.value.found}"
        opened.close()


def test_reading_and_writing_go_on_after_the_server_was_killed(sshd, tmp_path):
    """A broken connection is made anew unasked; while the server is away both sides say so and nothing moves."""
    (tmp_path / "件_1.csv").write_bytes("号,名\n1,甲\n".encode("gb18030"))
    source, sink = reading(sshd, tmp_path), writing(sshd, tmp_path)
    found, cursor = keys(source, None)
    assert found == ["件|1"]
    sink.write([reply("1")])
    sshd.kill()
    for look in (lambda: source.poll(cursor, 10), lambda: sink.write([reply("2")])):
        with pytest.raises(YunhuobanError) as failed:
            look()
        assert failed.value.code.code == "E-SRC-074"
    sshd.start()
    (tmp_path / "件_2.csv").write_bytes("号,名\n2,甲\n".encode("gb18030"))
    assert keys(source, cursor)[0] == ["件|2"]
    sink.write([reply("1"), reply("2")])
    sshd.kill()
    sshd.start()
    assert keys(source, cursor)[0] == ["件|2"]
    sink.write([reply("3")])
    assert sorted(each.name for each in (tmp_path / "来件" / "回").iterdir()) == ["回_1.csv", "回_2.csv", "回_3.csv"]
    source.close()
    sink.close()


def test_the_way_back_over_sftp_twice_is_once(sshd, tmp_path):
    """One file for each write, whole, in folders that are made; again it is left alone; a leftover is written over."""
    sink = writing(sshd, tmp_path)
    folder = tmp_path / "来件" / "回"
    folder.mkdir(parents=True)
    (folder / ".回_1.csv.tmp").write_bytes(b"half of it, and longer than the whole" * 9)
    sink.write([reply("1")])
    before = (folder / "回_1.csv").stat()
    sink.write([reply("1", "别的"), reply("2")])
    assert (folder / "回_1.csv").read_bytes().decode("gb18030") == "号,名\r\n1,𠮷\r\n"
    assert (folder / "回_1.csv").stat().st_mtime_ns == before.st_mtime_ns
    assert sorted(each.name for each in folder.iterdir()) == ["回_1.csv", "回_2.csv"]
    sink.close()


def test_a_folder_that_is_not_there(sshd, tmp_path):
    """Reading names the folder; writing through what is no folder says so."""
    source = reading(sshd, tmp_path / "没有")
    with pytest.raises(YunhuobanError) as failed:
        source.poll(None, 10)
    assert failed.value.code.code == "E-SRC-031"
    assert "没有" in failed.value.place
    source.close()
    (tmp_path / "来件").write_bytes(b"")
    sink = writing(sshd, tmp_path)
    with pytest.raises(YunhuobanError) as failed:
        sink.write([reply("1")])
    assert failed.value.code.code == "E-SRC-041"
    sink.close()


@pytest.mark.parametrize(
    "address", ["sftp://host/x", "sftp://a:secret@host/x", "sftp://a@host:x/", "sftp://", "sftp://a@[::1/x"]
)
def test_addresses_that_are_none(sshd, tmp_path, address):
    """An address without an account, with a password or of another shape is refused; the password is not repeated."""
    with pytest.raises(YunhuobanError) as failed:
        reading(sshd, tmp_path, address=address)
    assert failed.value.code.code == "E-SRC-071"
    assert "secret" not in f"{failed.value} {failed.value.found} {failed.value.place}"


def test_settings_that_are_wrong_are_told_together():
    """Unknown keys come with the nearest, a fingerprint of another shape and a path that is not absolute are told."""
    problems = Problems()
    said = {"host_keys": "x", "host_key": "SHA256:kurz", "key_file": "id"}
    section = Section({"type": "csv", "files": FILES, "sftp": said}, "source", problems)
    sources.from_settings("csv", section, "sftp://a@host/x")
    sources.from_settings("csv", Section({"files": {}, "sftp": {"host_key": []}}, "source", problems), "/tmp")
    assert [(each.code.code, each.params.get("nearest")) for each in problems.found] == [
        ("E-MAP-041", "host_key"), ("E-MAP-043", None), ("E-MAP-043", None), ("E-MAP-042", None),
    ]  # fmt: skip


@contextmanager
def passwords_only(folder: Path, host_key: Path) -> Iterator[int]:
    """Another SFTP server, which knows an account that this machine has not: 大厅, with a password; yields its port."""

    class Door(asyncssh.SSHServer):
        def begin_auth(self, username: str) -> bool:  # noqa: ARG002 -- asyncssh's signature
            return True

        def password_auth_supported(self) -> bool:
            return True

        def validate_password(self, username: str, password: str) -> bool:
            return (username, password) == ("大厅", "通行𠮷")

    async def serving() -> asyncssh.SSHAcceptor:
        return await asyncssh.create_server(
            Door, "127.0.0.1", 0, server_host_keys=[host_key],
            sftp_factory=lambda channel: asyncssh.SFTPServer(channel, chroot=os.fsencode(folder)),
        )  # fmt: skip

    loop = asyncio.new_event_loop()
    server = loop.run_until_complete(serving())
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield server.get_port()
    finally:
        loop.call_soon_threadsafe(server.close)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def test_an_account_with_a_password(sshd, tmp_path):
    """A password from a file opens the door, in both directions, where the account sees only its own folder."""
    (tmp_path / "password").write_text("通行𠮷\n", encoding="utf-8")
    (tmp_path / "password").chmod(0o600)
    (tmp_path / "hall").mkdir()
    (tmp_path / "hall" / "件_1.csv").write_bytes("号,名\n1,𠮷\n".encode("gb18030"))
    said = {"host_key": sshd.pin, "password_file": str(tmp_path / "password")}
    with passwords_only(tmp_path / "hall", sshd.folder / "host") as port:
        address = f"sftp://%E5%A4%A7%E5%8E%85@127.0.0.1:{port}"
        section = Section({"files": FILES, "sftp": said}, "source", Problems())
        source = sources.from_settings("csv", section, address)
        assert keys(source, None)[0] == ["件|1"]
        source.close()
        section = Section({"files": {"回": {"columns": ["号", "名"]}}, "sftp": said}, "sink", Problems())
        sink = sinks.from_settings("csv", section, address)
        sink.write([reply("1")])
        sink.close()
    assert (tmp_path / "hall" / "回_1.csv").exists()


def test_the_check_before_going_live(sshd: SshServer, tmp_path: Path):
    """A folder that is there is read, writing into one is said to be untested, and one that is missing is E-SRC-031."""
    said = {"host_key": sshd.pin, "key_file": str(sshd.key)}
    source = {"type": "csv", "files": FILES, "sftp": said}
    mapping = CountyMapping(Rules(county="", name="", source=source, sink={"type": "csv", "sftp": said}), "")
    address = sshd.address(tmp_path)
    there, written = folders.read(mapping, address), folders.written(mapping, address)
    assert (there.problems, there.untested, written.problems) == ((), "", ())
    assert "SFTP" in written.untested
    (gone,) = folders.read(mapping, sshd.address(tmp_path / "gone")).problems
    assert (gone.code.code, gone.found) == ("E-SRC-031", "FileNotFoundError")
    assert folders.written(mapping, sshd.address(tmp_path / "gone")).problems == ()  # it is made with the first file
    said["host_key"] = f"SHA256:{'A' * 43}"
    (stranger,) = folders.written(mapping, address).problems
    assert stranger.found == sshd.pin
    assert list(tmp_path.iterdir()) == []
