"""Renewal over the network: the files that would be carried, posted to the hub's joining page and fetched from it."""
