"""The gate: with results required an item goes live only when both counties passed and a trial case was done."""

import base64
import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from typer.testing import CliRunner

from certs.signing import Typ
from hub.cli import app
from hub.conformance import listing, taking
from hub.registry import county
from hub.registry.directory import publish_if_due
from hub.store import tables
from schemas.conformance.result import WINDOW as OWN_WINDOW
from schemas.conformance.result import Result
from schemas.conformance.standing import Gate
from schemas.directory import offer_key
from schemas.errors import YunhuobanError
from tests.conformance_world import DECIDES, result, sign
from tests.hub_world import ISSUING, WINDOW, Case, World, make_county


def hand_in(world: World, code: str, said: Result | None = None, **changes: Any) -> None:
    """What `hub county conformance` does; passed, unless told otherwise."""
    own = world.network.counties[code]
    said = said or result(code, world.network.item, at=world.now, **changes)
    with world.store.write() as tx:
        signed = sign(said, key=own.signing_key, certificate=own.signing)
        taking.take(tx, signed, chains=world.network.chains(), now=world.now)


def require(world: World) -> None:
    """What `hub county gate required` does."""
    with world.store.write() as tx:
        taking.set_policy(tx, required=True)


def verdict(world: World, *, trial: bool = False) -> str:
    """What the hub says to an application."""
    message = Case(world, trial=trial).application()
    world.send(message)
    return world.verdicts(WINDOW)[message.envelope.id]


def do_trial(world: World) -> Case:
    """A trial case goes the whole road, to the applicant's hand."""
    case = Case(world, trial=True)
    case.up_to("case.handed_over")
    return case


def offered(world: World) -> set[str]:
    """Keys of the offers in the directory."""
    with world.store.write() as tx:
        publish_if_due(tx, world.network.issuer(), world.now)
    entries = tables.directory_entries.c
    wanted = select(entries.key).where(entries.kind == "offer", entries.removed.is_(False))
    return {row.key for row in world.rows(wanted)}


def states(world: World) -> dict[tuple[str, str, str], Gate]:
    """What `hub county items` shows of the issuing county."""
    with world.store.read() as tx:
        return {(each.window, each.issuing, each.item): each.state for each in listing.listed(tx, ISSUING)}


def test_noted_results_stop_nothing(world: World):
    """A hub that does not require them goes on as before, with results, without, and with bad ones."""
    assert verdict(world) == "admitted"
    hand_in(world, ISSUING, link_failed=1)
    assert verdict(world) == "admitted"


def test_the_way_of_an_item_to_live(world: World):
    """Nothing without results, a trial with them, the rest after the trial was done; a refusal says what is next."""
    require(world)
    assert (verdict(world, trial=True), verdict(world)) == ("E-CNF-101", "E-CNF-101")
    hand_in(world, ISSUING)
    message = Case(world, trial=True).application()
    world.send(message)
    refusal = world.refusal(message)
    assert refusal["code"] == "E-CNF-101"
    assert WINDOW in refusal["sentence_zh"]  # now it is the other county's turn
    hand_in(world, WINDOW)
    assert verdict(world) == "E-CNF-104"
    do_trial(world)
    assert verdict(world) == "admitted"
    assert states(world)[WINDOW, ISSUING, world.network.item] is Gate.LIVE


def test_a_trial_that_is_denied_or_refused_afterwards_opens_nothing(world: World):
    """A denied one never saw a license or a printer, closed or not; a refused hand-over takes back what it opened."""
    require(world)
    hand_in(world, ISSUING)
    hand_in(world, WINDOW)
    denied = Case(world, trial=True)
    world.send(denied.application())
    world.send(denied.acceptance())
    world.send(denied.decision("denied"))
    world.send(denied.message("case.closed", {"result": "denied"}))
    assert verdict(world) == "E-CNF-104"
    done = do_trial(world)
    assert verdict(world) == "admitted"
    world.send(done.refused(done.sent["case.handed_over"]))
    assert verdict(world) == "E-CNF-104"


def test_a_trial_counts_for_its_own_pair_and_item_alone(world: World):
    """Another county's trial opens nothing: the two counties' systems have to have met."""
    require(world)
    for code in world.network.counties:
        hand_in(world, code)
    do_trial(world)
    other = next(code for code in world.network.counties if code not in (WINDOW, ISSUING))
    message = Case(world, window=other).application()
    world.send(message)
    assert world.verdicts(other)[message.envelope.id] == "E-CNF-104"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"link_failed": 1}, "E-CNF-102"),
        ({"parts": {"read.decision.made": {"state": "failed"}}}, "E-CNF-102"),
        ({"parts": {"read.decision.made": {"state": "untested"}}}, "E-CNF-101"),
        ({"parts": {"read.decision.made": {"shape": "cn.yunhuoban.Decision#0"}}}, "E-CNF-103"),
        ({"items": {OWN_WINDOW: DECIDES}}, "E-CNF-101"),
    ],
)
def test_a_newer_result_shuts_the_gate_again(world: World, changes: dict[str, Any], code: str):
    """Failed, untested, of another contract, or the item is not in it any more: no new case, whatever was before."""
    require(world)
    hand_in(world, ISSUING)
    hand_in(world, WINDOW)
    do_trial(world)
    assert verdict(world) == "admitted"
    open_case = Case(world)
    world.send(open_case.application())
    world.later(minutes=1)
    hand_in(world, ISSUING, **changes)
    assert verdict(world) == code
    world.send(open_case.acceptance())  # what is under way is not stranded
    assert world.verdicts(ISSUING)[open_case.sent["application.accepted"].envelope.id] == "admitted"
    world.later(minutes=1)
    hand_in(world, ISSUING)  # `adapter test` renews it; the trial is not asked for again
    assert verdict(world) == "admitted"


