"""Revocation lists, the hub's own certificates with their keys, and those of its pages."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Final

from certs import contexts, crl, files, keys
from certs.chain import REVOCATION_UNKNOWN, TrustStore
from certs.keys import RevocationList
from certs.profiles import Role
from certs.renewal import span
from hub import bootstrap
from hub.doctor.findings import Finding, Step, failed, moment, passed
from hub.doctor.ground import Ground
from hub.joining.online.serving import HOST_NOT_OURS
from hub.renewing import own
from schemas.errors import YunhuobanError, declare

LIST_MISSING: Final = declare(
    "E-OPS-020",
    "没有一份可用的吊销列表：所有报文都在等待，没有一条会因此被拒收。",
    "请立即向发证机构索取吊销列表（certs crl），放进 certs/crl 文件夹；放入后自动恢复。",
)
LIST_ENDED: Final = declare(
    "E-OPS-021",
    "吊销列表已经过期：所有报文都在等待，没有一条会因此被拒收。",
    "请立即向发证机构索取新的吊销列表（certs crl），替换所指的文件；放入后自动恢复。",
)
LIST_LATE: Final = declare(
    "E-OPS-022",
    "吊销列表两天没有更新了；到期以后所有报文都要等待。",
    "请通知发证机构的人发布新的列表，并查每天送来列表的那一步为什么停了。",
)
ENDS_SOON: Final = declare(
    "E-OPS-023",
    "中枢的一张证书快到期了；到期后各县连不上来，或不再相信中枢的签名。",
    "请用 hub renew request 写出申请，交发证机构签发，再用 hub renew take 换上；不必停机。",
)
PAGE_ENDS_SOON: Final = declare(
    "E-OPS-024",
    "一个页面的证书已到期或快到期；到期后浏览器与县节点拒绝打开它。",
    "请向签发它的机构换一张，替换所指的两个文件；页面自己读入新的，不必停机。",
)

_PAGE_DAYS: Final = 14
"""Public authorities issue for 47 to 90 days, and renewal by machine has two weeks to have failed visibly."""


def examine_lists(ground: Ground) -> Iterator[Finding]:
    """Every list in the folder: of an authority of ours, in force, and not late; and one for each authority."""
    folder = ground.settings.certificates
    authorities = [each for name in ("anchors.pem", "issuing.pem") for each in keys.load_certificates(folder / name)]
    newest: dict[str, tuple[Path, RevocationList]] = {}
    for path in sorted((folder / "crl").glob("*.crl")):
        each = keys.crl_from_der(files.read(path))
        issuer = next((name for name in authorities if crl.is_signed_by(each, name)), None)
        if issuer is None:
            yield failed(Step.LISTS, YunhuobanError(crl.REVOCATION_LIST_FOREIGN, place=path.name))
            continue
        name = issuer.subject.rfc4514_string()
        if name not in newest or crl.number(newest[name][1]) < crl.number(each):
            newest[name] = path, each
    for name in sorted({each.subject.rfc4514_string() for each in authorities} - newest.keys()):
        yield failed(Step.LISTS, YunhuobanError(LIST_MISSING, place="certs/crl", found="-", expected=name))
    for path, each in newest.values():
        yield _list(path, each, ground.now)


def _list(path: Path, each: RevocationList, now: datetime) -> Finding:
    ends = crl.next_update_at(each)
    said = f"{path.name} #{crl.number(each)} → {moment(ends)}"
    if ends <= now:
        return failed(Step.LISTS, YunhuobanError(LIST_ENDED, place=path.name, found=said, expected=f"> {moment(now)}"))
    if crl.is_late(each, now=now):
        words = {"found": f"{crl.age_days(each, now=now):.1f} d", "expected": f"<= {crl.LATE_DAYS:.0f} d"}
        return failed(Step.LISTS, YunhuobanError(LIST_LATE, place=path.name, **words))
    return passed(Step.LISTS, said)


def examine_certificates(ground: Ground) -> Iterator[Finding]:
    """Each of the hub's own: chain, role, revocation, its key beside it, and how long it still holds."""
    folder = ground.settings.certificates
    chains = bootstrap.chains(ground.settings)
    private = ground.settings.broker.private
    for name, role in own.ROLES.items():
        if name == "broker" and not private:
            continue  # it is that of whoever runs the broker
        try:
            yield _certificate(folder, name, role, chains, ground.now)
        except YunhuobanError as error:
            yield failed(Step.CERTIFICATES, error)


def _certificate(folder: Path, name: str, role: Role, chains: TrustStore, now: datetime) -> Finding:
    path = folder / f"{name}.pem"
    chain = keys.load_certificates(path)
    facts = chains.facts(chain, at=now)
    code = facts.reason_for(role)
    if code is not None and code is not REVOCATION_UNKNOWN:  # the lists are a step of their own
        dates = f"{moment(facts.not_before_at)} – {moment(facts.not_after_at)}"
        raise YunhuobanError(code, place=path.name, found=f"{facts.role or '-'}, {dates}", expected=role)
    contexts.client_context(folder / "anchors.pem", path, path.with_suffix(".key"))
    life = span(chain[0])
    said = f"{path.name} → {moment(life.ends_at)}"
    if life.warns(now):
        words = {"found": said, "expected": f">= {life.warn_days} d"}
        return failed(Step.CERTIFICATES, YunhuobanError(ENDS_SOON, place=path.name, **words))
    return passed(Step.CERTIFICATES, said)


def examine_pages(ground: Ground) -> Iterator[Finding]:
    """The pages that the settings open to others: certificate and key fit, and hold for two weeks at least."""
    settings, folder = ground.settings, ground.settings.folder
    shown: list[tuple[Path, Path]] = []
    if settings.joining.port is not None:
        shown.append((settings.certificates / "page.pem", settings.certificates / "page.key"))
    if settings.scanning.port is not None:
        shown.append((folder / settings.scanning.certificate, folder / settings.scanning.key))
    if settings.web.address is not None:
        shown.append((folder / settings.web.certificate, folder / settings.web.key))
    if settings.metrics.address is not None:
        shown.append((folder / settings.metrics.certificate, folder / settings.metrics.key))
    if not shown:
        yield passed(Step.PAGES, "-")
    for chain, key in dict.fromkeys(shown):
        try:
            yield _page(chain, key, ground)
        except YunhuobanError as error:
            yield failed(Step.PAGES, error)


def _page(chain: Path, key: Path, ground: Ground) -> Finding:
    contexts.server_context(chain, key)
    leaf = keys.load_certificates(chain)[0]
    if chain.name == "page.pem" and chain.parent == ground.settings.certificates:
        facts = bootstrap.chains(ground.settings).facts(keys.load_certificates(chain), at=ground.now)
        if facts.role is not Role.PAGE:
            raise YunhuobanError(HOST_NOT_OURS, place=chain.name, found=facts.role or "-", expected=Role.PAGE)
    ends = leaf.not_valid_after_utc
    if (ends - ground.now).days < _PAGE_DAYS:
        words = {"found": moment(ends), "expected": f">= {_PAGE_DAYS} d"}
        raise YunhuobanError(PAGE_ENDS_SOON, place=chain.name, **words)
    return passed(Step.PAGES, f"{chain.name} → {moment(ends)}")
