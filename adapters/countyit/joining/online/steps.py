"""One question to the joining page, and what follows from the answer: the county's next step, whatever came before.

Everything that was done is remembered beside the keys, so that a county that was interrupted anywhere goes on there:
`requested` hands in the very same request again, `approved` the card, and one that has joined asks how it stands.
"""

from dataclasses import replace
from datetime import datetime
from typing import Final

from adapters.countyit.joining import finishing, memory
from adapters.countyit.joining.memory import Joining
from adapters.countyit.joining.online.door import Door
from adapters.instants import to_millis
from adapters.settings import CountySettings
from certs import files, invitation, keys, signing
from schemas.errors import YunhuobanError
from schemas.joining.files import Sealed
from schemas.joining.wire import Question, Told

JOINED: Final = ("active", "suspended", "revoked")


def advance(settings: CountySettings, door: Door, *, now: datetime) -> Told:
    """Ask, and do what is to be done next. Raises E-JOIN-006, -050, -057 to -059, or what reading an answer in does."""
    state = Joining.load(settings.certificates).state
    if state == "requested":
        told = _requested(settings, door, now)
    elif state == "approved":
        told = _approved(settings, door, now)
    else:
        told = door.standing(_question(settings, now))
    _remember(settings, told, now)
    return told


def is_from(settings: CountySettings, secret: bytes) -> bool:
    """Whether the request that waits was made with this code: then it is asked after, and not made anew."""
    try:
        sealed = Sealed.read(memory.read_request(settings.certificates), "mac")
    except YunhuobanError:
        return False
    return invitation.is_mac(invitation.derive(secret), sealed.body, sealed.proof)


def _requested(settings: CountySettings, door: Door, now: datetime) -> Told:
    request = memory.read_request(settings.certificates)
    told = door.request(request)
    if told.state != "answered":
        return told
    answer = door.answer(request)
    if isinstance(answer, Told):  # made anew at this moment
        return told
    return door.card(finishing.finish(settings, answer, out=finishing.card_place(settings), now=now))


def _approved(settings: CountySettings, door: Door, now: datetime) -> Told:
    """The card may have been carried, or be one that a newer answer has made void."""
    place = finishing.card_place(settings)
    told = door.card(files.read(place)) if place.exists() else door.standing(_question(settings, now))
    return told if told.state else _requested(settings, door, now)


def _question(settings: CountySettings, now: datetime) -> bytes:
    folder = settings.certificates
    body = Question(
        division_code=settings.division_code,
        hub_fingerprint=Joining.load(folder).hub_fingerprint,
        asked_at=to_millis(now),
    ).write()
    certificate = keys.load_certificates(folder / "connection.pem")[0]
    key = keys.load_private_key(folder / "connection.key")
    return Sealed(body, signing.sign(body, key=key, certificate=certificate, typ=signing.Typ.JOIN)).write("signature")


def _remember(settings: CountySettings, told: Told, now: datetime) -> None:
    known = Joining.load(settings.certificates)
    if told.state in JOINED:
        known = replace(known, state="active")
    elif told.state == "refused":
        known = replace(known, state="refused", reason=told.reason)
    replace(known, told=told.write().decode(), told_at=to_millis(now)).save(settings.certificates)
