"""Labels: every state and outcome of the contract has words on the pages and in `hub trace`, in both languages."""

import pytest

from adapters.printing.states import PrintState
from hub.views.ladder import STATED
from pages import fieldnames, labels
from pages.outcomes import LICENSE_STATES, OUTCOMES, outcome
from pages.wording import translations
from schemas import shapes
from schemas.lifecycle import CaseState
from schemas.messages import TYPES


@pytest.mark.parametrize(
    ("shown", "states"),
    [
        (labels.CASE_STATES, [state.value for state in CaseState]),
        (labels.PRINT_STATES, [state.value for state in PrintState]),
        (LICENSE_STATES, shapes.raw()["LicenseState"]["symbols"]),
    ],
)
def test_every_state_has_words(shown, states):
    """A state nobody described would stand on the page by its English name, with a question mark."""
    assert sorted(shown) == sorted(states)


def test_every_outcome_has_words():
    """Whatever enumeration says how a step went: each of its symbols has a label under that type, and none is left."""
    expected = {}
    for kind, fact in STATED.items():
        (field,) = [each for each in shapes.raw()[TYPES[kind].facts]["fields"] if each["name"] == fact]
        named = field["type"]["name"] if isinstance(field["type"], dict) else field["type"]
        shape = shapes.raw().get(str(named).rpartition(".")[2], {})
        if shape.get("type") == "enum":
            expected[kind] = sorted(shape["symbols"])
    assert {kind: sorted(values) for kind, values in OUTCOMES.items()} == expected
    assert outcome("print.claimed", "130928-20261122-000017-C-D1-1") is None


def test_every_field_of_the_contract_has_an_english_name():
    """Whatever record it is of: its name in the contract is Chinese, and the catalogue has the English."""
    english = translations("en")
    missing = {
        f"{record}: {name}"
        for record, shape in shapes.raw().items()
        for name in fieldnames.names(shape)
        if not name.isascii() and not english.get(name)
    }
    assert missing == set()
    assert fieldnames.name("材料清单：一项一行") == "材料清单"
