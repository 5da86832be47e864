"""A way to Node and npm for the tests of the county in JavaScript, and for those of the pages' accessibility."""

import os
from pathlib import Path

import pytest

from deploy.jscounty import SOURCE, lacking
from deploy.npmpackages import install


def require_node(folder: Path = SOURCE) -> None:
    """Node, npm and a folder's packages. None on a laptop is a skip; none in CI is a failure."""
    if absent := lacking():
        if os.environ.get("CI"):
            pytest.fail(f"missing: {' '.join(absent)}")
        pytest.skip(f"missing: {' '.join(absent)}")
    install(folder)
