"""The hub's durable memory: tables, migrations, and the transaction that a batch lives in.

SQLite is the embedded default (WAL, synchronous=FULL, BEGIN IMMEDIATE); a URL chooses another database.
"""

from hub.store.engine import STORE_FAILED, Store, open_store, revision

__all__ = ["STORE_FAILED", "Store", "open_store", "revision"]
