"""Renewal over the joining page, served as in earnest: nobody carries anything, and nothing is believed for it."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, select, update
from typer.testing import CliRunner

from adapters.cli import app as adapter
from adapters.countyit.renewing import nextkeys, request
from adapters.countyit.renewing.looking import progress
from adapters.countyit.renewing.online import poster as posting
from adapters.countyit.renewing.online.posted import Posted
from adapters.countyit.renewing.online.poster import EVERY_SECONDS, Poster
from adapters.countyit.renewing.progress import Next
from adapters.countyit.renewing.renewer import Stage
from adapters.countyit.renewing.request import ANSWER, CARD, REQUEST
from adapters.countyit.status import gathering, words
from certs import keys, renewal, signing
from certs.authority import Authority
from certs.cli import app as certs
from hub.renewing.counties import listing, posted
from hub.store import tables
from hub.web.renewalview import RenewalRow
from schemas.errors import YunhuobanError
from schemas.joining.files import Sealed
from schemas.joining.wire import Told
from schemas.renewing.files import MAX_BYTES, ROLES, RenewalAnswer, RenewalRequest, SignedRequest
from tests.joining_page import served
from tests.joining_world import COUNTY, Joining, done
from tests.renewing_world import Renewing
from tests.unit.joining.test_joining_again import revoke_certificates


class Online:
    """The county that joined, its parts that renew, and the hub's people."""

    def __init__(self, joining: Joining) -> None:
        self.joining = joining
        self.renewing = Renewing(folder=joining.world.folder)
        self.seconds = 0.0
        self.poster = self.started()

    def started(self) -> Poster:
        """As after a start of the node."""
        parts = self.renewing
        return Poster(
            settings=parts.settings,
            identity=parts.identity,
            clock=lambda: datetime.now(UTC),
            monotonic=lambda: self.seconds,
        )

    def ask(self) -> bytes:
        """The request is made before it is due, as by `adapter renew --now`."""
        return request.ask(self.renewing.settings, self.renewing.identity, datetime.now(UTC))

    def later(self) -> int:
        """The poster's next time."""
        self.seconds += EVERY_SECONDS * 1.2
        return self.poster.run_once()

    def rows(self) -> list[RenewalRow]:
        """What the hub's people see."""
        with self.renewing.hub.store.read() as tx:
            return list(listing.under_way(tx))

    def certify(self) -> Path:
        """Out, through the authority, and in again; returns the folder of the answers."""
        out, answers = self.joining.world.folder / "requests", self.joining.world.folder / "answers"
        done(self.joining.at_hub("renewals", "--out", str(out)))
        authority = str(self.joining.world.folder / "authority" / "transport")
        done(CliRunner().invoke(certs, ["renew", authority, str(out), "--out", str(answers)]))
        assert "已收下" in done(self.joining.at_hub("renewed", str(answers)))
        return answers

    def says(self) -> str:
        """`adapter renew`."""
        return done(CliRunner().invoke(adapter, ["renew", "-d", str(self.joining.county)], env={"COLUMNS": "200"}))

    def next(self) -> Next:
        """What `adapter status` says is next."""
        found = progress(self.renewing.settings, datetime.now(UTC))
        assert found is not None
        return found.next


@pytest.fixture
def online(made_active: Joining, tmp_path: Path) -> Iterator[Online]:
    """In force, nothing asked yet."""
    opened = Online(made_active.copy(tmp_path / "world"))
    yield opened
    opened.renewing.close()


def codes(told: Told) -> list[str]:
    """What a reply complains of."""
    return [each.code for each in told.problems]


