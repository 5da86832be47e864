"""The AsyncAPI document is one, by AsyncAPI's own schema, and says what the broker and both sides do."""

import copy
import json
from pathlib import Path

import pytest
from jsonschema import Draft7Validator

from adapters.link import connection as link
from hub.intake import inspection
from schemas import asyncapi, shapes, topology
from schemas.messages import DIRECTORY_REQUESTED, HUB_TYPES, TYPES

SCHEMA = json.loads((Path(__file__).parent / "asyncapi" / "asyncapi-3.0.0.json").read_text(encoding="utf-8"))
VALIDATOR = Draft7Validator(SCHEMA)


@pytest.fixture
def document():
    """A document of the test's own."""
    return copy.deepcopy(json.loads(asyncapi.to_text()))


def test_it_is_valid(document):
    """Tools that read AsyncAPI 3.0 can read it."""
    assert [error.message for error in VALIDATOR.iter_errors(document)] == []


@pytest.mark.parametrize(
    "spoil",
    [
        lambda it: it["operations"]["submit"].pop("channel"),
        lambda it: it["operations"]["submit"].update(action="publish"),
        lambda it: it["channels"]["submit"]["bindings"]["amqp"]["exchange"].update(type="queue"),
        lambda it: it["components"]["schemas"]["Grant"]["schema"].pop("fields"),
        lambda it: it["components"]["securitySchemes"]["mutualTls"].update(type="x509"),
        lambda it: it["servers"]["hub"].pop("protocol"),
    ],
)
def test_the_schema_bites(document, spoil):
    """It is checked against more than its outline: operations, bindings, Avro and security."""
    spoil(document)
    assert not VALIDATOR.is_valid(document)


def test_every_reference_leads_somewhere(document):
    """The schema cannot say that."""
    found = []

    def walk(node):
        if isinstance(node, dict):
            found.extend([node["$ref"]] if "$ref" in node else [])
            for each in node.values():
                walk(each)
        elif isinstance(node, list):
            for each in node:
                walk(each)

    walk(document)
    assert found
    for reference in found:
        node = document
        for part in reference.removeprefix("#/").split("/"):
            node = node[part]


def test_each_type_is_sent_on_its_own_road(document):
    """A county finds for every type where it goes."""
    channels = document["channels"]
    for name, kind in TYPES.items():
        assert (name in channels["express"]["messages"]) is kind.express
        assert (name in channels["submit"]["messages"]) is not kind.express
    assert set(channels["directory_requests"]["messages"]) == {DIRECTORY_REQUESTED}


def test_everything_that_comes_is_there(document):
    """A county finds everything that it may be given, and in every message its record."""
    inbox = set(document["channels"]["inbox"]["messages"])
    assert {name + asyncapi.PASSED_ON for name, kind in TYPES.items() if asyncapi.goes_to_counties(kind)} <= inbox
    assert set(HUB_TYPES) == (inbox | set(document["channels"]["express_inbox"]["messages"])) & set(HUB_TYPES)
    for message in document["components"]["messages"].values():
        assert message["x-yunhuoban"]["dataschema"] == shapes.dataschema(message["x-yunhuoban"]["record"])


def test_names_are_the_brokers(document):
    """Exchanges and queues are those that the hub declares, with its arguments."""
    declared = topology.declarations(["130928"])
    exchanges = {each.name: each.kind for each in declared.exchanges}
    queues = {each.name: dict(each.arguments) for each in declared.queues}
    for channel in document["channels"].values():
        binding = channel["bindings"]["amqp"]
        if binding["is"] == "queue":
            assert queues[binding["queue"]["name"].replace("{county}", "130928")] == channel["x-arguments"]
        else:
            assert exchanges[binding["exchange"]["name"]] == binding["exchange"]["type"]


def test_one_content_type():
    """Both sides and the document name the same."""
    assert asyncapi.CONTENT_TYPE == link.CONTENT_TYPE == inspection.CONTENT_TYPE
