"""What the hub's door says of a message before it looks at any other: properties, envelope, copies, signature, time."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from certs.signing import Typ
from deploy.contract import values
from deploy.contract.made import Made
from deploy.contract.throwaway import OTHER, Network
from deploy.contract.values import CASE_NO, ISSUING, ITEM, NOW, WINDOW, Json
from hub.broker import Delivery
from hub.intake import inspection
from hub.registry.trust import Signer, Trust
from schemas.catalogue.view import CatalogueView
from schemas.envelope import Envelope

_TRUSTED: Final = {
    "window_signing": WINDOW,
    "issuing_signing": ISSUING,
    "revoked_signing": OTHER,
    "expired_signing": OTHER,
}
_DAY: Final = timedelta(days=1)


def vectors(network: Network, messages: Mapping[str, Made]) -> Json:
    """The file `refusals.json`."""
    trust = _trust(network)
    published = (*_properties(messages), *_envelopes(network, messages), *_signatures(network, messages))
    return {
        "about": "A county publishes this at `at`; `code` is the hub's first refusal with its place, null lets it in.",
        "at": values.millis(NOW),
        "active": [WINDOW, ISSUING],
        "suspended": [OTHER],
        "certificates": _TRUSTED,
        "vectors": [_judged(trust, name, publish, body) for name, publish, body in published],
    }


def _properties(messages: Mapping[str, Made]) -> Iterator[tuple[str, Json, bytes]]:
    """Right envelopes, wrongly put into AMQP."""
    good, claim = messages["application.submitted"], messages["print.claimed"]

    def of(message: Made, **changes: Any) -> tuple[Json, bytes]:
        publish = message.publish()
        for part in ("properties", "headers"):
            publish[part] |= changes.pop(part, {})
        return publish | changes, message.body

    yield "as it should be", *of(good)
    yield "a claim on the express road", *of(claim)
    yield "a claim among the cases", *of(claim, exchange="submit")
    yield "a case on the express road", *of(good, exchange="express")
    yield "another content type", *of(good, properties={"content_type": "application/json"})
    for name, value in (("reply_to", "somewhere"), ("priority", 5), ("expiration", "1000"), ("correlation_id", "1")):
        yield f"property {name}", *of(good, properties={name: value})
    yield "header CC", *of(good, headers={"CC": ["from.130928.00.x"]})
    yield "without a signature", *of(good, headers={"signatures": []})
    yield "two signatures", *of(good, headers={"signatures": [good.signature, good.signature]})
    yield "another message id", *of(good, properties={"message_id": claim.envelope.id})
    yield "another type", *of(good, properties={"type": "decision.made"})
    key = good.publish()["routing_key"]
    yield "another shard", *of(good, routing_key=key.replace(".06.", ".07."))


def _envelopes(network: Network, messages: Mapping[str, Made]) -> Iterator[tuple[str, Json, bytes]]:
    """Envelopes with one field wrong, rightly signed."""
    good, accepted = messages["application.submitted"], messages["application.accepted"]
    sealed, word = good.envelope, messages["checkpoint.countersigned"]
    wrong: tuple[tuple[str, Made, dict[str, Any]], ...] = (
        ("an id in capitals", good, {"id": sealed.id.upper()}),
        ("after itself", good, {"prev": sealed.id}),
        ("a case number with a wrong check character", good, {"case_no": CASE_NO[:-1] + "0"}),
        ("an item that is none", good, {"service_item": ITEM[:-1]}),
        ("a destination that is none", good, {"destination": "990000"}),
        ("an unknown type", good, {"type": "application.lost", "facts": None}),
        ("a word of the hub", good, {"type": "print.granted", "facts": None}),
        ("in the hub's name", good, {"source": "hub"}),
        ("over before it began", good, {"expires": NOW}),
        ("for longer than 30 days", good, {"expires": NOW + timedelta(days=30, milliseconds=1)}),
        ("another suite", good, {"suite": "p256-2"}),
        ("a trace that is none", good, {"traceparent": "00-0-0-00"}),
        ("a checkpoint below nought", good, {"checkpoint": {"epoch": 1, "size": -1, "root": bytes(32)}}),
        ("without its facts", accepted, {"facts": None}),
        ("a name among its facts", good, {"facts": {**(sealed.facts or {}), "alliance": "王小明"}}),
        ("another record", good, {"dataschema": accepted.envelope.dataschema}),
        ("open to all", good, {"encrypted_for": None}),
        ("a word about itself, in a case", word, {"case_no": CASE_NO}),
        ("a word about itself, to a county", word, {"destination": ISSUING}),
        ("from the future", good, {"time": NOW + timedelta(minutes=6)}),
        ("five minutes ahead", good, {"time": NOW + timedelta(minutes=5)}),
        ("over", good, {"time": NOW - 2 * _DAY, "expires": NOW - _DAY}),
    )
    for name, message, changes in wrong:
        yield name, *_again(network, message, replace(message.envelope, **changes))
    yield "a byte behind the envelope", *_signed(network, good, good.body + b"\0")


def _signatures(network: Network, messages: Mapping[str, Made]) -> Iterator[tuple[str, Json, bytes]]:
    """A right envelope under a signature that is not its sender's."""
    good = messages["application.submitted"]
    yield "one byte changed", good.publish(), good.body[:-1] + bytes([good.body[-1] ^ 1])
    yield "signed as something else", *_signed(network, good, good.body, typ=Typ.KEYS)
    yield "signed by the other county", *_signed(network, good, good.body, signer="issuing_signing")
    yield "signed by nobody known", *_signed(network, good, good.body, signer="foreign_signing")
    other = replace(good.envelope, source=OTHER)
    publish, body = _again(network, good, other, signer="revoked_signing")
    publish["properties"]["user_id"] = OTHER
    publish["routing_key"] = publish["routing_key"].replace(WINDOW, OTHER)
    yield "from a suspended county", publish, body


