"""The printing fixtures of `tests.printers`."""

from tests.printers import demo_printer, transaction

__all__ = ["demo_printer", "transaction"]
