"""Joining over the network: the hub's joining page, which takes what would be carried, and hands out what would."""
