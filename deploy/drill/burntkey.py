"""This key is burnt: 吴桥's machine was stolen with its three keys. From the call to all-clear, step by step.

Each step is the command that a person types, and ends only when it is seen to hold: the thief is out at the broker, at
admission and at the authority, and the county works again under keys that the thief never saw. What is not in the
times: telephone calls, and the way of files between hub, authority and county.
"""

import json
import re
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from sqlalchemy import func, select

from adapters.countyit.renewing import request as renewal_request
from adapters.identity import Identity
from adapters.settings import CountySettings
from certs import keys, renewal
from certs.probe import probe
from deploy.demo.stage import NotReadyError, Stage
from deploy.demo.world import WUQIAO, World, publish_lists
from hub import bootstrap
from hub.settings import HubSettings
from hub.store import open_store, tables
from schemas.errors import YunhuobanError

Say = Callable[[str, float], None]
ROLES: Final = ("connection", "signing", "encryption")
PERSONS: Final = ("王敏", "李强")
_PATIENCE_SECONDS: Final = 60.0
_CODE: Final = re.compile(r"[0-9A-Z]{5}(?:-[0-9A-Z]{5}){4}-[0-9A-Z][0-9A-Z*~$=]")
_ROOT: Final = re.compile(r"[0-9A-F]{4}(?:-[0-9A-F]{4}){15}")
_KEYS: Final = re.compile(r"[0-9]{5}(?:-[0-9]{5}){11}")
_COUNTY: Final = WUQIAO.code


