"""What was said, provably: the journal, its receipts and checkpoints, what counties witness, and epochs."""
