"""The stock ledger in the terminal: `adapter stock`."""
