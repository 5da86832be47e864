"""Conformance as a gate: what a county's signed result says, and whether an item may be live by it. Both sides read it.

`result` the file's form, `standing` what a result is worth under the contract that the county reads now. Pure.
"""
