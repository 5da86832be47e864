"""Proposes a county's mapping from what its own system holds: pure, and every proposal says how sure it is and why.

`adapters/local/sources/columns.py` looks at the source, `proposing` decides, `as_toml` and `as_table` write it
down. No value of a row leaves this package but masked.
"""
