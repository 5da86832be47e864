"""Released versions: their files say all of a contract, are never edited, and are read strictly from anywhere."""

import json
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas import codec, compatibility, privacy, releasefile, releases, releasing, shapes
from schemas.errors import YunhuobanError
from tests import contract_versions
from tests.hostile import COSTLY, altered, damaged, noise, refusal

GOOD = releasefile.render(contract_versions.older())


def test_a_file_says_all_of_a_version():
    """Read back, it is the same contract; each field stands on a line of its own."""
    before = contract_versions.older()
    after = releasefile.parse(releasefile.render(before))
    assert after == before
    fields = [each for kind in before.types.values() for each in kind.get("fields", ())]
    lines = {line.strip().rstrip(",") for line in GOOD.decode().splitlines()}
    assert [each for each in fields if json.dumps(each, ensure_ascii=False) not in lines] == []


@given(data=noise([GOOD]))
def test_any_bytes(data: bytes):
    """A file from anywhere is a contract or one declared error."""
    error = refusal(lambda: releasefile.parse(data))
    assert error is None or error.code.code == "E-SCHEMA-001"


@given(data=st.data())
def test_a_damaged_file(data: st.DataObject):
    """The same of a file with something changed in it; what is still a contract can be written out."""
    body = data.draw(damaged(GOOD))
    error = refusal(lambda: [releasefile.parse(body).expanded(name) for name in releasefile.parse(body).sha256])
    assert error is None or error.code.code == "E-SCHEMA-001"


@COSTLY
@given(data=st.data())
def test_an_altered_structure(data: st.DataObject):
    """Another value in any one place of the file: no contract, or one that the gate and the lint can look at."""
    whole = json.loads(GOOD)
    name = data.draw(st.sampled_from(sorted(whole["types"])))
    whole["types"][name] = data.draw(altered(whole["types"][name]))
    body = json.dumps(whole).encode()
    error = refusal(lambda: releasefile.parse(body))
    if error is None:
        contract = releasefile.parse(body)
        assert compatibility.findings(releasefile.parse(GOOD), contract) is not None
        assert compatibility.findings(contract, releasefile.parse(GOOD)) is not None
        assert privacy.findings(contract.types) is not None
    else:
        assert error.code.code == "E-SCHEMA-001"


@given(data=st.data())
def test_any_proposal(data: st.DataObject):
    """The same of `.avsc` files: whatever they hold, a contract comes out or one declared error."""
    files = [json.dumps(each).encode() for each in shapes.raw().values()]
    at = data.draw(st.integers(0, len(files) - 1))
    files[at] = data.draw(st.one_of(damaged(files[at]), noise([files[at]])))
    error = refusal(lambda: releasing.proposed(files))
    assert error is None or error.code.code == "E-SCHEMA-001"
    assert releasing.proposed(json.dumps(each).encode() for each in shapes.raw().values()).sha256 == {
        name: shapes.digest(name) for name in shapes.MESSAGE_RECORDS
    }


def test_a_type_that_contains_itself_is_no_contract():
    """It could not be written out, and no message of it could be bounded."""
    field = {"name": "a", "type": "B", "doc": "", "pii": "none"}
    types = {
        "A": {"type": "record", "name": "A", "fields": [field]},
        "B": {"type": "record", "name": "B", "fields": [field | {"type": ["null", {"type": "array", "items": "A"}]}]},
    }
    with pytest.raises(YunhuobanError, match="E-SCHEMA-001"):
        releasefile.well_formed(types)


def test_versions_have_an_order():
    """1.10 comes after 1.9, and the file names do not matter."""
    assert releases.order("1.9") < releases.order("1.10") < releases.order("2.0")
    for wrong in ("1", "1.0.0", "01.0", "1.0\n", "一.0", "", "-1.0", "1.99999"):
        with pytest.raises(YunhuobanError, match="E-SCHEMA-002"):
            releases.order(wrong)


