"""The benchmark's tables say which target is reached and print whatever was measured, and the watch knows its steps."""

import contextlib
import io
import sys
from types import FrameType

from rich.console import Console

from deploy.bench import report
from deploy.bench.steps import step_of
from schemas.envelope import Envelope
from schemas.errors import YunhuobanError


def shown(record: dict[str, object]) -> str:
    """The tables as text."""
    console = Console(file=io.StringIO(), width=120, force_terminal=True, color_system="standard")
    report.show(record, console)
    return console.file.getvalue()  # type: ignore[attr-defined,no-any-return]


def test_a_target_that_is_missed_is_red_and_one_that_is_reached_green():
    """Nobody has to compare figures by eye, and lower is better where it is."""
    red, green = "\x1b[31m", "\x1b[32m"
    found = shown({"relay_ratio_1_worker": 0.4, "faststream_ratio": 3.5, "added_p99_ratio": 2.0})
    assert f"{red}0.40" in found
    assert f"{green}3.50" in found
    assert f"{green}2.00" in found


def test_an_interrupted_run_shows_what_it_has():
    """A record without most of its parts is printed."""
    memory = {"messages": 10, "start_mib": 1.0, "middle_mib": 2.0, "end_mib": 3.0}
    assert "3.0" in shown({"memory": memory})


def test_time_inside_a_library_counts_for_the_step_that_called_it():
    """A frame of Avro's below the envelope's is the envelope's time."""
    seen: list[str | None] = []

    def look(frame: FrameType, event: str, _argument: object) -> None:
        if event == "call" and "fastavro" not in frame.f_code.co_filename:
            seen.append(step_of(frame))

    sys.setprofile(look)
    try:
        with contextlib.suppress(YunhuobanError):
            Envelope.parse(b"\xc3\x01")
    finally:
        sys.setprofile(None)
    assert "解码信封 parse envelope" in seen