def test_what_changed_expires_only_what_uses_it(world: World):
    """A part that only the county's own window uses leaves its items live, and the other way round."""
    require(world)
    hand_in(world, WINDOW)
    hand_in(world, ISSUING, parts={"read.application.submitted": {"shape": "cn.yunhuoban.Application#0"}})
    do_trial(world)
    assert verdict(world) == "admitted"
    backwards = Case(world, window=ISSUING, issuing=WINDOW, trial=True).application()
    world.send(backwards)
    refusal = world.refusal(backwards)
    assert refusal["code"] == "E-CNF-103"
    assert "read.application.submitted" in refusal["sentence_zh"]


def test_the_directory_offers_what_is_tested(world: World):
    """Required, an item without a valid result is in nobody's directory; tested, it is; noted again, all are."""
    everything = offered(world)
    assert offer_key(ISSUING, world.network.item) in everything
    require(world)
    assert offered(world) == set()
    hand_in(world, ISSUING)
    assert offered(world) == {offer_key(ISSUING, world.network.item)}
    with world.store.write() as tx:
        taking.set_policy(tx, required=False)
    assert offered(world) == everything


def test_only_the_countys_own_word_is_taken(world: World):
    """Another county's signature, one of another kind, changed bytes, an older one, one of tomorrow."""
    own, other = world.network.counties[ISSUING], world.network.counties[WINDOW]
    said = result(ISSUING, world.network.item, at=world.now)
    good = sign(said, key=own.signing_key, certificate=own.signing)
    older = result(ISSUING, world.network.item, at=world.now - timedelta(days=1))
    tomorrow = result(ISSUING, world.network.item, at=world.now + timedelta(days=1))
    hand_in(world, ISSUING, said)
    wrong = {
        "E-CNF-011": sign(said, key=other.signing_key, certificate=other.signing),
        "E-CERT-073": type(good)(good.body + b" ", good.signature),
        "E-CERT-071": sign(said, key=own.signing_key, certificate=own.signing, typ=Typ.RECEIPT),
        "E-CNF-012": sign(older, key=own.signing_key, certificate=own.signing),
        "E-CNF-013": sign(tomorrow, key=own.signing_key, certificate=own.signing),
        "E-CNF-001": sign(b"{}", key=own.signing_key, certificate=own.signing),
    }
    for code, signed in wrong.items():
        with pytest.raises(YunhuobanError, match=code), world.store.write() as tx:
            taking.take(tx, signed, chains=world.network.chains(), now=world.now)


def test_a_key_that_nobody_enrolled_is_nobody(world: World):
    """A good signature under a certificate that no card brought is not the county's."""
    stranger = make_county(world.network.authority, ISSUING)
    signed = sign(
        result(ISSUING, world.network.item, at=world.now), key=stranger.signing_key, certificate=stranger.signing
    )
    with pytest.raises(YunhuobanError, match="E-CNF-011"), world.store.write() as tx:
        taking.take(tx, signed, chains=world.network.chains(), now=world.now)


def test_the_card_brings_it_along(world: World):
    """`adapter card` carries the newest result; a card without one, or with an older one, leaves what is there."""
    own = world.network.counties[ISSUING]
    signed = sign(result(ISSUING, world.network.item, at=world.now), key=own.signing_key, certificate=own.signing)
    older = sign(
        result(ISSUING, world.network.item, at=world.now - timedelta(days=1)),
        key=own.signing_key, certificate=own.signing,
    )  # fmt: skip
    cards = [
        own.card(world.network.item, conformance=signed.to_json()),
        own.card(world.network.item),
        own.card(world.network.item, conformance=older.to_json()),
    ]
    for card in cards:
        with world.store.write() as tx:
            county.enrol(tx, card, chains=world.network.chains(), now=world.now)
    (row,) = world.rows(select(tables.conformance))
    assert (row.county, row.body, row.signature) == (ISSUING, signed.body, signed.signature)
    with pytest.raises(YunhuobanError, match="E-CNF-001"):
        own.card(world.network.item, conformance={"body": base64.b64encode(b"x").decode()})


def test_both_sides_of_a_pair_are_listed_with_what_is_missing(world: World):
    """Before any case each offered item stands alone; who asks for a county that is none is told so."""
    assert states(world) == {
        ("", ISSUING, world.network.item): Gate.MISSING,
        (ISSUING, "", OWN_WINDOW): Gate.MISSING,
    }
    hand_in(world, ISSUING)
    assert set(states(world).values()) == {Gate.TESTED}
    with world.store.read() as tx, pytest.raises(YunhuobanError, match="E-CONF-011"):
        list(listing.listed(tx, "110101"))


def test_the_commands(world: World, tmp_path):
    """`gate` shows and sets, `items` says what is next, both in both languages; nonsense is a wrong call."""
    (tmp_path / "hub.toml").write_text(f"store_url = {json.dumps(world.url)}\n", encoding="utf-8")

    def run(*arguments: str) -> Any:
        return CliRunner().invoke(app, ["county", *arguments, "-d", str(tmp_path)])

    assert "only noted" in run("gate").output
    assert "are required" in run("gate", "required").output
    assert verdict(world) == "E-CNF-101"
    done = run("items", ISSUING)
    assert "missing" in done.output
    first = [line.split("│")[1].strip() for line in done.output.splitlines() if line.startswith("│")]
    assert world.network.item in "".join(first)  # whole, also on a narrow terminal
    assert run("gate", "perhaps").exit_code == 2
