"""Renewal files from anybody at the joining page: one refusal for what is not proven, a told state for what is."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.countyit.renewing import cards, request
from certs import signing
from certs.chain import TrustStore
from hub.joining.online.renewals import Renewals
from schemas import strictjson
from schemas.errors import YunhuobanError
from schemas.joining.files import Sealed
from schemas.renewing.files import SignedRequest
from tests.hostile import COSTLY, altered, json_values, noise, refusal
from tests.joining_world import Joining
from tests.renewing_world import Renewing

pytestmark = pytest.mark.timeout(600)  # many examples with LONG=1


@pytest.fixture(scope="module")
def renewing(made_active: Joining, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Renewing]:
    """A request that every example may post."""
    opened = Renewing(folder=made_active.copy(tmp_path_factory.mktemp("any") / "world").world.folder)
    request.ask(opened.settings, opened.identity, datetime.now(UTC))
    yield opened
    opened.close()


def signed(renewing: Renewing, body: bytes) -> str:
    """By the county's own key, whatever it is."""
    key, certificate = renewing.identity.signer()
    return signing.sign(body, key=key, certificate=certificate, typ=signing.Typ.RENEWAL)


@settings(COSTLY, max_examples=max(COSTLY.max_examples // 3, 1))
@given(data=st.data())
def test_anything_about_a_renewal(renewing: Renewing, data):
    """Noise, damaged copies, and well-signed files with one thing wrong: E-JOIN-040, or what is wrong is told."""
    chains = renewing.hub.chains()
    step = Renewals(renewing.hub.store, lambda: chains, lambda: datetime.now(UTC))
    good = (renewing.carried / request.REQUEST).read_bytes()
    raw = strictjson.load(SignedRequest.read(good).body)

    def resigned(each: object) -> bytes:
        body = json.dumps(each).encode()
        return strictjson.dump({"body": body.decode(), "signature": signed(renewing, body)})

    anything = json_values().map(lambda each: json.dumps(each).encode())
    file = data.draw(noise([good], most=200) | altered(raw).map(resigned) | anything)
    for door in (step.request, step.answer, step.card):
        wrong = refusal(lambda door=door: door(file))
        assert wrong is None or wrong.code.code == "E-JOIN-040"
        assert wrong is not None or door == step.request
    card = data.draw(noise([good], most=200) | anything)
    text = card.decode(errors="replace")
    sealed = Sealed(text.encode(), signed(renewing, text.encode())).write("signature")
    wrong = refusal(lambda: step.card(sealed))
    assert wrong is not None
    assert wrong.code.code == "E-JOIN-040"


def test_while_no_list_is_in_force_nobody_is_refused(renewing: Renewing):
    """E-CERT-054 goes out as "come again later" at each of the three doors: it is the hub's trouble, and it passes."""
    anchors, issuing = renewing.hub.keys.anchors, renewing.hub.keys.issuing
    blind = TrustStore(anchors, intermediates=issuing, trial=True)
    step = Renewals(renewing.hub.store, lambda: blind, lambda: datetime.now(UTC))
    good = (renewing.carried / request.REQUEST).read_bytes()
    for door in (step.request, step.answer):
        with pytest.raises(YunhuobanError, match="E-CERT-054"):
            door(good)
    own = cards.current(renewing.settings, renewing.identity, now=datetime.now(UTC)).encode()
    with pytest.raises(YunhuobanError, match="E-CERT-054"):
        step.card(Sealed(own, signed(renewing, own)).write("signature"))