@dataclass(kw_only=True)
class BurntKey:
    """The drill over a stage that runs. `times` are seconds from the beginning, in the order of the steps."""

    stage: Stage
    say: Say
    times: dict[str, float] = field(default_factory=dict)
    _began: float = 0.0

    @property
    def world(self) -> World:
        """Where everything is."""
        return self.stage.world

    @property
    def _settings(self) -> CountySettings:
        return CountySettings.load(self.world.county(_COUNTY))

    def run(self) -> dict[str, float]:
        """Burn, cut off, begin anew. Raises NotReadyError with the step that did not come to hold."""
        loot = self.world.folder / "stolen"
        shutil.copytree(self._settings.certificates, loot)
        thief = Identity.load(self._settings)
        old = {name: keys.load_certificates(loot / f"{name}.pem")[0] for name in ROLES}
        self._began = time.monotonic()
        self._hub("revoke", _COUNTY)
        self._until(lambda: self._connections() == 0, "已撤销，连接已全部断开 / revoked, every connection is closed")
        self._revoke(old)
        self._until(lambda: self._told(loot) == "revoked", "旧连接证书被拒绝 / the old certificate is refused")
        self._no_renewal(thief, loot)
        self._destroy(old)
        self._join_anew()
        self.stage.start_node(_COUNTY)
        before = self._admitted()
        self.stage.submit(_COUNTY, 1)
        self._until(lambda: self._admitted() > before, "新密钥的报文已受理 / under the new key: all clear")
        return self.times

    def _step(self, what: str) -> None:
        self.times[what] = round(time.monotonic() - self._began, 2)
        self.say(what, self.times[what])

    def _until(self, true: Callable[[], bool], what: str) -> None:
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while not true():
            if time.monotonic() > deadline:
                raise NotReadyError(what)
            time.sleep(0.05)
        self._step(what)

    def _hub(self, *words: str) -> str:
        return self.stage.command("hub", "county", *words, "-d", str(self.world.hub))

    def _county(self, *words: str) -> str:
        return self.stage.command("adapters", *words, "-d", str(self.world.county(_COUNTY)))

    def _connections(self) -> int:
        with bootstrap.management(HubSettings.load(self.world.hub)) as management:
            return management.connections_of(_COUNTY)

    def _revoke(self, old: dict[str, keys.Certificate]) -> None:
        """The authority's person: each of the three, then the lists to the hub."""
        authority = str(self.world.transport.folder)
        for name in ROLES:
            serial = f"{old[name].serial_number:x}"
            self.stage.command("certs", "revoke", authority, serial, "--reason", "key_compromise")
        publish_lists(self.world, self.world.transport)
        self._step("三张证书已吊销，新列表已送到中枢 / three certificates revoked, the lists are at the hub")

    def _told(self, loot: Path) -> str:
        """What the broker says to the stolen connection key."""
        facts = probe(
            "localhost",
            self.world.amqps_port,
            server_hostname="localhost",
            anchors=keys.load_certificates(loot / "anchors.pem"),
            chain=keys.load_certificates(loot / "connection.pem"),
            key=keys.load_private_key(loot / "connection.key"),
            at=datetime.now(UTC),
            timeout_seconds=5.0,
        )
        return "revoked" if facts.stage == "refused" and "revoked" in facts.alert else facts.stage

    def _no_renewal(self, thief: Identity, loot: Path) -> None:
        """The stolen signing key does not get itself a successor."""
        elsewhere = self._settings.model_copy(update={"folder": loot.parent / "thief"})
        shutil.copytree(loot, elsewhere.certificates)
        data = renewal_request.ask(elsewhere, thief, datetime.now(UTC))
        try:
            renewal.answer(self.world.transport, data, now=datetime.now(UTC))
        except YunhuobanError as error:
            if error.code is not renewal.SIGNER_NOT_IN_FORCE:
                raise
            self._step("旧签名密钥不能续期 / the old signing key gets no successor")
            return
        raise NotReadyError("the old key was renewed")

    def _destroy(self, old: dict[str, keys.Certificate]) -> None:
        """At the county: stop, destroy what is burnt; what comes for the old encryption key is asked for anew."""
        self.stage.kill(_COUNTY)
        folder = self._settings.certificates
        keys.save_certificates([old["encryption"]], folder / f"burnt-{datetime.now(UTC):%Y%m%d%H%M%S}.pem")
        for name in ROLES:
            for suffix in (".key", ".pem"):
                (folder / f"{name}{suffix}").unlink()
        self._step("县里已停机，旧密钥已销毁 / the county has stopped and destroyed the old keys")

    def _join_anew(self) -> None:
        """By invitation, approved by two persons, as `docs/en/joining.md` has it."""
        carried = self.world.folder / "carried"
        carried.mkdir()
        request, answer, card = (carried / f"{name}.json" for name in ("request", "answer", "card"))
        said = self._hub("invite", _COUNTY)
        code, root = _found(_CODE, said), _found(_ROOT, said)
        self._step("已重新邀请 / invited anew")
        spoken = _found(_KEYS, self._county("join", code, "--fingerprint", root, "--out", str(request)))
        self._hub("request", str(request))
        for person in PERSONS:
            self._hub("approve", _COUNTY, "--by", person, "--fingerprint", spoken)
        self._step("新密钥已生成，两人已批准 / new keys made, two persons have approved")
        self._hub("request-files", _COUNTY, "--out", str(carried))
        chains = []
        for name in ROLES:
            chains.append(str(carried / f"{_COUNTY}-{name}.pem"))
            self.stage.command(
                "certs", "issue", str(self.world.transport.folder), f"county_{name}", _COUNTY,
                "--request", str(carried / f"{_COUNTY}-{name}.csr"), "--out", chains[-1],
            )  # fmt: skip
        self._hub("certificates", _COUNTY, *chains)
        self._hub("answer", _COUNTY, "--out", str(answer))
        self._county("join", "--answer", str(answer), "--out", str(card))
        self._hub("add", str(card))
        self._step("新证书已装好，县已恢复 / new certificates in place, the county is active")

    def _admitted(self) -> int:
        store = open_store(HubSettings.load(self.world.hub).database)
        try:
            with store.read() as tx:
                mine = (tables.messages.c.source == _COUNTY) & (tables.messages.c.state == "admitted")
                return int(tx.execute(select(func.count()).select_from(tables.messages).where(mine)).scalar_one())
        finally:
            store.close()


def write(times: dict[str, float], file: Path) -> None:
    """Keep the figures."""
    file.parent.mkdir(parents=True, exist_ok=True)
    said = {"drill": "burnt-key", "county": _COUNTY, "seconds": times, "all_clear": max(times.values())}
    file.write_text(json.dumps(said, ensure_ascii=False, indent=1), encoding="utf-8")


def _found(shape: re.Pattern[str], text: str) -> str:
    match = shape.search(text)
    if match is None:
        raise NotReadyError(f"{shape.pattern}: {text[:200]}")
    return match[0]
