"""A way to Node for the tests of the county in JavaScript."""

import os

import pytest

from deploy.jscounty import install, lacking


def require_node() -> None:
    """Node, npm and the county's packages. None on a laptop is a skip; none in CI is a failure."""
    if absent := lacking():
        if os.environ.get("CI"):
            pytest.fail(f"missing: {' '.join(absent)}")
        pytest.skip(f"missing: {' '.join(absent)}")
    install()
