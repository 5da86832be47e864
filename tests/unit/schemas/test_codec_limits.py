"""Hostile bytes cost at most 100 ms and 50 MB, also when they are as large and as finely divided as the caps allow.

Each record is tried in a process of its own, forked from one that has made the imports; its address space ends 50 MB
(and the input) above what it has then: an allocation of more is a MemoryError, which is no declared error. Times are
processor time, because other work on the machine is no fault of the codec.
"""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from schemas import codec, shapes
from tests import sampling

ROOT = Path(__file__).resolve().parents[3]

CHILD = """
import json, os, resource, sys, time
from schemas import codec
from schemas.errors import YunhuobanError
from tests.unit.schemas.records import crowded, joined, plain, tokens, varint

limit = int(sys.argv[1])
for name in sys.argv[2:]:
    sys.stdout.flush()
    if not (child := os.fork()):
        break
    assert os.waitpid(child, 0)[1] == 0, name
else:
    sys.exit()
cap = codec.CAPS_BYTES.get(name, codec.CAP_BYTES)
room, head = cap - codec.HEADER_BYTES, codec.header(name)
parts = tokens(name, plain(name))
full = crowded(name, room)
inputs = {
    "crowded": head + full,
    "crowded, last byte wrong": head + full[:-1] + b"\\x02",
    "crowded, cut": head + full[:-1],
    "crowded, trailing": head + full + b"\\0",
    "zeros": head + bytes(room),
    "ones": head + b"\\xff" * room,
    "small numbers": head + b"\\x02" * room,
    "over the cap": head + bytes(room + 1),
    "another thing": b"\\xc3\\x02" * (room // 2),
}
for i, token in enumerate(parts):
    before, after = joined(parts[:i]), joined(parts[i + 1:])
    left = room - len(before)
    if token.kind == "count":
        for count in (token.cap, 2**40):
            inputs[f"{token.place}: {count} and zeros"] = head + before + varint(count) + bytes(left - 10)
    if token.kind == "size" and token.cap + 20 < left:
        text = "\\u4e91".encode() * (token.cap // 3) if parts[i + 1].kind == "string" else bytes(token.cap)
        inputs[f"{token.place}: full"] = head + before + varint(len(text)) + text + joined(parts[i + 2:])

codec.decode(head + joined(parts), name)  # whatever is prepared once
pages = int(open("/proc/self/statm").read().split()[0])
resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + limit,) * 2)
worst, accepted = ("", 0.0), 0
for title, data in inputs.items():
    best = 9.9
    for _ in range(3):
        start = time.process_time()
        try:
            codec.decode(data, name)
            accepted += 1
        except YunhuobanError:
            pass
        best = min(best, time.process_time() - start)
    worst = max(worst, (title, best), key=lambda each: each[1])
print(json.dumps({"name": name, "worst": worst, "accepted": accepted, "inputs": len(inputs)}))
"""


TRIED = sampling.all_or_some(shapes.MESSAGE_RECORDS, 10)
"""A run of everything asserts five records a day; none but those of the day are worked on for seconds."""


@pytest.fixture(scope="module")
def tried():
    """What each record's process says."""
    limit = 50_000_000
    command = [sys.executable, "-c", CHILD, str(limit), *TRIED]
    done = subprocess.run(command, cwd=ROOT, env={"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return {said["name"]: said for said in map(json.loads, done.stdout.splitlines())}


@pytest.mark.parametrize("name", TRIED)
def test_the_worst_inputs_stay_within_time_and_memory(tried, name):
    """The finest, the fullest and the emptiest messages up to the cap: 100 ms and 50 MB, and a declared error."""
    said = tried[name]
    assert said["accepted"] >= 3, "the crowded record is valid: otherwise this tests only refusals"
    assert said["worst"][1] < 0.1, said


def test_no_cap_is_missing():
    """Every cap belongs to a record there is, and none passes what the promise was tried with."""
    assert set(codec.CAPS_BYTES) <= set(shapes.MESSAGE_RECORDS)
    assert all(cap <= 4 * 2**20 for cap in codec.CAPS_BYTES.values())