def test_nobody_carries_anything(online: Online):
    """Posted, listed, certified, fetched, checked, changed over: the county's people do nothing, and see how far."""
    parts, before = online.renewing, {name: _in_use(online, name) for name in ROLES}
    assert online.poster.run_once() == 0  # nothing is under way
    sent = online.ask()
    assert online.next() is Next.CARRIED
    with served(online.joining):
        assert online.poster.run_once() == 0
        assert online.next() is Next.AUTHORITY
        assert "等发证机构签发" in online.says()
        with parts.store.read() as tx:
            report = gathering.gather(tx, parts.settings, None, None, datetime.now(UTC))
        assert report.renewal == progress(parts.settings, report.made_at)
        assert json.loads(report.as_json())["renewal"]["next"] == "authority"
        assert "waiting for the authority since" in words.renewal(report.renewal, "en")
        (row,) = online.rows()
        assert (row.county, row.name, row.answered_at) == (COUNTY, "吴桥县", None)
        assert "等发证机构签发" in done(online.joining.at_hub("renewals"))
        answers = online.certify()
        assert (online.joining.world.folder / "requests" / f"{COUNTY}.json").read_bytes() == sent
        (row,) = online.rows()
        assert row.answered_at is not None
        assert online.poster.run_once() == 0  # asked a moment ago
        assert online.later() == 1
        (answer,) = answers.iterdir()
        assert (parts.carried / ANSWER).read_bytes() == answer.read_bytes(), "the very file that would be carried"
        parts.now = datetime.now(UTC)
        assert parts.step() == 1
        assert online.next() is Next.CARD
        assert online.poster.run_once() == 1
        assert online.next() is Next.DIRECTORY
        assert "目录更新后自动换用" in online.says()
        assert online.rows() == []
        assert online.poster.run_once() == online.later() == 0, "handed in once"
        parts.now = datetime.now(UTC) + timedelta(minutes=1)
        parts.tell()
        assert parts.step() == 1
    assert parts.standing().stage is Stage.RESTING
    assert all(_in_use(online, name) != before[name] for name in ROLES)
    assert list(parts.carried.iterdir()) == []
    assert progress(parts.settings, parts.now) is None
    assert not (parts.settings.certificates / nextkeys.NEXT / "posted.json").exists()


def _in_use(online: Online, name: str) -> bytes:
    return keys.thumbprint(nextkeys.certificate_in_use(online.renewing.settings.certificates, name))


def resigned(online: Online, name: str, **changes: object) -> bytes:
    """The request with something changed, signed by the key in this folder of the world."""
    made = RenewalRequest.read(SignedRequest.read((online.renewing.carried / REQUEST).read_bytes()).body)
    folder = online.joining.world.folder / name / "certs"
    certificate = keys.load_certificates(folder / "signing.pem")[0]
    body = replace(made, **changes).write()
    key = keys.load_private_key(folder / "signing.key")
    return SignedRequest(body, signing.sign(body, key=key, certificate=certificate, typ=signing.Typ.RENEWAL)).write()


@pytest.mark.long
def test_only_an_enrolled_key_of_an_active_county_is_heard(online: Online):
    """One refusal for strangers; whoever proves the key is told: suspended, clock, another's name, a newer one kept."""
    sent = online.ask()
    made_at = RenewalRequest.read(SignedRequest.read(sent).body).made_at
    strangers = {
        "noise": b"{}",
        "too large": b"x" * (MAX_BYTES + 1),
        "another county's key": resigned(online, "140881"),
        "a changed body": SignedRequest(
            SignedRequest.read(resigned(online, COUNTY, made_at=1)).body, SignedRequest.read(sent).signature
        ).write(),
        "no signature": SignedRequest(SignedRequest.read(sent).body, "a..b").write(),
    }
    chains = online.renewing.hub.chains()
    with pytest.raises(YunhuobanError, match="E-RENEW-041"):
        posted.take(online.renewing.hub.store, strangers["another county's key"], chains=chains, now=datetime.now(UTC))
    with served(online.joining) as page:
        refused = {name: page.post("renewal", each) for name, each in strangers.items()}
        refused |= {f"answer, {name}": page.post("renewal/answer", each) for name, each in strangers.items()}
        refused["no answer yet"] = page.post("renewal/answer", sent)
        assert {each.status_code for each in refused.values()} == {403}
        assert len({each.content for each in refused.values()}) == 1
        assert len(online.rows()) == 1  # the last one was the county's own: asked for, it is kept
        other = keys.make_request(keys.generate_key(), "140881").decode()
        requests = dict.fromkeys(ROLES, other)
        for changes, code in (
            ({"made_at": made_at - 1}, "E-RENEW-044"),
            ({"made_at": made_at + 3_600_000}, "E-RENEW-043"),
            ({"requests": requests}, "E-RENEW-045"),
        ):
            told = Told.read(page.post("renewal", resigned(online, COUNTY, **changes)).content)
            assert (told.state, codes(told)) == ("", [code])
        assert Told.read(page.post("renewal", sent).content).state == "requested"
        done(online.joining.at_hub("state", COUNTY, "suspended"))
        assert codes(Told.read(page.post("renewal", sent).content)) == ["E-RENEW-042"]
        assert online.rows() == []
        assert online.poster.run_once() == 0
        going = progress(online.renewing.settings, datetime.now(UTC))
        assert going is not None
        assert (going.next, going.trouble) == (Next.CARRIED, "E-RENEW-042")
        assert "E-RENEW-042" in online.says()
        done(online.joining.at_hub("state", COUNTY, "active"))
        revoke_certificates(online.joining, [online.joining.county / "certs" / "signing.pem"])
        assert codes(Told.read(page.post("renewal", sent).content)) == ["E-CERT-053"]


