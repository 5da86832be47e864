"""Backup files: whole or not there, closed to everybody without the key, and no writer waits for one."""

import threading
import time
from pathlib import Path

import pytest
from sqlalchemy import insert, select, text, update

from certs import keys
from certs.sealedfile import CHUNK_BYTES, FILE_NOT_OPENED
from hub.backup import form, reading, restoring, writing
from hub.evidence import verify
from hub.store import tables
from schemas.errors import YunhuobanError
from tests.restore_world import Alliance


@pytest.fixture
def backup(alliance: Alliance) -> Path:
    """A backup with one journalled application, and enough octets for several chunks."""
    alliance.bring("WQ1", "application.submitted")
    with alliance.served.store.write() as tx:
        letter = {
            "queue": "q", "source": "130928", "message_id": "m", "reason": "r", "died_at": 1, "headers": "{}",
            "state": "waiting", "settled_at": None, "settled_reason": "", "type": "", "case_no": "",
        }  # fmt: skip
        tx.execute(insert(tables.dead_letters), [letter | {"id": str(n), "body": bytes(900_000)} for n in range(3)])
    return alliance.backup()


def refusal(call, *arguments, **options) -> str:
    """The code with which a call refuses."""
    with pytest.raises(YunhuobanError) as refused:
        call(*arguments, **options)
    return refused.value.code.code


def test_manifest_can_be_read_without_the_key_and_the_rest_cannot(alliance: Alliance, backup: Path):
    """Epoch, size, root and checkpoint in the clear; the content opens for the recovery key alone."""
    said = reading.manifest(backup)
    (head,) = alliance.hub_rows(select(tables.head))
    (checkpoint,) = alliance.hub_rows(select(tables.checkpoints).where(tables.checkpoints.c.size == head.size))
    assert (said.epoch, said.size, said.checkpoint_bytes) == (head.epoch, head.size, checkpoint.body)
    assert said.checkpoint_signature == checkpoint.signature
    key = keys.load_private_key(alliance.recovery_key)
    assert reading.check(backup, key)["journal"] == head.size
    assert refusal(reading.check, backup, keys.generate_key()) == "E-BACKUP-006"
    assert backup.stat().st_mode & 0o777 == 0o600
    data = backup.read_bytes()
    private = [alliance.hub_folder / "certs" / name for name in ("checkpoint.key", "signing.key")]
    assert all(each.read_bytes()[30:90] not in data for each in private)
    (message,) = alliance.hub_rows(select(tables.messages.c.body).where(tables.messages.c.type != "message.received"))
    assert message.body[:200] not in data


@pytest.mark.parametrize("where", ["manifest", "wrapped key", "first chunk", "last octet"])
def test_one_changed_octet_is_found(alliance: Alliance, backup: Path, where: str):
    """Wherever it is: nothing is restored of it, and nothing is left in the folder."""
    data = bytearray(backup.read_bytes())
    with backup.open("rb") as file:
        header = len(form.Manifest.read(file)[1])
    place = {"manifest": data.index(b'"size": ') + 8, "wrapped key": header + 70, "first chunk": header + 500,
             "last octet": len(data) - 1}[where]  # fmt: skip
    data[place] = data[place] ^ 1
    backup.write_bytes(data)
    key = keys.load_private_key(alliance.recovery_key)
    assert refusal(reading.check, backup, key) in (FILE_NOT_OPENED.code, form.NOT_A_BACKUP.code)
    target = alliance.folder / "new"
    code = refusal(restoring.restore, backup, key=key, folder=target, clock=alliance.at)
    assert code in (FILE_NOT_OPENED.code, form.NOT_A_BACKUP.code)
    assert not target.exists()
    assert list(alliance.folder.glob(".new*")) == []


def test_chunks_cut_off_left_out_or_swapped_are_found(alliance: Alliance, backup: Path):
    """The order and the end of the content are authenticated."""
    data = backup.read_bytes()
    with backup.open("rb") as file:
        start = len(form.Manifest.read(file)[1]) + 113
    size = CHUNK_BYTES + 16
    chunks = [data[at : at + size] for at in range(start, len(data), size)]
    assert len(chunks) >= 3
    key = keys.load_private_key(alliance.recovery_key)
    forged = {
        "cut off": chunks[:-1],
        "left out": [chunks[0], *chunks[2:]],
        "swapped": [chunks[1], chunks[0], *chunks[2:]],
        "cut within": [*chunks[:-1], chunks[-1][:-20]],
        "twice": [*chunks, chunks[-1]],
        "nothing": [],
    }
    for name, kept in forged.items():
        backup.write_bytes(data[:start] + b"".join(kept))
        assert refusal(reading.check, backup, key) == FILE_NOT_OPENED.code, name
    for length in (0, 5, start - 113 - 20, start - 50):
        backup.write_bytes(data[:length])
        assert refusal(reading.check, backup, key) in (FILE_NOT_OPENED.code, form.NOT_A_BACKUP.code), length


