"""A key is renewed or destroyed while messages for it are on their way: none is lost, and their order stays."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
from click.testing import Result
from sqlalchemy import func, select
from typer.testing import CliRunner

from adapters import keyring
from adapters.cli import app as adapter
from adapters.directory.directoryview import KEY_EXPIRED
from adapters.identity import Identity
from adapters.store import tables
from certs import keys
from certs.profiles import Role
from schemas.envelope import KEY_BURNT, Envelope
from schemas.errors import YunhuobanError
from tests.county_begun import begin_at
from tests.county_records import acceptance, decision
from tests.county_world import ISSUING, WINDOW, World, issue

KEY_UNKNOWN = "E-ADM-042"


@pytest.fixture
def rekeyed(world: World) -> Iterator[World]:
    """A case whose application was received; afterwards every county has its own keys again."""
    begin_at(world, "application.submitted")
    before = dict(world.network.identities)
    yield world
    world.network.identities.clear()
    world.network.identities.update(before)


def renew(world: World, *, burn: bool, told: bool = True) -> None:
    """The window county has a new key; the old one is kept or destroyed; the others learn of it, or not yet."""
    window = world.window
    new = issue(world.network.transport, Role.COUNTY_ENCRYPTION, WINDOW)
    old = window.identity
    held = dict(old.encryption_keys)
    burnt = frozenset(held) if burn else frozenset()
    if burn:
        held = {}
    window.identity = replace(
        old, encryption_certificate=new.certificate, burnt=burnt,
        encryption_keys={keys.thumbprint(new.certificate): new.key, **held},
    )  # fmt: skip
    world.network.identities[WINDOW] = window.identity
    window.start()
    if told:
        tell(world)


def tell(world: World) -> None:
    """The next directory reaches everybody."""
    published = world.hub.directory(now=world.now)
    for county in world.counties.values():
        county.arrive_directory(*published)
        county.handle()


def sent(world: World) -> list[tuple[str, str, str | None]]:
    """What the issuing county has sent to the window: type, state, refusal code, in the order of the case."""
    outbox = tables.outbox
    found = select(outbox.c.type, outbox.c.state, outbox.c.refusal_code).where(outbox.c.chained)
    in_order = found.order_by(func.coalesce(outbox.c.place, outbox.c.seq), outbox.c.seq)
    return [tuple(row) for row in world.issuing.rows(in_order)]


def applied(world: World) -> list[str]:
    """What the window has applied of the issuing county's, in the order of applying: each left a trace at once."""
    traces = tables.local_writes
    found = select(traces.c.type).where(traces.c.type.not_like("message.%"), traces.c.source == ISSUING)
    return [row[0] for row in world.window.rows(found.order_by(traces.c.seq))]


def two_on_their_way(world: World) -> None:
    """Acceptance and decision are admitted for the old key and lie in the window's inbox, unopened."""
    world.issuing.source.add("application.accepted", world.case_no(), acceptance())
    world.issuing.source.add("decision.made", world.case_no(), decision())
    for _ in range(3):
        world.issuing.read()
        world.issuing.handle()
        world.carry(world.issuing, deliver=False)


def test_what_lies_in_the_inbox_for_a_retired_key_is_opened(rekeyed: World) -> None:
    """Renewal costs nobody anything."""
    two_on_their_way(rekeyed)
    renew(rekeyed, burn=False)
    rekeyed.settle()
    assert [state for _, state, code in sent(rekeyed) if code is None] == ["received"] * len(sent(rekeyed))


def test_what_lies_in_the_inbox_for_a_burnt_key_comes_again_in_order(rekeyed: World) -> None:
    """Both are refused with KEY_BURNT, written anew for the new key, and applied in their old order, each once."""
    two_on_their_way(rekeyed)
    renew(rekeyed, burn=True)
    rekeyed.settle()
    rows = sent(rekeyed)
    assert [(kind, code) for kind, state, code in rows if state == "refused"] == [
        ("application.accepted", KEY_BURNT.code),
        ("decision.made", KEY_BURNT.code),
    ]
    assert [kind for kind, state, _ in rows if state == "received"][:2] == ["application.accepted", "decision.made"]
    assert applied(rekeyed)[:2] == ["application.accepted", "decision.made"]
    assert rekeyed.window.rows(select(tables.cases.c.state))[0][0] not in ("submitted", "accepted")


def test_a_follower_for_the_new_key_waits_for_the_one_that_is_written_anew(rekeyed: World) -> None:
    """The decision, encrypted for the new key, arrives before the acceptance comes again: it is not applied first."""
    rekeyed.issuing.source.add("application.accepted", rekeyed.case_no(), acceptance())
    rekeyed.issuing.read()
    rekeyed.carry(rekeyed.issuing, deliver=False)
    renew(rekeyed, burn=True)
    rekeyed.issuing.source.add("decision.made", rekeyed.case_no(), decision())
    rekeyed.issuing.read()
    rekeyed.carry(rekeyed.issuing)
    rekeyed.window.handle()
    rekeyed.window.handle()
    assert rekeyed.window.rows(select(tables.cases.c.state)) == [("submitted",)], "the decision waits"
    rekeyed.settle()
    rekeyed.later(minutes=2)
    rekeyed.settle()
    assert applied(rekeyed)[:2] == ["application.accepted", "decision.made"]


