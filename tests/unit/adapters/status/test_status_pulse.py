"""The running node's word of itself, as another process reads it."""

from datetime import timedelta
from pathlib import Path

import pytest

from adapters.countyit.status import pulse
from adapters.countyit.status.pulse import Heart
from adapters.link.messages import UNREACHABLE
from schemas.errors import YunhuobanError
from tests.status_report import AT


class Road:
    """A link that is as the test says."""

    connected = False
    last_problem: YunhuobanError | None = None


class Beating:
    """A heart with one link, on a clock that the test moves."""

    def __init__(self, folder: Path) -> None:
        self.now, self.road, self.folder = AT, Road(), folder
        self.heart = Heart(folder, {"cases": self.road}, clock=lambda: self.now)  # type: ignore[dict-item]

    def later(self, **span: float) -> None:
        """Move the clock and turn once."""
        self.now += timedelta(**span)
        self.heart.turn()

    def read(self) -> pulse.Pulse | None:
        """What another process reads now."""
        return pulse.read(self.folder, self.now)


@pytest.fixture
def beating(tmp_path: Path) -> Beating:
    """A node that has just begun to run."""
    made = Beating(tmp_path)
    made.later()
    return made


def test_another_process_reads_since_when_a_link_is_as_it_is(beating: Beating) -> None:
    """Connected after a minute; lost two minutes later, and why: at once, without waiting for the next beat."""
    beating.road.connected = True
    beating.later(minutes=1)
    beating.later(minutes=2)
    assert [(each.connected, each.since) for each in beating.read().links] == [(True, AT + timedelta(minutes=1))]
    beating.road.connected, beating.road.last_problem = False, YunhuobanError(UNREACHABLE)
    beating.later(seconds=1)
    (link,) = beating.read().links
    assert (link.connected, link.since, link.problem) == (False, beating.now, "E-LINK-002")


def test_a_word_that_is_old_or_torn_is_none(beating: Beating) -> None:
    """A node that was killed leaves its file; after a minute nobody takes it for a running one."""
    beating.now += pulse.STALE
    assert beating.read() is not None
    beating.now += timedelta(seconds=1)
    assert beating.read() is None
    for torn in ("", "[]", '{"at": 1}', '{"at": "x", "started_at": "y", "links": []}', '{"links": [{}]}'):
        (beating.folder / "node.json").write_text(torn, encoding="utf-8")
        assert beating.read() is None


def test_a_node_that_ends_takes_its_word_back(beating: Beating) -> None:
    """Whoever looks afterwards is told that nothing runs; ending twice is harmless."""
    beating.heart.stop()
    beating.heart.stop()
    assert beating.read() is None


def test_a_folder_that_cannot_be_written_does_not_end_the_node(tmp_path: Path) -> None:
    """The disk is full, or the folder gone: the node goes on, and says of itself on its page what is wrong."""
    beating = Beating(tmp_path / "gone")
    beating.later()
    assert beating.read() is None
    assert beating.heart.pulse().at == beating.now
