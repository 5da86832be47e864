"""The contract as an AsyncAPI 3.0 document, made from this package's tables: what a county may send and is sent.

Channels are what a county touches on the broker: two topic exchanges to which it publishes under its own keys, and its
two queues. The payload of a county's message is always an `Envelope`; which record lies encrypted in its `data`, and
who may send it to whom, stands in the extension `x-yunhuoban`, because AsyncAPI has no word for either. Sources:
AsyncAPI 3.0.0; AMQP bindings 0.3.0. `docs/*/specification.md` says what no table can.
"""

import json
from collections.abc import Mapping
from typing import Any, Final

from schemas import attachments, shapes, topology
from schemas.envelope import SUITE
from schemas.messages import DIRECTORY_REQUESTED, HUB_TYPES, TYPES, MessageType, Party

CONTENT_TYPE: Final = "application/vnd.yunhuoban.avro"
"""Of every message in either direction: Avro single-object encoding."""
AVRO: Final = "application/vnd.apache.avro;version=1.9.0"
"""How AsyncAPI names a schema in Avro; these use nothing newer than 1.9."""
EXPRESS_WORDS: Final = frozenset({"admission.receipt", "print.granted"})
"""What the hub says on the express road; a receipt travels on the road of the message that it is for."""
INBOX_WORDS: Final = frozenset(HUB_TYPES) - {"print.granted"}
PASSED_ON: Final = ".passed_on"
_BINDING: Final = "0.3.0"
_VHOST: Final = "yunhuoban"
_COUNTY: Final = "000000"
"""A division code that stands for any, to ask the topology for names."""

Json = dict[str, Any]


def document() -> Json:
    """The whole document."""
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "云伙伴 Yunhuoban",
            "version": shapes.NAMESPACE.rsplit(".", 1)[-1],
            "description": "What a county exchanges with the hub. docs/en/specification.md says the rest.",
            "license": {"name": "Apache-2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"},
        },
        "defaultContentType": CONTENT_TYPE,
        "servers": {"hub": _server()},
        "channels": _channels(),
        "operations": _operations(),
        "components": {
            "messages": _messages(),
            "schemas": {**_headers(), **{name: _avro(name) for name in sorted(shapes.MESSAGE_RECORDS)}},
            "securitySchemes": {
                "mutualTls": {
                    "type": "X509",
                    "description": "SASL EXTERNAL; the certificate's common name, the division code, is the user.",
                }
            },
        },
    }


def to_text() -> str:
    """The document as the file that is published."""
    return json.dumps(document(), ensure_ascii=False, indent=1) + "\n"


def goes_to_counties(kind: MessageType) -> bool:
    """Whether the hub passes messages of this type on to a county."""
    return kind.receiver is not Party.HUB


def _server() -> Json:
    return {
        "host": "{host}:{port}",
        "pathname": f"/{_VHOST}",
        "protocol": "amqps",
        "protocolVersion": "0.9.1",
        "description": "RabbitMQ; TLS 1.2 or later, the county shows its connection certificate.",
        "variables": {
            "host": {"description": "Given by the hub's people; it stands in the broker's certificate."},
            "port": {"default": "5671"},
        },
        "security": [{"$ref": "#/components/securitySchemes/mutualTls"}],
    }


def _channels() -> Json:
    submitted = [name for name, kind in TYPES.items() if not kind.express]
    hurried = [name for name, kind in TYPES.items() if kind.express]
    passed_on = [name + PASSED_ON for name, kind in TYPES.items() if goes_to_counties(kind)]
    return {
        "submit": _exchange(topology.SUBMIT, submitted),
        "express": _exchange(topology.EXPRESS, hurried),
        "directory_requests": {
            "address": _generic(topology.directory_key(_COUNTY)),
            "title": "索取目录 asking for the directory",
            "parameters": {"county": _county_parameter()},
            "messages": _references([DIRECTORY_REQUESTED]),
            "bindings": _exchange_binding(topology.SUBMIT),
        },
        "parts": {
            **_exchange(topology.PARTS, list(attachments.RECORDS)),
            "title": "附件的分片 parts of attachments",
        },
        "inbox": _queue(topology.county_inbox(_COUNTY), [*passed_on, *sorted(INBOX_WORDS)]),
        "express_inbox": _queue(topology.county_express(_COUNTY), sorted(EXPRESS_WORDS)),
        "parts_inbox": _queue(topology.county_parts(_COUNTY), [name + PASSED_ON for name in attachments.RECORDS]),
    }


def _exchange(name: str, types: list[str]) -> Json:
    return {
        "address": "from.{county}.{shard}.{type}",
        "title": f"交换机 exchange {name}",
        "parameters": {
            "county": _county_parameter(),
            "shard": {
                "description": "SHA-256(case_no)[0] mod 16 in two digits; of what has no case, of the sender's code.",
                "enum": [f"{number:02d}" for number in range(topology.SHARDS)],
            },
            "type": {"description": "The envelope's type.", "enum": types},
        },
        "messages": _references(types),
        "bindings": _exchange_binding(name),
    }


def _exchange_binding(name: str) -> Json:
    (exchange,) = (each for each in topology.declarations([]).exchanges if each.name == name)
    described = {"name": exchange.name, "type": exchange.kind, "durable": True, "autoDelete": False, "vhost": _VHOST}
    return {"amqp": {"is": "routingKey", "exchange": described, "bindingVersion": _BINDING}}