def test_a_release_and_what_follows_from_it(tmp_path):
    """The first release is what counties run from then on; there is nothing to release until something changes."""
    folder = tmp_path / "released"
    with contract_versions.released(folder):
        made = releasing.release("1.0")
        assert made.name == "1.0.json"
        assert made.sums.decode().split() == [made.sums.decode().split()[0], "1.0.json"]
    (folder / made.name).write_bytes(made.body)
    (folder / releases.SUMS).write_bytes(made.sums)
    checked = subprocess.run(["sha256sum", "-c", releases.SUMS], cwd=folder, capture_output=True, check=False)
    assert checked.returncode == 0
    contract = releasefile.parse(made.body)
    with contract_versions.released(folder, contract):
        assert (releases.current(), releases.readable()) == ("1.0", ["1.0"])
        assert releasing.problems() == []
        with pytest.raises(YunhuobanError, match="E-SCHEMA-031"):
            releasing.release("1.1")
        with pytest.raises(YunhuobanError, match="E-SCHEMA-030"):
            releasing.release("1.0")
    grown = contract_versions.more("Decision", name="later", type="int", default=0)
    with contract_versions.working(grown), contract_versions.released(folder, contract):
        assert releases.current().startswith(releases.UNRELEASED)
        made = releasing.release("1.1")
        assert made.sums.decode().splitlines()[0].endswith("  1.0.json")
        assert releasefile.parse(made.body).crc64["Decision"] == codec.header("Decision")[2:].hex()
        for wrong in ("1.0", "0.9"):
            with pytest.raises(YunhuobanError, match="E-SCHEMA-030"):
                releasing.release(wrong)
    shut = contract_versions.more("Decision", name="later", type="int")
    with (
        contract_versions.working(shut),
        contract_versions.released(folder, contract),
        pytest.raises(YunhuobanError, match="E-SCHEMA-010"),
    ):
        releasing.release("1.1")


def test_every_older_version_counts(tmp_path):
    """What the newest version allows may still break a county that runs the one before; each finding is told once."""
    grown = contract_versions.more("Decision", name="later", type="int", default=0)
    oldest = contract_versions.older("1.0", drop={}, branches=[])
    with contract_versions.working(grown):
        newest = releasing._contract(grown, shapes.MESSAGE_RECORDS, "1.1")
    with contract_versions.released(tmp_path / "released", oldest, newest):
        found = releasing.problems()
    assert [(each.code.code, each.place) for each in found] == [("E-SCHEMA-015", "Decision.later")]


def test_a_released_file_is_never_edited(tmp_path):
    """A changed, removed or added file shuts the gate and is named."""
    folder = tmp_path / "released"
    with contract_versions.released(folder, contract_versions.older("1.0"), contract_versions.older("1.1")):
        assert list(releasing.edited()) == []
        (folder / "1.0.json").write_bytes((folder / "1.0.json").read_bytes() + b"\n")
        (folder / "1.1.json").unlink()
        (folder / "1.2.json").write_bytes(GOOD)
        assert [(each.code.code, each.place) for each in releasing.edited()] == [
            ("E-SCHEMA-029", "1.0.json"),
            ("E-SCHEMA-029", "1.1.json"),
            ("E-SCHEMA-029", "1.2.json"),
        ]


def test_each_released_version_is_what_it_says():
    """Its fingerprints are those of its own records, and its file is in its one form."""
    for contract in releases.released():
        for name in contract.sha256:
            assert contract.sha256[name] == shapes.digest_of(contract.expanded(name))
            assert contract.crc64[name] == codec.crc64(contract.expanded(name))
        file = Path(str(releases.files() / f"{contract.version}.json"))
        assert releasefile.render(contract) == file.read_bytes()


def test_no_released_file_was_edited():
    """Each has the digest that was written down when it was released."""
    assert list(releasing.edited()) == []


def test_a_county_that_reads_1_0_gets_everything_that_it_got_before():
    """Version 1.1 adds a word to the hub: no record that 1.0 has became another, the envelope among them."""
    first, now = releases.of("1.0"), releases.of("1.1")
    assert {name: now.sha256[name] for name in first.sha256} == dict(first.sha256)
    assert set(now.sha256) - set(first.sha256) == {"LicenseScan"}
    assert set(now.messages) - set(first.messages) == {"license.scannable"}