def test_a_killed_backup_leaves_no_file_of_that_name(alliance: Alliance, monkeypatch):
    """Killed in the middle there is a partial file, which nobody takes for a backup; the next one succeeds."""

    class Killed(BaseException):
        pass

    def killed(*_: int) -> None:
        raise Killed

    target = alliance.folder / "b.yhb"
    with pytest.raises(Killed):
        writing.write(alliance.served.store, alliance.served.settings, path=target, now=alliance.now, told=killed)
    assert not target.exists()
    (partial,) = alliance.folder.glob(".b.yhb*")
    key = keys.load_private_key(alliance.recovery_key)
    assert refusal(reading.check, partial, key) in (FILE_NOT_OPENED.code, form.NOT_A_BACKUP.code)
    assert reading.check(alliance.backup("b.yhb"), key)
    assert list(alliance.folder.glob(".b.yhb*")) == []
    assert refusal(alliance.backup, "b.yhb") == "E-BACKUP-003"


def test_a_restore_wants_an_empty_place_and_the_pinned_log_key(alliance: Alliance, backup: Path):
    """It overwrites nothing; a backup whose log key is not the one of a trust file kept elsewhere is refused."""
    key = keys.load_private_key(alliance.recovery_key)
    assert refusal(restoring.restore, backup, key=key, folder=alliance.hub_folder, clock=alliance.at) == "E-BACKUP-003"
    target = alliance.folder / "new"
    other = frozenset({bytes(32)})
    code = refusal(restoring.restore, backup, key=key, folder=target, clock=alliance.at, pinned=other)
    assert code == "E-BACKUP-009"
    pinned = verify.trust_of(alliance.served.keys, trial=True).checkpoint_certificates
    target.mkdir()
    restoring.restore(backup, key=key, folder=target, clock=alliance.at, pinned=pinned)
    assert (target / "hub.sqlite").exists()
    assert (target / "certs" / "checkpoint.key").stat().st_mode & 0o777 == 0o600
    assert refusal(restoring.restore, backup, key=key, folder=target, clock=alliance.at) == "E-BACKUP-003"
    low = alliance.folder / "low"
    assert refusal(restoring.restore, backup, key=key, folder=low, clock=alliance.at, epoch=1) == "E-BACKUP-010"


def test_a_changed_journal_is_not_restored(alliance: Alliance):
    """Whoever changed the store before the backup was made is found when it is checked, and when it is restored."""
    alliance.bring("WQ1", "application.submitted")
    with alliance.served.store.write() as tx:
        tx.execute(update(tables.journal).where(tables.journal.c.leaf_index == 0).values(verdict="E-ADM-001"))
    backup = alliance.backup()
    key = keys.load_private_key(alliance.recovery_key)
    assert refusal(reading.check, backup, key) == "E-BACKUP-007"
    code = refusal(restoring.restore, backup, key=key, folder=alliance.folder / "new", clock=alliance.at)
    assert code == "E-BACKUP-007"


def test_a_backup_of_another_version_is_not_restored(alliance: Alliance):
    """A store whose tables another version made is told, with the version to use, and nothing is left of it."""
    with alliance.served.store.write() as tx:
        tx.execute(text("UPDATE alembic_version SET version_num = 'h0000'"))
    backup, target = alliance.backup(), alliance.folder / "new"
    key = keys.load_private_key(alliance.recovery_key)
    assert refusal(restoring.restore, backup, key=key, folder=target, clock=alliance.at) == "E-BACKUP-008"
    assert not target.exists()


def test_two_backups_do_not_write_one_file(alliance: Alliance):
    """The second one, begun while the first is under way, is refused; the first is whole."""
    store, settings, target = alliance.served.store, alliance.served.settings, alliance.folder / "b.yhb"
    second: list[str] = []

    def told(_done: int, _total: int) -> None:
        if not second:
            second.append(refusal(alliance.backup, "b.yhb"))

    writing.write(store, settings, path=target, now=alliance.now, told=told)
    assert second == ["E-BACKUP-004"]
    assert reading.check(target, keys.load_private_key(alliance.recovery_key))


def test_a_backup_that_cannot_be_written_says_so(alliance: Alliance):
    """A folder that is not there is a sentence, not a traceback."""
    assert refusal(alliance.backup, "nowhere/b.yhb") == "E-BACKUP-005"


def test_a_hub_without_recovery_key_makes_no_backup(alliance: Alliance):
    """Never a backup in the clear."""
    (alliance.hub_folder / "certs" / writing.RECOVERY_KEY).unlink()
    assert refusal(alliance.backup) == "E-BACKUP-002"


def test_no_writer_waits_for_a_backup(alliance: Alliance, backup: Path):
    """While a backup stands still in the middle, commits go through, and it holds the moment at which it began."""
    begun, go_on = threading.Event(), threading.Event()

    def told(_done: int, _total: int) -> None:
        begun.set()
        assert go_on.wait(60)

    target = alliance.folder / "second.yhb"
    store, settings = alliance.served.store, alliance.served.settings
    thread = threading.Thread(
        target=lambda: writing.write(store, settings, path=target, now=alliance.now, told=told), daemon=True
    )
    thread.start()
    assert begun.wait(60)
    slowest = 0.0
    for n in range(50):
        started = time.monotonic()
        with store.write() as tx:
            tx.execute(insert(tables.solo_attempts).values(body_sha256=n.to_bytes(32, "big"), attempts=1))
        slowest = max(slowest, time.monotonic() - started)
    go_on.set()
    thread.join(60)
    rows = reading.check(target, keys.load_private_key(alliance.recovery_key))
    assert rows.get("solo_attempts", 0) == 0
    assert slowest < 10.0  # a blocked writer waits for the backup, which waits for us: 30 s, and then fails
