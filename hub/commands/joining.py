"""`hub county invite`, `request`, … `answer`: a county joins, by files carried by hand or over the joining page."""

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from certs import files, keys
from hub.commands.acting import at_terminal
from hub.commands.shared import HERE, Folder, console, opened, store_of
from hub.instants import from_millis, now
from hub.joining import answering, approving, certificates, invitations, requests
from hub.joining.approving import PERSONS
from hub.joining.invitations import State
from hub.record.acts import Act
from hub.record.noting import note
from pages import wording
from pages.terminal import show_error, show_table
from pages.wording import mark as _
from schemas.joining import codes, line
from schemas.joining.files import Request

County = Annotated[str, typer.Argument(help="行政区划代码 / division code")]
By = Annotated[str, typer.Option(help="谁 / who decides")]


def attach(app: typer.Typer) -> None:
    """Give the commands to `hub county`."""
    app.command("invite")(invite)
    app.command("request")(request)
    app.command("requests")(list_)
    app.command("approve")(approve)
    app.command("refuse")(refuse)
    app.command("request-files")(request_files)
    app.command("certificates")(take_certificates)
    app.command("answer")(answer)


def invite(county: County, folder: Folder = HERE) -> None:
    """邀请一个县，给出一次性邀请码 / invite a county: a code for one use, and our fingerprint."""
    with opened(folder) as hub:
        fingerprint, at = codes.write_root(keys.der(answering.root(hub))), now()
        address = line.read_address(hub.settings.joining.address) if hub.settings.joining.address else ""
        with hub.store.write() as tx:
            code = invitations.invite(tx, county, fingerprint=fingerprint, now=at)
            note(tx, at_terminal(), Act.COUNTY_INVITED, at=at, about=county)
    until = f"{at + invitations.LIFE:%Y-%m-%d %H:%M} UTC"
    _say(_("邀请码（只显示这一次，至 {until}）：{code}"), code=code, until=until)
    _say(_("中枢指纹：{fingerprint}"), fingerprint=fingerprint)
    if address:
        one = line.Line(secret=codes.read_code(code), fingerprint=fingerprint, county=county, address=address)
        _say(_("县里能连到 {address} 的，只要这一行（内含邀请码）：adapter join 邀请串"), address=address)
        console.print(one.write(), soft_wrap=True, markup=False, highlight=False)
    _say(_("请当面或用电话告诉县里，不要用邮件或群聊：谁有邀请码，谁就能以这个县的名义申请。"))


def request(
    file: Annotated[Path, typer.Argument(help="县的加入申请 / the county's request")], folder: Folder = HERE
) -> None:
    """收下县的加入申请，核对邀请码并作机器检查 / take a county's request in and check it."""
    data = files.read(file)
    with store_of(folder) as store:
        taken = requests.take(store, data, now=now())
        with store.write() as tx:
            note(tx, at_terminal(), Act.COUNTY_REQUEST, at=now(), about=taken.request.division_code)
    _show(taken.request)
    _say(_("申请已受理，机器检查通过。请两个人各自给县里打电话，请对方读出县密钥指纹后批准。"))


def list_(folder: Folder = HERE) -> None:
    """列出邀请与申请，各办到哪一步 / list invitations and requests, and where each stands."""
    table = Table("代码 code", "状态 state", "邀请到 until", "失败 attempts", "批准 approved by", "最近 last")
    with store_of(folder) as store, store.read() as tx:
        rows = invitations.listed(tx)
    for row in rows:
        state = invitations.standing(row, now())
        if state == State.ACTIVE and row.county_state:
            state = row.county_state
        last = json.loads(row.history)[-1]
        said = " ".join(part for part in (f"{from_millis(last['at']):%m-%d %H:%M}", last["act"], last["by"]) if part)
        until = f"{from_millis(row.expires_at):%m-%d %H:%M}"
        table.add_row(row.county, state, until, str(row.attempts), ", ".join(invitations.approvers(row)), said)
    show_table(table)
    for row in rows:
        for finding in requests.read_findings(row.findings) if row.state == State.INVITED else ():
            show_error(finding)


