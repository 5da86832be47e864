"""The county in JavaScript keeps to every vector, and holds out in a small world of its own."""

import subprocess

import pytest

from deploy.jscounty import SOURCE
from tests.javascript import require_node

pytestmark = pytest.mark.timeout(900)


def test_it_accepts_and_refuses_every_vector_as_stated():
    """Its own tests: encodings, signatures, proofs, openings, and cases with losses, disorder and a restored hub.

    With LONG=1 it is also killed at every single commit, before and after.
    """
    require_node()
    done = subprocess.run(["node", "--test"], cwd=SOURCE, capture_output=True, text=True, timeout=800, check=False)
    wrong = [line for line in done.stdout.splitlines() if line.lstrip().startswith("not ok")]
    assert done.returncode == 0, "\n".join(wrong) or done.stderr
