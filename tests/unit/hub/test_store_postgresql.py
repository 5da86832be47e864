"""Opening the hub's store: which URLs and servers it takes, and what it sets for itself."""

import time

import pytest
from sqlalchemy import text

from hub.store import STORE_FAILED, open_store
from hub.store.engine import STORE_URL_WRONG
from hub.store.postgresql import STORE_UNSAFE
from schemas.errors import YunhuobanError
from tests.brokers import free_port
from tests.hostile import refusal
from tests.postgres import PostgresNode

SECRET = "geheim"


@pytest.mark.parametrize(
    "url",
    [
        "nonsense", "", "mysql://hub:geheim@db/x", "postgresql+psycopg2://hub:geheim@db/x",
        "postgresql+asyncpg://hub:geheim@db/x", "postgresql+psycopg://hub:geheim@db:port/x", "sqlite+pysqlcipher://:geheim@/x",
    ],
)  # fmt: skip
def test_a_url_that_cannot_be_used_is_said_so_without_its_password(url: str):
    """E-CONF-020, and nothing of the URL in the error or in what caused it."""
    with pytest.raises(YunhuobanError) as caught:
        open_store(url)
    error = caught.value
    assert error.code is STORE_URL_WRONG
    assert SECRET not in f"{error!r} {error.place} {error.found} {error.__cause__!r}"
    assert error.__suppress_context__ or error.__context__ is None


def test_a_server_that_is_not_there_is_no_traceback():
    """E-STORE-001 when the hub starts before its database; the URL is not told."""
    error = refusal(lambda: open_store(f"postgresql+psycopg://hub:{SECRET}@127.0.0.1:{free_port()}/x"))
    assert error is not None
    assert error.code.code == "E-STORE-001"
    assert SECRET not in f"{error!r} {error.found}"


def test_a_server_that_may_lose_what_it_confirmed_is_refused(postgres: PostgresNode):
    """full_page_writes off: a power cut leaves torn pages. It is named, and nothing is made in the database."""
    url = postgres.url(postgres.create())
    postgres.execute("ALTER SYSTEM SET full_page_writes = off")
    postgres.execute("SELECT pg_reload_conf()")
    try:
        while (error := refusal(lambda: open_store(url).close())) is None:
            time.sleep(0.01)  # the server takes its settings in a moment
        assert (error.code, error.place) == (STORE_UNSAFE, "full_page_writes")
    finally:
        postgres.execute("ALTER SYSTEM RESET full_page_writes")
        postgres.execute("SELECT pg_reload_conf()")


def test_a_database_without_chinese_is_refused(postgres: PostgresNode):
    """Names of counties and reasons of people are Chinese."""
    postgres.execute("CREATE DATABASE latin TEMPLATE template0 ENCODING 'LATIN1' LOCALE_PROVIDER libc LOCALE 'C'")
    error = refusal(lambda: open_store(postgres.url("latin")))
    assert error is not None
    assert (error.code, error.place) == (STORE_UNSAFE, "server_encoding")
    postgres.drop("latin")


def test_what_is_committed_is_on_disk_whatever_the_server_would_do(postgres: PostgresNode):
    """A database whose default is asynchronous: the hub's own sessions are not, and they let go when they hang."""
    name = postgres.create()
    postgres.execute(f"ALTER DATABASE {name} SET synchronous_commit = off")
    store = open_store(postgres.url(name))
    with store.write() as tx:
        found = {
            each: tx.execute(text("SELECT current_setting(:name)"), {"name": each}).scalar_one()
            for each in (
                "synchronous_commit",
                "idle_in_transaction_session_timeout",
                "lock_timeout",
                "transaction_isolation",
            )
        }
    with store.read() as tx:
        reading = tx.execute(text("SELECT current_setting('transaction_isolation')")).scalar_one()
        read_only = tx.execute(text("SELECT current_setting('transaction_read_only')")).scalar_one()
    store.close()
    postgres.drop(name)
    assert found == {
        "synchronous_commit": "on", "idle_in_transaction_session_timeout": "20s", "lock_timeout": "30s",
        "transaction_isolation": "read committed",
    }  # fmt: skip
    assert (reading, read_only) == ("repeatable read", "on")


def test_a_hub_that_hangs_lets_go(postgres: PostgresNode, monkeypatch: pytest.MonkeyPatch):
    """Suspended in mid-transaction, it loses its locks; what it does afterwards fails as a store that is away."""
    monkeypatch.setattr("hub.store.postgresql._IDLE_SECONDS", 1)
    name = postgres.create()
    hanging, other = open_store(postgres.url(name)), open_store(postgres.url(name))

    def hang() -> None:
        with hanging.write() as tx:
            tx.execute(text("INSERT INTO counters VALUES ('a', 1)"))
            with other.write() as beside:  # waits for the hanging one's row, and gets it
                beside.execute(text("INSERT INTO counters VALUES ('a', 2)"))
            tx.execute(text("SELECT 1"))

    error = refusal(hang)
    assert error is not None
    assert error.code is STORE_FAILED
    with other.read() as tx:
        assert tx.execute(text("SELECT value FROM counters")).scalar_one() == 2
    hanging.close(), other.close()
    postgres.drop(name)
