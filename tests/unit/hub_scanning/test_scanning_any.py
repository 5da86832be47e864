"""Whatever a stranger sends to the public pages: an answer of the one form, and no error but the declared ones."""

import json
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from importlib import resources

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certs.chain import TrustStore
from hub.instants import now
from hub.scanning.answering import ANSWER_BYTES, Answering
from hub.scanning.counts import Counts
from hub.store import open_store
from pages.access import Access
from pages.frame import Frame
from schemas.errors import YunhuobanError
from schemas.progressclaim import ProgressClaim
from schemas.scanning import KEY_LABEL, LOCATOR_LABEL, NONCE_BYTES

HEX = st.text("0123456789abcdefABCDEF", min_size=62, max_size=66).map(str.encode)
PART = st.text("ABCXYZabcxyz0189-_=+/", max_size=60)
LINK = st.builds(lambda *parts: ".".join(parts).encode(), PART, PART, PART)
NUMBER = st.one_of(st.integers(-5, 10**18), st.floats(), st.booleans(), st.none(), st.text(max_size=3))
CLAIM = st.fixed_dictionaries(
    {"case_no": st.one_of(st.just("130928-20261122-000017-7"), st.text(max_size=30)), "iat": NUMBER, "exp": NUMBER}
)


def no_lists() -> TrustStore:
    """Nothing typed by a stranger gets so far."""
    raise AssertionError("the lists were read")


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Answering]:
    """The pages over an empty store."""
    store = open_store(f"sqlite:///{tmp_path_factory.mktemp('any') / 'hub.sqlite'}")
    frame = Frame(name="扫码核验", access=Access(), packages=["hub.scanning"])
    yield Answering(store=store, chains=no_lists, clock=now, frame=frame, counts=Counts())
    store.close()


@given(body=st.one_of(st.binary(max_size=80), HEX))
def test_any_locator_gets_the_answer_of_an_unknown_one(pages: Answering, body: bytes):
    """One length, no state, whatever it was."""
    answer = pages.license(body, "zh")
    assert len(answer) == ANSWER_BYTES
    assert json.loads(answer)["state"] == ""


@given(body=st.one_of(st.binary(max_size=300), LINK))
def test_any_link_gets_the_one_refusal(pages: Answering, body: bytes):
    """The very same fragment, which repeats nothing of what was typed."""
    assert pages.progress(body, "en") == pages.progress(b"", "en")


@given(claim=CLAIM)
def test_any_claim_is_read_or_refused_and_judged_without_a_surprise(claim: dict[str, object]):
    """Numbers of any size: a claim that is read can be judged, and counts for a year at most."""
    with suppress(YunhuobanError):
        read = ProgressClaim.read(json.dumps(claim).encode())
        if read.counts(now()):
            assert read.expires_at - read.issued_at <= timedelta(days=366)


def test_the_script_has_the_labels_and_lengths_of_the_contract():
    """The short slice of what the browser's tests run: nobody changes one side alone."""
    script = (resources.files("hub.scanning") / "assets" / "scanning.js").read_text("utf-8")
    label = LOCATOR_LABEL.decode().replace("\0", "\\0")
    for words in (f'"{label}"', f'"{KEY_LABEL.decode()}"', f"slice(0, {NONCE_BYTES})", f"slice({NONCE_BYTES})"):
        assert words in script, words