def _queue(name: str, messages: list[str]) -> Json:
    described = {
        "name": _generic(name),
        "durable": True,
        "exclusive": False,
        "autoDelete": False,
        "vhost": _VHOST,
    }
    (queue,) = (each for each in topology.county_declarations([_COUNTY]).queues if each.name == name)
    return {
        "address": _generic(name),
        "title": f"队列 queue {_generic(name)}",
        "parameters": {"county": _county_parameter()},
        "messages": _references(messages),
        "bindings": {"amqp": {"is": "queue", "queue": described, "bindingVersion": _BINDING}},
        "x-arguments": dict(queue.arguments),
    }


def _operations() -> Json:
    sent = {"deliveryMode": 2, "bindingVersion": _BINDING}
    passing = {"deliveryMode": 1, "bindingVersion": _BINDING}  # what is lost is asked for again
    taken = {"ack": True, "bindingVersion": _BINDING}
    return {
        "submit": _operation("send", "submit", "报送 submits a message", sent),
        "claim": _operation("send", "express", "申领打印 claims a print", sent),
        "ask_directory": _operation("send", "directory_requests", "索取目录 asks for the directory", sent),
        "pass_parts": _operation("send", "parts", "索取与传送附件 asks for attachments and sends them", passing),
        "take": _operation("receive", "inbox", "收取 takes what has come", taken),
        "take_express": _operation("receive", "express_inbox", "收取急件 takes answers to claims", taken),
        "take_parts": _operation("receive", "parts_inbox", "收取附件 takes parts of attachments", taken),
    }


def _operation(action: str, channel: str, title: str, binding: Json) -> Json:
    return {
        "action": action,
        "channel": {"$ref": f"#/channels/{channel}"},
        "title": title,
        "messages": [{"$ref": f"#/channels/{channel}/messages/{name}"} for name in _channels()[channel]["messages"]],
        "bindings": {"amqp": binding},
    }


def _messages() -> Json:
    found: Json = {}
    for name, kind in TYPES.items():
        found[name] = _message(name, kind.record, "Envelope", "SentHeaders", _rules(kind))
        if goes_to_counties(kind):
            found[name + PASSED_ON] = _message(name, kind.record, "Envelope", "PassedOnHeaders", _rules(kind))
    for name, record in HUB_TYPES.items():
        headers = "NoHeaders" if name == "admission.receipt" else "SpokenHeaders"
        found[name] = _message(name, record, record, headers, {"sender": Party.HUB.value})
    found[DIRECTORY_REQUESTED] = _message(
        DIRECTORY_REQUESTED, "DirectoryRequest", "DirectoryRequest", "UnsignedHeaders", {"receiver": Party.HUB.value}
    )
    for name, record in attachments.RECORDS.items():
        rules = {"sender": Party.EITHER.value, "receiver": Party.EITHER.value}
        found[name] = _message(name, record, record, "UnsignedHeaders", rules)
        found[name + PASSED_ON] = _message(name, record, record, "NoHeaders", rules)
    return found


def _message(name: str, record: str, payload: str, headers: str, rules: Mapping[str, Any]) -> Json:
    return {
        "name": name,
        "title": shapes.raw()[record]["doc"],
        "contentType": CONTENT_TYPE,
        "headers": {"$ref": f"#/components/schemas/{headers}"},
        "payload": {"$ref": f"#/components/schemas/{payload}"},
        "bindings": {"amqp": {"messageType": name, "bindingVersion": _BINDING}},
        "x-yunhuoban": {"record": record, "dataschema": shapes.dataschema(record), **rules},
    }


def _rules(kind: MessageType) -> Json:
    return {
        "facts": kind.facts,
        "sender": kind.sender.value,
        "receiver": kind.receiver.value,
        "opens": kind.opens,
        "chained": kind.chained,
        "cased": kind.cased,
        "suite": SUITE if goes_to_counties(kind) else None,
    }


def _headers() -> Json:
    one = {
        "type": "array",
        "items": {"type": "string", "maxLength": 1024},
        "minItems": 1,
        "maxItems": 1,
        "description": "Detached JWS over the exact bytes of the body.",
    }
    none = {"type": "array", "maxItems": 0}
    evidence = {"type": "string", "format": "binary", "description": "An encoded AdmissionReceipt with one entry."}
    return {
        "SentHeaders": _table({"signatures": one}, closed=True),
        "UnsignedHeaders": {**_table({"signatures": none}, closed=True), "required": []},
        "PassedOnHeaders": _table({"signatures": one, "evidence": evidence}, closed=False),
        "SpokenHeaders": _table({"signatures": one}, closed=False),
        "NoHeaders": _table({}, closed=False),
    }


def _table(properties: Json, *, closed: bool) -> Json:
    """The headers of one kind of message; those from the broker may have some of its own beside them."""
    return {
        "type": "object",
        "properties": properties,
        "required": sorted(properties),
        "additionalProperties": not closed,
    }


def _avro(name: str) -> Json:
    return {"schemaFormat": AVRO, "schema": shapes.expanded(name)}


def _references(names: list[str]) -> Json:
    return {name: {"$ref": f"#/components/messages/{name}"} for name in names}


def _county_parameter() -> Json:
    return {"description": "The county's own division code, six digits.", "examples": ["130928"]}


def _generic(name: str) -> str:
    return name.replace(_COUNTY, "{county}")