def approve(
    county: County,
    by: By,
    fingerprint: Annotated[str, typer.Option(help="电话里读出的县密钥指纹 / as read over the telephone")],
    folder: Folder = HERE,
) -> None:
    """批准加入，须两个人各做一次 / approve; two persons, each with the fingerprint read to them."""
    with store_of(folder) as store:
        state = approving.approve(store, county, by=by, read_aloud=fingerprint, now=now())
        with store.write() as tx:
            note(tx, at_terminal(), Act.COUNTY_APPROVED, at=now(), about=county, reason=state.value)
    if state == State.APPROVED:
        _say(_("已由两人批准。下一步：hub county request-files {county}。"), county=county)
    else:
        _say(_("已记下第一份批准，共需 {count} 人。"), count=PERSONS)


def refuse(
    county: County, by: By, reason: Annotated[str, typer.Option(help="理由，县里看得到 / seen by the county")],
    folder: Folder = HERE,
) -> None:  # fmt: skip
    """退回加入申请，写明理由 / refuse a request, with the reason that the county will read."""
    with store_of(folder) as store, store.write() as tx:
        approving.refuse(tx, county, by=by, reason=reason, now=now())
        note(tx, at_terminal(), Act.COUNTY_REFUSED, at=now(), about=county, reason=reason)
    _say(_("已退回。用 hub county answer {county} 写出答复文件，县里由此看到理由。"), county=county)


def request_files(
    county: County,
    out: Annotated[Path, typer.Option("--out", "-o", help="文件夹 / folder")],
    folder: Folder = HERE,
) -> None:
    """写出三份证书申请，交给发证机构 / write the three certificate requests for the authority."""
    with store_of(folder) as store, store.write() as tx:  # it locks the invitation, so that nobody refuses it meanwhile
        written = certificates.write_requests(tx, county, out)
    for path in written:
        console.print(path.name, markup=False)
    _say(_("请把这个文件夹交给发证机构，一条命令签发三张：certs county AUTHORITY {county} 文件夹"), county=county)


def take_certificates(
    county: County,
    chains: Annotated[
        list[Path], typer.Argument(help="三份证书链，或放它们的文件夹 / the three chains, or their folder")
    ],
    folder: Folder = HERE,
) -> None:
    """收下发证机构签发的三张证书 / take the three certificates that the authority issued."""
    found = [file for path in chains for file in (sorted(path.glob("*.pem")) if path.is_dir() else [path])]
    with opened(folder) as hub, hub.store.write() as tx:
        at, online = now(), hub.settings.joining.port is not None
        certificates.take(tx, county, found, chains=hub.chains(), now=at)
        note(tx, at_terminal(), Act.COUNTY_CERTIFICATES, at=at, about=county)
        if online:  # a county that waits at the joining page is answered at once
            answering.answer(tx, county, answering.desk(hub), now=at)
    if online:
        _say(_("证书与申请相符，已收下，答复已签好：等在加入页面的县会自己取走；要人带的用 hub county answer 写出。"))
    else:
        _say(_("证书与申请相符，已收下。下一步：hub county answer {county}。"), county=county)


def answer(
    county: County,
    out: Annotated[Path, typer.Option("--out", "-o", help="答复文件 / the answer file")],
    url: Annotated[list[str] | None, typer.Option(help="县里连接的 HOST:PORT，可多次 / where counties connect")] = None,
    server_hostname: Annotated[str, typer.Option(help="服务器证书上的名字 / name in the server certificate")] = "",
    folder: Folder = HERE,
) -> None:
    """写出签名的答复文件，带给县里 / write the signed answer, to be carried to the county."""
    with opened(folder) as hub:
        desk = answering.desk(hub, urls=url or (), server_hostname=server_hostname)
        with hub.store.write() as tx:
            data = answering.answer(tx, county, desk, now=now())
    files.write_atomically(out, data)
    _say(_("答复已写入 {file}；请带给县里，用 adapter join --answer 读入。"), file=out)


def _show(request: Request) -> None:
    table = Table("", f"{request.division_code}")
    for name in ("name", "authority_name", "authority_code", "contact", "telephone"):
        table.add_row(name, getattr(request, name))
    table.add_row("halls", " ".join(request.halls))
    for item, name in request.offers:
        table.add_row("offers", f"{item} {name}")
    show_table(table)


def _say(text: str, **params: object) -> None:
    for language in wording.LANGUAGES:
        console.print(wording.say(text, language, **params), soft_wrap=True, markup=False, highlight=False)
