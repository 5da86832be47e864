"""What the county's store adds to a true seal: another face, another file, a newer version, a state that ended."""

import io
from datetime import UTC, datetime, timedelta

import pytest

from adapters.hall.verifying import checking, confined, words
from adapters.hall.verifying.knowledge import Known
from adapters.licenses.examining.examine import Verifier, examine
from pages.uploads import jail

NOW = datetime.now(UTC) + timedelta(hours=2)
"""After the seal, which is made under the real clock when the first test asks for it."""


@pytest.fixture(scope="module")
def seen(sealed, party):
    """The genuine file, examined."""
    return examine(sealed, Verifier(anchors=party.anchors, crls=party.crls(), trial=True, now=NOW))


class Rewound(io.BytesIO):
    """A file that is read from its beginning each time, as the jail does."""

    def read(self, size: int | None = -1) -> bytes:
        """Everything."""
        self.seek(0)
        return super().read(size)


def known(seen, **changes) -> Known:
    """A county that has this very file, valid an hour ago."""
    files = {seen.sha256: seen.statement_sha256}
    values = {"files": files, "journalled_at": NOW, "state": "valid", "state_said_at": NOW - timedelta(hours=1)}
    return Known(**{**values, **changes})


def test_what_the_county_knows_makes_every_line_good(seen):
    """Digest and face are the message's: nothing is unknown but what is told apart, with its age."""
    checked = checking.judged(seen, known(seen), NOW)
    assert checked.good
    assert {line.standing for line in checked.lines} == {"ok"}
    assert "1 小时" in words.state_now(checked, "zh")
    assert "有效" in words.state_now(checked, "zh")


@pytest.mark.parametrize(
    ("changes", "code", "validly"),
    [
        ({"files": {"00": "11"}}, "E-VERIFY-141", False),
        ({"newest": "1.2.156.3005.2.a.b.c.002.X"}, "E-VERIFY-144", True),
        ({"state": "superseded"}, "E-VERIFY-144", True),
        ({"state": "revoked"}, "E-VERIFY-143", True),
        ({"state": "suspended"}, "E-VERIFY-143", True),
    ],
)
def test_what_the_county_knows_better(seen, changes, code, validly):
    """Each with its own code; where the license ended, it was sealed validly all the same."""
    checked = checking.judged(seen, known(seen, **changes), NOW)
    assert checked.verdict.code.code == code
    assert not checked.good
    assert checked.sealed_validly is validly


def test_the_same_face_in_another_file(seen):
    """The authority sealed the same once more, and this is not the file that was sent."""
    checked = checking.judged(seen, known(seen, files={"00": seen.statement_sha256}), NOW)
    assert checked.verdict.code.code == "E-VERIFY-142"


def test_the_state_is_said_in_words(seen):
    """A clerk reads 撤销, not revoked; in English the other way."""
    checked = checking.judged(seen, known(seen, state="revoked"), NOW)
    assert "撤销" in words.sentence(checked, "zh")
    assert "revoked" in words.sentence(checked, "en").lower()


def test_a_broken_jail_is_no_verdict(sealed, party, monkeypatch):
    """What is not an examination is refused, whatever a captured child may have written."""
    monkeypatch.setattr(jail, "run_task", lambda *_each, **_other: b'{"findings": [["E-VERIFY-999", ""]]}')
    with jail.held(sealed) as file, pytest.raises(Exception, match="E-PAGE-121"):
        confined.examined(file, Verifier(anchors=[], crls=[], trial=True, now=NOW))


def test_the_second_look_is_by_the_journals_time(sealed, party, monkeypatch):
    """Known by digest: the time is the journal's and no more the seal's own word. The jail has its own tests."""
    monkeypatch.setattr(checking, "examined", lambda file, verifier: examine(file.read(), verifier))
    at = party.now + timedelta(minutes=3)
    seen_at = []

    def ask(identifier: str) -> Known:
        seen_at.append(identifier)
        return Known(files={digest: statement}, journalled_at=at, state="valid", state_said_at=at)

    verifier = Verifier(anchors=party.anchors, crls=party.crls(), trial=True, now=NOW)
    first = examine(sealed, verifier)
    digest, statement = first.sha256, first.statement_sha256
    checked = checking.check(Rewound(sealed), verifier, ask)
    assert checked.good
    assert seen_at == [first.identifier]
    assert checked.examination.sealed_at == at
    assert checked.examination.time_is_journalled
    assert checked.known
