"""A county's certificates change over while it works: asked for in time, both generations good, nothing lost."""

import itertools
import json
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from adapters import keyring
from adapters.countyit.renewing import nextkeys
from adapters.countyit.renewing.renewer import Stage
from adapters.countyit.renewing.request import ANSWER, CARD, REQUEST
from adapters.identity import Identity, key_statement
from adapters.store import tables
from certs import encryption, files, keys, renewal
from certs.profiles import PROFILES
from hub.registry import trust
from schemas.errors import YunhuobanError
from schemas.renewing.files import ROLES, RenewalAnswer
from tests.renewing_world import COUNTY, Renewing


def in_use(renewing: Renewing) -> dict[str, bytes]:
    """Thumbprints of the three certificates in use."""
    folder = renewing.settings.certificates
    return {name: keys.thumbprint(nextkeys.certificate_in_use(folder, name)) for name in ROLES}


def test_nothing_is_asked_before_its_time(renewing: Renewing):
    """A young certificate is left alone; three quarters through its life the running node asks by itself."""
    assert renewing.step() == 0
    assert renewing.standing().stage is Stage.RESTING
    renewing.until_due()
    assert renewing.standing().stage is Stage.DUE
    assert renewing.step() == 1
    assert renewing.standing().stage is Stage.ASKED
    assert renewing.step() == 0, "once is enough"
    assert [path.name for path in renewing.carried.iterdir()] == [REQUEST]
    assert b"PRIVATE" not in (renewing.carried / REQUEST).read_bytes()


def test_the_whole_way_without_a_restart(renewing: Renewing):
    """Asked, answered, connection at once, the rest when the directory names them; the node's own parts never change.

    What was encrypted for the old key opens before, between and after; the hub takes both signers.
    """
    before, parts = in_use(renewing), renewing.identity
    old_recipient, old_signer = parts.encryption_certificate, parts.signing_certificate
    renewing.until_due()
    renewing.step()
    renewing.answer()
    assert renewing.step() == 1
    assert renewing.standing().stage is Stage.ANSWERED
    between = in_use(renewing)
    assert between["connection"] != before["connection"]
    assert (between["signing"], between["encryption"]) == (before["signing"], before["encryption"])
    assert renewing.step() == 0, "until the directory names them"
    new_recipient = nextkeys.certificate(renewing.settings.certificates, "encryption")
    assert {keys.thumbprint(each) for each in (old_recipient, new_recipient)} <= parts.encryption_keys.keys()

    renewing.hand_in()
    view = renewing.tell()
    member = view.members[COUNTY]
    assert len(member.signers) == 2
    assert view.recipient(COUNTY, renewing.now) == new_recipient, "others use the new one from now on"
    with renewing.hub.store.read() as tx:
        believed = renewing.hub.load_trust(tx, None)
    assert {keys.thumbprint(each) for each in member.signers.values()} <= believed.signers.keys()
    for each in (old_recipient, new_recipient):
        assert believed.opens(COUNTY, keys.thumbprint(each), renewing.now)

    assert renewing.step() == 1
    after = in_use(renewing)
    assert all(after[name] != before[name] for name in ROLES)
    key, signer = parts.signer()
    assert keys.public_key(signer) == key.public_key()
    assert signer != old_signer
    assert parts is renewing.identity
    for recipient in (old_recipient, new_recipient):
        opener = parts.encryption_keys[keys.thumbprint(recipient)]
        prepared = encryption.prepare(b"on its way")
        sealed = encryption.encrypt(prepared, recipient, bytes(32))
        assert encryption.decrypt(sealed, key=opener, bound=bytes(32), commitment=prepared.commitment) == b"on its way"
    assert list(renewing.carried.iterdir()) == []
    assert renewing.standing().stage is Stage.RESTING
    assert renewing.step() == 0
    assert Identity.load(renewing.settings).signing_certificate == signer, "and so after a restart"


