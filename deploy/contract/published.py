"""Which files the contract publishes, and what stands in each."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from deploy.contract import made, pages
from deploy.contract.throwaway import Network
from deploy.contract.values import Json
from deploy.contract.vectors import (
    cards,
    certificates,
    directories,
    drawings,
    encodings,
    encryption,
    grants,
    hubwords,
    identifiers,
    journals,
    keystatements,
    lifecycles,
    openings,
    orders,
    receipts,
    refusals,
    routing,
    scanning,
    signatures,
    trees,
    workdays,
)
from schemas import asyncapi, codec, releases, shapes

CHECKOUT: Final = Path(__file__).resolve().parents[2]
CONTRACT: Final = CHECKOUT / "docs" / "contract"
VECTORS: Final = CONTRACT / "vectors"
KEYS: Final = VECTORS / "keys.json"
_AVRO: Final = CHECKOUT / "schemas" / "avro"
_CALENDAR: Final = CHECKOUT / "schemas" / "workdays" / "china.csv"
JS_CONTRACT: Final = CHECKOUT / "deploy" / "js-county" / "contract"
"""What the example county in JavaScript ships of the contract: it runs where there is no checkout."""


def network() -> Network:
    """The throw-away network that is published."""
    return Network.from_json(json.loads(KEYS.read_text(encoding="utf-8")))


def files(given: Network) -> dict[Path, str]:
    """Every published file with the text that it must have."""
    found = {VECTORS / f"{name}.json": _text(made_of(given)) for name, made_of in vectors().items()}
    found[CONTRACT / "asyncapi.json"] = asyncapi.to_text()
    return found | _js_contract() | {page: pages.filled(page) for page in pages.PAGES}


def vectors() -> Mapping[str, Callable[[Network], Json]]:
    """How each file of vectors is made, by its name."""
    return {
        "keys": lambda given: given.to_json(),
        "card": cards.vectors,
        "encoding": lambda _: encodings.vectors(),
        "identifiers": lambda _: identifiers.vectors(),
        "routing": lambda _: routing.vectors(),
        "lifecycle": lambda _: lifecycles.vectors(),
        "tree": lambda _: trees.vectors(),
        "drawing": lambda _: drawings.vectors(),
        "signature": lambda given: signatures.vectors(given, made.all_types(given)["print.claimed"]),
        "encryption": encryption.vectors,
        "messages": _messages,
        "refusals": lambda given: refusals.vectors(given, made.all_types(given)),
        "receipts": _receipts,
        "key_statement": keystatements.vectors,
        "directory": directories.vectors,
        "hub_words": hubwords.vectors,
        "grants": grants.vectors,
        "journal": journals.vectors,
        "scanning": scanning.vectors,
        "opening": openings.vectors,
        "certificates": certificates.vectors,
        "workdays": lambda _: workdays.vectors(),
        "order": lambda given: orders.vectors(made.all_types(given)["application.accepted"]),
    }


def _js_contract() -> dict[Path, str]:
    found = {JS_CONTRACT / "avro" / file.name: file.read_text(encoding="utf-8") for file in _AVRO.glob("*.avsc")}
    records = {
        name: {
            "header": codec.header(name).hex(),
            "dataschema": shapes.dataschema(name),
            "cap_bytes": codec.CAPS_BYTES.get(name, codec.CAP_BYTES),
        }
        for name in shapes.MESSAGE_RECORDS
    }
    own = releases.current()
    stated = {"versions": [] if own.startswith(releases.UNRELEASED) else [own]}
    found[JS_CONTRACT / "china.csv"] = _CALENDAR.read_text(encoding="utf-8")
    return found | {JS_CONTRACT / "records.json": _text(records), JS_CONTRACT / "versions.json": _text(stated)}


def _messages(given: Network) -> Json:
    return {
        "about": "One message of every type. `clear` is the envelope without `data`, `body` what is signed and sent.",
        "vectors": [each.to_json() for each in made.all_types(given).values()],
    }


def _receipts(given: Network) -> Json:
    messages = made.all_types(given)
    return receipts.vectors(
        given, [messages[name] for name in ("application.submitted", "message.received", "print.claimed")]
    )


def _text(content: Any) -> str:
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"