def test_while_the_directory_still_names_the_burnt_key_the_message_waits(rekeyed: World) -> None:
    """It is not encrypted for the same key again, however often somebody looks; the new directory sets it free."""
    two_on_their_way(rekeyed)
    renew(rekeyed, burn=True, told=False)
    rekeyed.settle()
    refused = [kind for kind, _, code in sent(rekeyed) if code == KEY_BURNT.code]
    assert refused[:2] == ["application.accepted", "decision.made"]
    assert [kind for kind, state, _ in sent(rekeyed) if state == "draft"] == refused
    tell(rekeyed)
    rekeyed.settle()
    assert all(state != "draft" for _, state, _ in sent(rekeyed))
    assert applied(rekeyed)[:2] == ["application.accepted", "decision.made"]


def test_what_lies_in_the_outbox_for_a_key_that_is_no_longer_stated_is_written_anew(rekeyed: World) -> None:
    """The hub refuses it with KEY_UNKNOWN: nobody's case ends for that."""
    rekeyed.issuing.source.add("application.accepted", rekeyed.case_no(), acceptance())
    rekeyed.issuing.read()
    (row,) = [each for each in rekeyed.issuing.due() if each.type == "application.accepted"]
    renew(rekeyed, burn=True)
    said: dict[str, Any] = {
        "message_id": row.message_id, "code": KEY_UNKNOWN, "field": "encrypted_for", "found": "", "expected": "",
        "sentence_zh": "", "remedy_zh": "", "sentence_en": "", "remedy_en": "", "refused_at": rekeyed.now,
    }  # fmt: skip
    rekeyed.issuing.seen.add(row.message_id)
    receipt = rekeyed.hub.receipt(
        row.body, row.signature, at=rekeyed.now, message_id=row.message_id, refusal=said
    )  # fmt: skip
    rekeyed.issuing.arrive_receipt(receipt)
    rekeyed.settle()
    assert [(state, code) for _, state, code in sent(rekeyed)] == [("refused", KEY_UNKNOWN), ("received", None)]
    (anew,) = rekeyed.issuing.rows(select(tables.outbox.c.body).where(tables.outbox.c.supersedes == row.message_id))
    envelope = Envelope.parse(anew[0])
    assert envelope.encrypted_for == keys.thumbprint(rekeyed.window.identity.encryption_certificate)


def test_the_ring_over_a_keys_life(world: World, tmp_path: Path) -> None:
    """New, taken, kept, burnt: what is loaded at the next start is what the folder says."""
    folder = tmp_path / "county"
    copytree(world.network.folder / WINDOW, folder)
    settings = world.window.settings.model_copy(update={"folder": folder})
    before = Identity.load(settings)
    certs = settings.certificates
    request = keyring.begin(certs, WINDOW)
    subject, public = keys.open_request(request)
    assert Identity.load(settings).encryption_keys.keys() == before.encryption_keys.keys(), "not in use yet"
    foreign = issue(world.network.transport, Role.COUNTY_ENCRYPTION, WINDOW).certificate
    with pytest.raises(YunhuobanError) as refused:
        keyring.take(certs, foreign, WINDOW, world.now)
    assert refused.value.code is keyring.NOT_OURS
    certificate = world.network.transport.issue(Role.COUNTY_ENCRYPTION, subject, public, now=world.now)
    keyring.take(certs, certificate, WINDOW, world.now)
    renewed = Identity.load(settings)
    old = keys.thumbprint(before.encryption_certificate)
    assert renewed.encryption_certificate == certificate
    assert set(renewed.encryption_keys) == {old, keys.thumbprint(certificate)}
    with pytest.raises(YunhuobanError) as refused:
        keyring.burn(certs, keys.thumbprint(certificate).hex(), world.now)
    assert refused.value.code is keyring.NO_SUCCESSOR
    with pytest.raises(YunhuobanError) as refused:
        keyring.burn(certs, "", world.now)
    assert refused.value.code is keyring.NO_SUCH_KEY
    keyring.burn(certs, old.hex()[:12], world.now)
    burnt = Identity.load(settings)
    assert (set(burnt.encryption_keys), burnt.burnt) == ({keys.thumbprint(certificate)}, {old})
    assert not list(certs.glob("encryption-*"))
    assert KEY_EXPIRED.code.startswith("E-LINK")


def test_the_commands_change_a_key(world: World, tmp_path: Path) -> None:
    """`key new`, `take`, `list`, `burn` as county IT types them, with an authority's certificate between."""
    folder = tmp_path / "county"
    copytree(world.network.folder / WINDOW, folder)
    (folder / "county.toml").write_text(
        f'division_code = "{WINDOW}"\nname = "吴桥县"\nmapping = "m"\nlocal_read = "r"\nlocal_write = "w"\n'
        '[authority]\nname = "吴桥县行政审批局"\ncode = "11140881MB0000000U"\n',
        encoding="utf-8",
    )
    old = keys.thumbprint(world.window.identity.encryption_certificate).hex()

    def typed(*words: str) -> Result:
        return CliRunner().invoke(adapter, ["key", *words, "-d", str(folder)], catch_exceptions=True)

    assert typed("list").output.split() == [old, "encryption.pem"]
    assert typed("new", "-o", str(tmp_path / "request.pem")).exit_code == 0
    subject, public = keys.open_request((tmp_path / "request.pem").read_bytes())
    certificate = world.network.transport.issue(Role.COUNTY_ENCRYPTION, subject, public, now=world.now)
    keys.save_certificates([certificate], tmp_path / "new.pem")
    assert typed("take", str(tmp_path / "new.pem")).exit_code == 0
    assert isinstance(typed("burn", keys.thumbprint(certificate).hex()).exception, YunhuobanError), "still in use"
    assert typed("burn", old[:12]).exit_code == 0
    held = keyring.held(folder / "certs")
    assert list(held.values()) == [keys.thumbprint(certificate)]
