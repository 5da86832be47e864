"""One grant per authorisation, one use per sheet: the hub's print ledger, its answers, and licenses' states."""
