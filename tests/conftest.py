"""What every test may use: one broker node, one PostgreSQL, a way to a real printer, and which tests are long.

A fixture that is registered here is there once: folders that imported `broker` for themselves each had a node of
their own. Tests marked `long` run only with `LONG=1`, or when `-m` names them; one that is long only because it is to
run on the second store runs always when it is marked `both_stores`. Property tests look at more examples with `LONG=1`,
and of a test with very many cases a whole run tries some.
"""

import gc
import os

import pytest
import structlog
from hypothesis import HealthCheck, settings

from tests import sampling, statements

pytest_plugins = [
    "tests.brokers",
    "tests.postgres",
    "tests.mariadb",
    "tests.sshd",
    "tests.databases",
    "tests.printers",
    "tests.people_world",
]

# No deadline and no complaint about slowness: on a busy machine both would fail tests that are right.
_UNHURRIED = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow, HealthCheck.function_scoped_fixture]}
_MOST_CASES = 3
"""Of one test in a run of everything: whoever names a file gets all of it."""
_A_WHOLE_RUN = 1_000
"""Tests."""
_YOUNG = 10_000
"""New objects before the collector looks among them: a parsed source tree alone has hundreds of thousands."""
settings.register_profile("quick", max_examples=15, **_UNHURRIED)  # a thousand with LONG=1
settings.register_profile("long", max_examples=1000, **_UNHURRIED)
settings.load_profile("long" if os.environ.get("LONG") == "1" else "quick")


def pytest_configure(config: pytest.Config) -> None:
    """Say what the marker means, compile SQL once, and log errors as servers do: a coloured one takes a second.

    The collector rests until all is imported: assertions are rewritten in a thousand files, and it would go over them
    and over everything imported before, thousands of times, to find nothing.
    """
    gc.disable()
    statements.share()
    console = structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
    structlog.configure(processors=[*structlog.get_config()["processors"][:-1], console])
    config.addinivalue_line("markers", "long: minutes, not seconds; run with LONG=1 or -m long")
    config.addinivalue_line("markers", "both_stores: runs on PostgreSQL as well as SQLite always, not only with LONG=1")


def pytest_collection_finish() -> None:
    """What was imported stays: the collector need not go over it again and again while the tests run."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG)
    gc.enable()


def pytest_report_header() -> str:
    """Which sample this run draws."""
    return f"sample: SAMPLE={sampling.SEED}"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the long ones out unless asked for; of one test with very many cases try some, another choice every day."""
    if os.environ.get("LONG") == "1" or "long" in config.getoption("markexpr", default=""):
        return
    long = [item for item in items if item.get_closest_marker("long") and not item.get_closest_marker("both_stores")]
    short = [item for item in items if item not in set(long)]
    kept = sampling.some(short, _MOST_CASES, kind=lambda item: item.nodeid.partition("[")[0])
    left = set(items) - set(kept)
    if left and len(items) > _A_WHOLE_RUN:
        config.hook.pytest_deselected(items=list(left))
        items[:] = kept
    elif long:
        config.hook.pytest_deselected(items=long)
        items[:] = short
