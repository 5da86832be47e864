"""The county node's durable memory: outbox, inbox, cases, what was read from the local system, the print ledger."""

from adapters.store.engine import Store, open_store

__all__ = ["Store", "open_store"]
