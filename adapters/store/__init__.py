"""The county node's durable memory: outbox, inbox, cases, what was read from the local system, the print ledger."""

from adapters.store.engine import Store, exists, open_store

__all__ = ["Store", "exists", "open_store"]
