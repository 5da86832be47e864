"""The hub's durable memory: tables, migrations, and the transaction that a batch lives in.

SQLite is the embedded default (WAL, synchronous=FULL, BEGIN IMMEDIATE); a URL chooses PostgreSQL (READ COMMITTED).
"""

from hub.store.engine import STORE_CONFLICT, STORE_FAILED, Store, open_store
from hub.store.writing import insert_new, lock_cases

__all__ = ["STORE_CONFLICT", "STORE_FAILED", "Store", "insert_new", "lock_cases", "open_store"]
