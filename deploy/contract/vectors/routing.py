"""Where messages go: shards, routing keys, names of queues, and the request for the directory."""

from typing import Final

from deploy.contract import made
from deploy.contract.values import CASE_NO, ISSUING, NOW, WINDOW, Json, as_json
from schemas import asyncapi, attachments, codec, topology
from schemas.identifiers.case import CaseNo
from schemas.identifiers.division import DivisionCode
from schemas.messages import DIRECTORY_REQUESTED, TYPES

_SERIALS: Final = range(1, 9)


def vectors() -> Json:
    """The file `routing.json`."""
    division, day = DivisionCode(WINDOW), NOW.date()
    numbers = [CASE_NO, *(str(CaseNo.mint(division, day, serial)) for serial in _SERIALS)]
    return {
        "about": "Shards of case numbers; of what belongs to no case, `case_no` is empty and the source decides.",
        "shards": [{"case_no": each, "shard": topology.shard(each)} for each in numbers],
        "keys": [_key(source, name) for source in (WINDOW, ISSUING) for name in TYPES],
        "queues": [{"division_code": each, "read": [topology.county_inbox(each), topology.county_express(each),
                                                    topology.county_parts(each)]}
                   for each in (WINDOW, ISSUING)],
        "directory_request": _request(),
        "attachments": [_about(word) for word in attachments.RECORDS],
    }  # fmt: skip


def _key(source: str, name: str) -> Json:
    case_no = CASE_NO if TYPES[name].cased else ""
    return {
        "source": source,
        "type": name,
        "case_no": case_no,
        "exchange": topology.EXPRESS if TYPES[name].express else topology.SUBMIT,
        "routing_key": topology.submit_key(source, case_no, name),
    }


def _about(word: str) -> Json:
    """What is published on the road of parts, of the first attachment of an application."""
    said: dict[str, Json] = {
        attachments.REQUESTED: {"parts": [0, 1]},
        attachments.PART: {"part": 1, "data": "第二片的密文".encode()},
        attachments.REFUSED: {"part": attachments.WHOLE, "code": "E-PART-010"},
    }
    message_id = made.message_id("application.submitted")
    record = {"source": WINDOW, "message_id": message_id, "attachment": 0, **said[word]}
    county = ISSUING if word == attachments.REQUESTED else WINDOW
    return {
        "record": as_json(attachments.RECORDS[word], record),
        "body": codec.encode(attachments.RECORDS[word], record).hex(),
        "publish": {
            "exchange": topology.PARTS,
            "routing_key": topology.parts_key(county, CASE_NO, word),
            "properties": {
                "content_type": asyncapi.CONTENT_TYPE,
                "delivery_mode": 1,
                "message_id": made.message_id(word),
                "type": word,
                "user_id": county,
            },
            "headers": {"signatures": []},
        },
        "queue": topology.county_parts(WINDOW if word == attachments.REQUESTED else ISSUING),
    }


def _request() -> Json:
    return {
        "serial": 5,
        "body": codec.encode("DirectoryRequest", {"division_code": WINDOW, "serial": 5}).hex(),
        "publish": {
            "exchange": topology.SUBMIT,
            "routing_key": topology.directory_key(WINDOW),
            "properties": {
                "content_type": asyncapi.CONTENT_TYPE,
                "delivery_mode": 2,
                "message_id": made.message_id(DIRECTORY_REQUESTED),
                "type": DIRECTORY_REQUESTED,
                "user_id": WINDOW,
            },
            "headers": {"signatures": []},
        },
    }