def _again(network: Network, message: Made, envelope: Envelope, signer: str = "") -> tuple[Json, bytes]:
    publish, body = _signed(network, message, envelope.to_bytes(), signer=signer)
    publish["properties"] |= {"message_id": envelope.id, "type": envelope.type}
    return publish, body


def _signed(
    network: Network, message: Made, body: bytes, *, signer: str = "", typ: Typ = Typ.ENVELOPE
) -> tuple[Json, bytes]:
    publish = message.publish()
    publish["headers"]["signatures"] = [network.sign(signer or message.signer, body, typ)]
    return publish, body


def _trust(network: Network) -> Trust:
    """What the hub has enrolled."""
    return Trust(
        serial=1,
        states={WINDOW: "active", ISSUING: "active", OTHER: "suspended"},
        signers={
            network.thumbprint(name): Signer(county, network.certificates[name]) for name, county in _TRUSTED.items()
        },
        statements={},
        offers={},
        catalogue=CatalogueView({}),
        lists=(),
        chains=network.chains(),
    )


def _judged(trust: Trust, name: str, publish: Json, body: bytes) -> Json:
    seen = inspection.second_look(inspection.first_look(_delivery(publish, body)), trust, NOW)
    return {
        "name": name,
        "publish": publish,
        "body": body.hex(),
        "sha256": hashlib.sha256(body).hexdigest(),
        "code": seen.problem.code.code if seen.problem else None,
        "place": seen.problem.place if seen.problem else None,
    }


def _delivery(publish: Json, body: bytes) -> Delivery:
    """The message as the broker hands it to the hub."""
    properties = publish["properties"]
    named = ("message_id", "type", "user_id", "content_type", "reply_to", "expiration", "priority", "correlation_id")
    return Delivery(
        queue="",
        body=body,
        headers=publish["headers"],
        properties_set=frozenset({*properties, "headers"}),
        timestamp=None,
        exchange=publish["exchange"],
        routing_key=publish["routing_key"],
        redelivered=False,
        delivery_count=0,
        generation=0,
        channel=0,
        tag=0,
        **{each: properties.get(each) for each in named},
    )
