"""Codes of the domain: each is parsed once, at the door, and then trusted.

Every code is a frozen dataclass around its canonical text. It cannot be made with a wrong text, so whoever holds
one need not check it again. What is only suspicious (an issuer's code with a wrong inner check digit, a region
nobody knows) is a warning: the error that it would be, returned by `warnings` and not raised.
"""
