"""The directory: entries, the digest of the whole, and records in an order that tries every rule of applying them."""

import tempfile
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

from adapters.directory import directories, directoryview
from adapters.directory.directoryview import DirectoryView
from adapters.store import Store, open_store
from certs import keys
from certs.signing import Typ
from deploy.contract import values
from deploy.contract.throwaway import Network
from deploy.contract.values import ISSUING, ITEM, NOW, WINDOW, Json
from deploy.contract.vectors import keystatements
from schemas import codec
from schemas import directory as form
from schemas.errors import YunhuobanError
from schemas.workdays.override import COUNTRY, DayRule, Override, YearRule

_SERIAL: Final = 100
_LIFE: Final = timedelta(days=7)
_NOTICES: Final = tuple(text.encode() for text in ("周六停机维护", "恢复正常", "第一条", "第二条"))
_CALENDAR: Final = Override(
    years=(YearRule(2027, "公布"),), days=(DayRule(date(2027, 10, 1), COUNTRY, working=False, note="国庆节"),)
)
_UNREADABLE: Final = "日期,安排\n2027-10-01,半天\n".encode()
"""A calendar as a later hub may send it: it counts for nothing and costs nothing else."""
_NAMES: Final = {WINDOW: ("window", "吴桥县"), ISSUING: ("issuing", "永济市")}

Entries = Mapping[str, bytes]


def vectors(network: Network) -> Json:
    """The file `directory.json`."""
    state = entries(network)
    return {
        "about": "`records` come in this order at `at`; each is applied, known, part or lacking, or a code refuses it.",
        "at": values.millis(NOW),
        "entries": [{"key": key, "value": value.hex()} for key, value in sorted(state.items())],
        "state_sha256": _digest(state).hex(),
        "empty_state_sha256": form.state_digest({}).hex(),
        "records": _applied(network, list(_records(network, state))),
    }


def entries(network: Network) -> dict[str, bytes]:
    """What the whole directory holds: two counties, one item, the hub's certificates, lists, a notice, a calendar."""
    found = {form.county_key(code): _county(network, code) for code in _NAMES}
    offer = {"county": ISSUING, "service_item": ITEM, "name": "企业设立登记", "greatest_state_age_seconds": 2_592_000}
    found[form.offer_key(ISSUING, ITEM)] = codec.encode("Offer", values.sample("Offer", "least") | offer)
    by_digest = (
        (form.ISSUING, keys.der(network.certificates["issuing"])),
        (form.HUB_CERTIFICATE, keys.der(network.certificates["hub_checkpoint"])),
        (form.HUB_CERTIFICATE, keys.der(network.certificates["hub_signing"])),
        (form.REVOCATION_LIST, keys.crl_der(network.lists["root"])),
        (form.REVOCATION_LIST, keys.crl_der(network.lists["issuing"])),
        (form.NOTICE, _NOTICES[0]),
        (form.CALENDAR, _CALENDAR.encode()),
    )
    return found | {form.digest_key(kind, value): value for kind, value in by_digest}


def view(network: Network) -> DirectoryView:
    """The directory as a county believes it."""
    anchors = [network.certificates["root"]]
    return directoryview.view(
        entries(network), serial=_SERIAL, expires_at=NOW + _LIFE, anchors=anchors, trial=True, before=None
    )


def _county(network: Network, code: str) -> bytes:
    side, name = _NAMES[code]
    statement, signature = keystatements.statement(network, code)
    return codec.encode(
        "CountyEntry",
        values.sample("CountyEntry", "least")
        | {
            "division_code": code,
            "name": name,
            "authority_name": f"{name}行政审批局",
            "authority_code": ITEM[:18],
            "state": "active",
            "signing_certificates": [keys.der(network.certificates[f"{side}_signing"])],
            "key_statement": statement,
            "key_statement_signature": signature,
            "halls": ["01"],
            "contact": "政务服务科",
            "telephone": "0317-0000000",
        },
    )


def _digest(state: Entries) -> bytes:
    return form.state_digest({key: form.value_digest(value) for key, value in state.items()})


def _records(network: Network, state: dict[str, bytes]) -> Iterator[tuple[str, bytes, str]]:
    """Name, body and signature of each record."""
    for name, fields in (*_complete(state), *_changes(network, state)):
        record: dict[str, Any] = {
            "since": 0,
            "part": 1,
            "parts": 1,
            "issued_at": NOW,
            "expires_at": NOW + _LIFE,
            "removed": [],
        } | fields
        signer = record.pop("signer", "hub_signing")
        record["entries"] = [{"key": key, "value": value} for key, value in record["entries"].items()]
        body = codec.encode("Directory", record)
        yield name, body, network.sign(signer, body, Typ.DIRECTORY)


