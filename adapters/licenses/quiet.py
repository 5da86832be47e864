"""Keeps pyHanko from logging: it writes tracebacks and signers' names, and a log is no place for a license."""

import logging

_LOGGERS = ("pyhanko", "pyhanko_certvalidator", "asn1crypto", "fontTools")


def silence_libraries() -> None:
    """Cut the libraries' loggers off. What they would have said is in the errors and lines that the doors return."""
    for name in _LOGGERS:
        logger = logging.getLogger(name)
        logger.propagate = False
        logger.setLevel(logging.CRITICAL + 1)
