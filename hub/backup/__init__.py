"""Backups of a running hub: one encrypted file that the hub itself cannot open again, and its way back.

`form` says how such a file is laid out, `writing` makes one, `reading` checks one, `restoring` makes a hub of it.
"""