def test_the_old_encryption_key_can_be_burnt_after_the_change(renewing: Renewing):
    """It is there once, under one name; after `adapter key burn` the running node opens nothing with it any more."""
    old = keys.thumbprint(renewing.identity.encryption_certificate)
    change(renewing)
    keyring.burn(renewing.settings.certificates, old.hex(), renewing.now)
    renewing.step()
    assert old not in renewing.identity.encryption_keys
    assert old in renewing.identity.burnt


def change(renewing: Renewing) -> None:
    """From due to done."""
    renewing.until_due()
    renewing.step()
    renewing.answer()
    renewing.step()
    renewing.hand_in()
    renewing.tell()
    assert renewing.step() == 1


class _Cut(BaseException):
    """The machine loses its current."""


@pytest.mark.parametrize("every", [15, pytest.param(1, marks=pytest.mark.long)])
def test_a_cut_at_any_moment_of_the_change_is_survived(
    made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, every: int
):
    """At each durable write in turn the machine dies; the next start goes on, and all three change over with one key.

    From taking the answer in to the end: as many runs as there are writes and deletions, or some of them.
    """
    done = False
    for cut_at in itertools.count(1, every):
        renewing = Renewing.of(made, tmp_path / str(cut_at))
        old = keys.thumbprint(renewing.identity.encryption_certificate)
        renewing.until_due()
        renewing.step()
        renewing.answer()
        left = iter(range(cut_at))

        def dying(real, left=left):
            def write(*given, **named):
                if next(left, None) is None:
                    raise _Cut
                return real(*given, **named)

            return write

        with monkeypatch.context() as cutting:
            cutting.setattr(files, "write_atomically", dying(files.write_atomically))
            cutting.setattr(Path, "unlink", dying(Path.unlink))
            try:
                renewing.step()
                handed = (renewing.carried / CARD).exists()
                if handed:
                    with monkeypatch.context() as whole:
                        whole.undo()
                    renewing.hand_in()
                    renewing.tell()
                    renewing.step()
                done = True
            except _Cut:
                done = False
        nextkeys.settle(renewing.settings.certificates)  # as the node does when it starts
        renewing.identity.renew(Identity.load(renewing.settings))
        renewing.renewer = renewing.started()
        for _ in range(3):
            renewing.step()
            if (renewing.carried / CARD).exists():
                renewing.now += timedelta(minutes=1)
                renewing.hand_in()
                renewing.tell()
        assert renewing.standing().stage is Stage.RESTING, cut_at
        assert renewing.identity.is_whole()
        held = list(keyring.held(renewing.settings.certificates).values())
        assert sorted(held) == sorted({old, keys.thumbprint(renewing.identity.encryption_certificate)}), cut_at
        for each in held:
            certificate = next(
                one for one in map(keys.load_certificates, keyring.held(renewing.settings.certificates))
                if keys.thumbprint(one[0]) == each
            )[0]  # fmt: skip
            assert keys.public_key(certificate) == renewing.identity.encryption_keys[each].public_key(), cut_at
        renewing.close()
        if done:
            break
    assert cut_at > 10, "every step of it was cut"


