"""Any bytes as a list of experts: read, or refused with a declared code."""

import contextlib

from hypothesis import example, given
from hypothesis import strategies as st

from adapters.hall.stating import expertlist
from schemas.errors import YunhuobanError

CELL = st.text(max_size=12)


@given(st.one_of(st.binary(max_size=300), st.lists(CELL, max_size=9).map(lambda row: ",".join(row).encode())))
@example(b'"\r\n')
@example(b"\x00,1")
def test_only_declared_errors_come_out(tail: bytes) -> None:
    """With the right head and without it."""
    for data in (tail, expertlist.empty() + tail):
        with contextlib.suppress(YunhuobanError):
            for each in expertlist.of_file(data, "140881"):
                assert each.record["expert_no"]