@pytest.mark.long
@pytest.mark.long  # the short slice: test_side_by_side
def test_the_newest_request_wins(online: Online):
    """A county that asked anew is answered for its new keys; an answer to the old request is not kept."""
    online.ask()
    with served(online.joining):
        online.poster.run_once()
        answers = online.certify()
        nextkeys.forget(online.renewing.settings.certificates)
        newest = online.ask()
        assert online.poster.run_once() == 0, "not the answer to the request before"
        (row,) = online.rows()
        assert row.answered_at is None
        assert "没有等这份答复的申请" in done(online.joining.at_hub("renewed", str(answers)))
        online.certify()
        assert online.later() == 1
    answer = RenewalAnswer.read((online.renewing.carried / ANSWER).read_bytes())
    assert answer.request_sha256 == SignedRequest.read(newest).sha256


@pytest.mark.long
def test_a_wrong_answer_is_kept_neither_here_nor_there(online: Online, tmp_path: Path):
    """E-RENEW-046 or E-CERT-050 at the hub, the others are taken; the county sets aside what a broken hub hands out."""
    sent = online.ask()
    with served(online.joining):
        online.poster.run_once()
        answers = online.certify()
        (file,) = answers.iterdir()
        good = RenewalAnswer.read(file.read_bytes())
        other = Authority.create(tmp_path / "other", kind="transport", trial=True, now=datetime.now(UTC), name="O")
        foreign = {}
        for name in ROLES:
            public = keys.public_key(keys.certificate_from_der(good.chains[name][0]))
            issued = other.issue(renewal.role(name), COUNTY, public, now=datetime.now(UTC))
            foreign[name] = [keys.der(each) for each in other.chain(issued)]
        swapped = dict(good.chains) | {"signing": good.chains["connection"], "connection": good.chains["signing"]}
        wrong = tmp_path / "wrong"
        wrong.mkdir()
        for number, chains in enumerate((foreign, swapped)):
            (wrong / f"{number}.json").write_bytes(replace(good, chains=chains).write())
        (wrong / "2.json").write_bytes(b"{}")
        (wrong / "3.json").write_bytes(file.read_bytes())
        said = online.joining.at_hub("renewed", str(wrong))
        assert said.exit_code == 1
        for word in ("E-CERT-050", "E-RENEW-046", "E-RENEW-001", "已收下"):
            assert word in said.output
        with online.renewing.hub.store.write() as tx:
            assert tx.execute(select(tables.renewals.c.answer)).scalar() == file.read_bytes()
            tx.execute(update(tables.renewals).values(answer=replace(good, chains=swapped).write()))
        assert online.later() == 1
        with pytest.raises(YunhuobanError, match="E-RENEW-022"):
            online.renewing.step()
        assert online.later() == 0, "not fetched again"
        with online.renewing.hub.store.write() as tx:
            tx.execute(delete(tables.renewals))
        assert online.later() == 0, "a hub that lost it is given it again"
        assert len(online.rows()) == 1
    assert SignedRequest.read(sent).sha256 == good.request_sha256


