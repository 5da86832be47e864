"""Version 1.2 of the contract beside older ones: what they can say goes on, what they cannot is not halved."""

import pytest

from adapters.licenses.particulars import BY_LICENSE
from schemas import codec, releases, releasing
from schemas.errors import YunhuobanError
from schemas.resolution import NOT_IN_VERSION
from tests.county_records import application, decision, supplement
from tests.unit.adapters.licenses.kinds import PARTS, issue
from tests.unit.adapters.licenses.test_license_issue import NoRenderer, PaperSealer
from tests.unit.adapters.licenses.test_license_issue import issue as issue_business_license


def test_a_county_that_reads_1_1_gets_everything_that_it_got_before():
    """Fields with defaults are added and nothing else: who fills none of them is understood as before."""
    before, now = releases.of("1.1"), releasing.working()
    changed = {name for name, sha256 in before.sha256.items() if now.sha256[name] != sha256}
    assert changed == {"Application", "Decision", "Envelope", "License", "Supplement"}
    assert dict(before.messages).items() <= dict(now.messages).items()
    assert before.sha256.keys() <= now.sha256.keys()
    said = {
        "Application": application(),
        "Decision": decision(),
        "Supplement": supplement(),
        "License": issue_business_license(NoRenderer(), PaperSealer()),
    }
    for name, record in said.items():
        for version in ("1.0", "1.1"):
            assert codec.decode(codec.encode(name, record, version), name) == record


@pytest.mark.parametrize("license_name", BY_LICENSE)
def test_what_an_older_contract_cannot_say_is_never_left_out(license_name):
    """A kitchen, a pharmacy, a stage, a person: an older county is not told half of it, and the field is named."""
    part = BY_LICENSE[license_name].part
    said = {
        "Application": application(**{part: PARTS[license_name]}),
        "License": issue(license_name, NoRenderer(), PaperSealer()),
    }
    for name, record in said.items():
        with pytest.raises(YunhuobanError) as caught:
            codec.encode(name, record, "1.1")
        assert (caught.value.code, caught.value.place, caught.value.expected) == (
            NOT_IN_VERSION, f"{name}.{part}", "1.1"
        )  # fmt: skip
        assert (releases.has_field("", name, part), releases.has_field("1.1", name, part)) == (True, False)
