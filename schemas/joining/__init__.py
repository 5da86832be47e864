"""Joining by invitation, as far as both sides share it: code, fingerprints, and the two files carried by hand."""
