"""The hub: admission, journal, routing, print ledger, and the commands and pages of the people who run it.

It carries encrypted payloads and cannot read a case.
"""