def test_a_card_counts_only_sealed_by_the_key_it_follows(online: Online):
    """Not bare, not by another county, not changed, not without the old key's word; also where nobody was invited."""
    parts = online.renewing
    online.ask()
    with served(online.joining) as page:
        online.poster.run_once()
        online.certify()
        online.later()
        parts.now = datetime.now(UTC)
        parts.step()
        card = (parts.carried / CARD).read_bytes()
        with parts.hub.store.write() as tx:
            tx.execute(delete(tables.invitations))
        bare = json.loads(card)
        bare.pop("renewal_signature")
        stranger = parts.folder / "140881" / "certs"
        forged = sealed(card, stranger)
        right = Sealed.read(sealed(card, online.joining.county / "certs"), "signature")
        changed = Sealed(right.body.replace("吴桥".encode(), "无桥".encode()), right.proof).write("signature")
        assert changed != right.write("signature")
        for wrong in (card, forged, changed, b"{}"):
            assert page.post("renewal/card", wrong).status_code == 403
        told = Told.read(
            page.post("renewal/card", sealed(json.dumps(bare).encode(), online.joining.county / "certs")).content
        )
        assert (told.state, codes(told)) == ("", ["E-JOIN-038"])
        new = keys.thumbprint(nextkeys.certificate(parts.settings.certificates, "signing"))
        enrolled = select(tables.county_certificates.c.thumbprint)
        with parts.hub.store.read() as tx:
            assert new not in tx.execute(enrolled).scalars().all()
        done(online.joining.at_hub("state", COUNTY, "suspended"))
        assert online.poster.run_once() == 0
        assert Posted.load(parts.settings.certificates, _asked(online)).trouble == "suspended"
        done(online.joining.at_hub("state", COUNTY, "active"))
        assert online.later() == 1
        with parts.hub.store.read() as tx:
            assert new in tx.execute(enrolled).scalars().all()


def _asked(online: Online) -> str:
    kept = online.renewing.settings.certificates / nextkeys.NEXT / REQUEST
    return SignedRequest.read(kept.read_bytes()).sha256.hex()


def sealed(card: bytes, folder: Path) -> bytes:
    """As the node seals it, by the key in this folder."""
    certificate = keys.load_certificates(folder / "signing.pem")[0]
    key = keys.load_private_key(folder / "signing.key")
    return Sealed(card, signing.sign(card, key=key, certificate=certificate, typ=signing.Typ.RENEWAL)).write(
        "signature"
    )


@pytest.mark.long
def test_the_road_of_files_stays(online: Online):
    """Without a page it says E-JOIN-058 and waits; carried by hand it ends as ever, and leaves the hub's list."""
    parts = online.renewing
    online.ask()
    with served(online.joining):
        online.poster.run_once()
    with pytest.raises(YunhuobanError, match="E-JOIN-058"):
        online.later()
    assert "E-JOIN-058" in online.says()
    assert online.poster.run_once() == 0, "not asked again at once"
    parts.now = datetime.now(UTC)
    parts.answer()
    parts.step()
    assert len(online.rows()) == 1
    parts.hand_in()
    assert online.rows() == []
    parts.now = datetime.now(UTC) + timedelta(minutes=1)
    parts.tell()
    assert parts.step() == 1
    assert parts.standing().stage is Stage.RESTING


@pytest.mark.long
def test_a_county_that_joined_by_files_asks_nobody(online: Online, monkeypatch: pytest.MonkeyPatch):
    """No address, no question; a record of how far it got that is damaged begins anew."""
    record = online.joining.county / "certs" / "joining.json"
    known = json.loads(record.read_bytes())
    online.ask()
    with monkeypatch.context() as closed:
        closed.setattr(posting, "Door", None)
        record.write_text(json.dumps(known | {"address": ""}), "utf-8")
        assert online.poster.run_once() == 0
        record.unlink()
        assert online.poster.run_once() == 0
    assert online.next() is Next.CARRIED
    (online.joining.county / "certs" / nextkeys.NEXT / "posted.json").write_text("{", "utf-8")
    assert online.next() is Next.CARRIED
