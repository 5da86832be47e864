"""The Avro records of the contract, loaded once from `schemas/avro/*.avsc`, with their digests.

Avro 1.11 specification. Every string, bytes and array field carries a cap (`max_bytes`, `max_items`,
`item_max_bytes`) and a privacy class (`pii`: none, basic, sensitive); a test refuses a field without them.
"""

import hashlib
import json
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any, Final

NAMESPACE: Final = "cn.yunhuoban.v1"

# Records that travel on their own; all others are parts of these.
MESSAGE_RECORDS: Final = (
    "Envelope", "Application", "SupplementRequest", "Supplement", "NonAcceptance", "Acceptance", "ReviewStep",
    "SpecialProcedure", "ProcedureResult", "Extension", "Decision", "Withdrawal", "Termination", "License",
    "LicenseStateChange", "PrintAuthorisation", "PrintRevocation", "PrintClaim", "Grant", "PrintOutcome", "HandOver",
    "Closing", "Received", "Refusal", "Checkpoint", "AdmissionReceipt", "Directory", "KeyStatement",
    "CheckpointPublished", "Countersignature", "CountyEntry", "Offer", "DirectoryRequest",
    "EpochOpened", "EpochReport", "ServiceItem", "Implementation", "Alliance", "AllianceMember", "AllianceItem",
    "LicenseScan", "Parcel", "ParcelReceipt", "VisitOffer", "VisitBooking", "VisitResult", "Rating", "RatingFollowUp",
    "ExpiryReminder", "Question", "Answer", "FurtherQuestion", "QuestionClosing", "Appeal", "AppealEscalation",
    "AppealAnswer", "AppealClosing", "AliveRequest", "AliveAnswer", "MonthlyList", "ListReconciliation", "GroupPart",
    "UndoRequest", "UndoResult", "AppealReturn", "WindowPowers", "Expert", "Bundle", "ItemDetail", "GuideAnswer",
    "ReviewConvening", "ReviewDraw", "ReviewReport", "OpinionRequest", "Opinion", "OpinionDecline",
    "AttachmentRequest", "AttachmentPart", "AttachmentRefusal",
)  # fmt: skip


@cache
def raw() -> dict[str, dict[str, Any]]:
    """Every named type of the contract by its short name, exactly as its file says."""
    folder = resources.files("schemas") / "avro"
    files = [entry for entry in folder.iterdir() if entry.name.endswith(".avsc")]
    types = (json.loads(entry.read_text(encoding="utf-8")) for entry in files)
    return {each["name"]: each for each in types}


def expand(types: Mapping[str, Mapping[str, Any]], name: str) -> dict[str, Any]:
    """One of these records with the named types it uses written out at their first use, as Avro wants it in one schema.

    Raises KeyError for a name that is not among the types.
    """
    seen: set[str] = set()

    def resolve(schema: Any) -> Any:
        if isinstance(schema, str):
            short = schema.removeprefix(f"{NAMESPACE}.")
            return resolve(types[short]) if short in types and short not in seen else schema
        if isinstance(schema, list):
            return [resolve(each) for each in schema]
        if schema["type"] in ("record", "enum", "fixed"):
            seen.add(schema["name"])
        if schema["type"] == "record":
            return {**schema, "fields": [{**f, "type": resolve(f["type"])} for f in schema["fields"]]}
        if schema["type"] == "array":
            return {**schema, "items": resolve(schema["items"])}
        return schema

    result: dict[str, Any] = resolve(types[name])
    return result


@cache
def expanded(name: str) -> dict[str, Any]:
    """One record of the working contract, written out."""
    return expand(raw(), name)


def digest_of(schema: Mapping[str, Any]) -> str:
    """SHA-256 in hex over the full JSON of a written-out record, with everything that Avro's fingerprint ignores."""
    text = json.dumps(schema, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


@cache
def digest(name: str) -> str:
    """The digest of one record of the working contract."""
    return digest_of(expanded(name))


def dataschema_of(name: str, sha256: str) -> str:
    """What an envelope's `dataschema` says of its payload: `<full name>#<first 32 hex digits of the digest>`."""
    return f"{NAMESPACE}.{name}#{sha256[:32]}"


@cache
def dataschema(name: str) -> str:
    """The `dataschema` of a payload in the working contract."""
    return dataschema_of(name, digest(name))
