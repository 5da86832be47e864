"""The way in: a batch is looked at, judged by the numbered checks, written down, and followed to its last confirm."""