def _complete(state: dict[str, bytes]) -> Iterator[tuple[str, dict[str, Any]]]:
    """From nothing: several that are wrong, and one in two parts."""
    whole: dict[str, Any] = {"serial": _SERIAL, "entries": state, "state_sha256": _digest(state)}
    yield "another signer", whole | {"signer": "hub_checkpoint"}
    yield "a county's signature", whole | {"signer": "window_signing"}
    yield "complete, another digest", whole | {"state_sha256": form.state_digest({})}
    misplaced = state | {form.digest_key(form.NOTICE, b"x"): b"y"}
    yield "an entry under another key", whole | {"entries": misplaced, "state_sha256": _digest(misplaced)}
    entries_ = list(state.items())
    yield "complete, first part", whole | {"entries": dict(entries_[:4]), "parts": 2}
    yield "complete, second part", whole | {"entries": dict(entries_[4:]), "part": 2, "parts": 2}


def _changes(network: Network, state: dict[str, bytes]) -> Iterator[tuple[str, dict[str, Any]]]:
    """From serial to serial, with one that is lost and asked for."""
    later = NOW + timedelta(minutes=1)
    gone = form.digest_key(form.NOTICE, _NOTICES[0])
    added = {form.digest_key(form.NOTICE, value): value for value in _NOTICES[1:2]}
    lost = {form.digest_key(form.NOTICE, value): value for value in _NOTICES[2:3]}
    fresh = {form.digest_key(form.NOTICE, value): value for value in _NOTICES[3:4]}
    changed = {key: value for key, value in (state | added).items() if key != gone}
    newest = changed | lost | fresh
    change: dict[str, Any] = {"serial": 101, "since": 100, "entries": added, "removed": [gone]}
    change["state_sha256"] = _digest(changed)
    led: dict[str, Any] = {"serial": 103, "since": 102, "entries": fresh, "state_sha256": _digest(newest)}
    yield "a change", change
    yield "the same again", change
    yield "another directory of this serial", change | {"state_sha256": form.state_digest({})}
    announced = {"serial": 102, "since": 101, "part": 0, "parts": 0, "entries": {}}
    yield "announced only", announced | {"state_sha256": _digest(changed | lost)}
    yield "a change that leads on from what is not here", led
    yield "what was asked for", led | {"since": 101, "entries": lost | fresh}
    yield "the change once more, which says nothing new", led
    yield "an older one that comes late", change | {"serial": 102, "issued_at": NOW - timedelta(days=1)}
    yield "an older one that was made later", change | {"serial": 102, "issued_at": later}
    stale = {key: value for key, value in newest.items() if form.kind_of(key) != form.REVOCATION_LIST}
    for name in ("root", "issuing_before"):
        value = keys.crl_der(network.lists[name])
        stale[form.digest_key(form.REVOCATION_LIST, value)] = value
    older: dict[str, Any] = {"serial": 104, "entries": stale, "state_sha256": _digest(stale)}
    yield "complete, with an older revocation list", older
    renewed = {"issued_at": later, "expires_at": later + _LIFE}
    yield "a renewal", {"serial": 104, "since": 103, "entries": {}, "state_sha256": _digest(newest)} | renewed
    old, new = (form.digest_key(form.CALENDAR, value) for value in (_CALENDAR.encode(), _UNREADABLE))
    calendars = {key: value for key, value in newest.items() if key != old} | {new: _UNREADABLE}
    replaced: dict[str, Any] = {"serial": 105, "since": 104, "entries": {new: _UNREADABLE}, "removed": [old]}
    yield "a calendar that cannot be read", replaced | {"state_sha256": _digest(calendars)} | renewed


def _applied(network: Network, records: list[tuple[str, bytes, str]]) -> list[Json]:
    """What a county makes of the records, one after the other."""
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(f"sqlite:///{Path(folder) / 'county.sqlite'}")
        try:
            return [_taken(network, store, *each) for each in records]
        finally:
            store.close()


def _taken(network: Network, store: Store, name: str, body: bytes, signature: str) -> Json:
    outcome, code = None, None
    try:
        with store.write() as tx:
            anchors = [network.certificates["root"]]
            outcome = directories.accept(tx, body, signature, anchors=anchors, trial=True, now=NOW)
    except YunhuobanError as error:
        code = error.code.code
    return {"name": name, "body": body.hex(), "signature": signature, "outcome": outcome, "code": code}