@pytest.mark.parametrize("wrong", ["noise", "another request", "another county", "swapped keys", "another authority"])
def test_a_wrong_answer_is_set_aside_and_said(renewing: Renewing, made, tmp_path: Path, wrong: str):
    """E-RENEW-001, -021, -022 or E-CERT-050; nothing changes, the right answer is taken afterwards."""
    renewing.until_due()
    renewing.step()
    renewing.answer()
    good = (renewing.carried / ANSWER).read_bytes()
    answer = RenewalAnswer.read(good)
    chains = dict(answer.chains)
    if wrong == "swapped keys":
        chains |= {"signing": chains["connection"], "connection": chains["signing"]}
    if wrong == "another authority":
        other = demo_authority(tmp_path, renewing)
        for name in ROLES:
            public = keys.public_key(keys.certificate_from_der(chains[name][0]))
            issued = other.issue(renewal.role(name), COUNTY, public, now=renewing.now)
            chains[name] = [keys.der(each) for each in other.chain(issued)]
    changed = RenewalAnswer(
        division_code="140881" if wrong == "another county" else COUNTY,
        request_sha256=bytes(32) if wrong == "another request" else answer.request_sha256,
        chains=chains,
    ).write()
    (renewing.carried / ANSWER).write_bytes(b"{}" if wrong == "noise" else changed)
    codes = {
        "noise": "E-RENEW-001", "another request": "E-RENEW-021", "another county": "E-RENEW-021",
        "swapped keys": "E-RENEW-022", "another authority": "E-CERT-050",
    }  # fmt: skip
    with pytest.raises(YunhuobanError) as caught:
        renewing.step()
    assert caught.value.code.code == codes[wrong]
    assert told(renewing) == [codes[wrong]]
    assert renewing.standing().stage is Stage.ASKED
    assert not nextkeys.installed(renewing.settings.certificates)
    (renewing.carried / ANSWER).write_bytes(good)
    assert renewing.step() == 1
    assert told(renewing) == []


def demo_authority(folder: Path, renewing: Renewing):
    """Another network."""
    return type(renewing.authority).create(folder / "other", kind="transport", trial=True, now=renewing.now, name="O")


def told(renewing: Renewing) -> list[str]:
    """What the page and `adapter status` say of the renewal."""
    with renewing.store.read() as tx:
        return list(tx.execute(select(tables.troubles.c.code).order_by(tables.troubles.c.id)).scalars())


def test_an_answer_without_a_request_is_refused(renewing: Renewing):
    """E-RENEW-020: nothing was asked, so nothing is taken in; the file stays where it is and changes nothing."""
    from adapters.countyit.renewing import answer

    with pytest.raises(YunhuobanError, match="E-RENEW-001"):
        answer.take(renewing.settings, renewing.identity, b"{}", directory=None, now=renewing.now)
    made = RenewalAnswer(division_code=COUNTY, request_sha256=bytes(32), chains={name: [] for name in ROLES}).write()
    with pytest.raises(YunhuobanError, match="E-RENEW-020"):
        answer.take(renewing.settings, renewing.identity, made, directory=None, now=renewing.now)


def test_people_are_told_from_a_month_before_the_end_until_it_is_done(renewing: Renewing):
    """E-RENEW-030, once a day in the page and in `adapter status`; gone when the change-over is done."""
    renewing.until_due()
    renewing.step()
    assert told(renewing) == []
    ends = min(each.ends_at for each in renewing.standing().spans.values())
    renewing.now = ends - timedelta(days=PROFILES[renewal.role("signing")].warn_days - 1)
    renewing.authority.publish_crls(now=renewing.now)
    renewing.step()
    assert told(renewing) == ["E-RENEW-030"]
    renewing.now -= timedelta(days=75)  # back to where lists and directory hold
    renewing.answer()
    renewing.step()
    renewing.hand_in()
    renewing.tell()
    renewing.step()
    assert told(renewing) == []


def test_the_card_of_a_county_that_changes_over_states_both_keys(renewing: Renewing):
    """The new first; signed by the new key; `adapter card` says the same until the change-over is done."""
    renewing.until_due()
    renewing.step()
    renewing.answer()
    old = renewing.identity.encryption_certificate
    renewing.step()
    card = json.loads((renewing.carried / CARD).read_text("utf-8"))
    assert card["division_code"] == COUNTY
    renewing.hand_in()
    with renewing.hub.store.read() as tx:
        stated = trust.load(
            tx, anchors=renewing.hub.keys.anchors, intermediates=renewing.hub.keys.issuing, trial=True
        ).statements[COUNTY]
    new = nextkeys.certificate(renewing.settings.certificates, "encryption")
    assert list(stated.certificates.values()) == [new, old]
    plain, _ = key_statement(renewing.identity, sequence=1, now=renewing.now)
    assert keys.der(old) in plain
