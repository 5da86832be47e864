"""Joining over the network: the same files, sent to the hub's joining page, and waiting for its people."""
