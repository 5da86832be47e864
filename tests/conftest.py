"""What every test may use: one broker node for the whole run, one way to a real printer, and which tests are long.

A fixture that is registered here is there once: folders that imported `broker` for themselves each had a node of
their own. Tests marked `long` run only with `LONG=1`, or when `-m` names them.
"""

import os

import pytest

pytest_plugins = ["tests.brokers", "tests.printers"]


def pytest_configure(config: pytest.Config) -> None:
    """Say what the marker means."""
    config.addinivalue_line("markers", "long: minutes, not seconds; run with LONG=1 or -m long")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the long ones out unless asked for."""
    if os.environ.get("LONG") == "1" or "long" in config.getoption("markexpr", default=""):
        return
    long = [item for item in items if item.get_closest_marker("long")]
    if long:
        config.hook.pytest_deselected(items=long)
        items[:] = [item for item in items if item not in long]
