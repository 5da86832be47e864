"""`certs`: the commands of the authority's person, who works on a medium that is never in the hub.

Composition root of this package: the only place with a clock and a terminal.
"""

import sys
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

import typer

from certs import crl, files, keys, renewal
from certs.authority import Authority
from certs.countycommand import county
from certs.profiles import PROFILES, Role
from schemas.errors import YunhuobanError, declare

REQUEST_FOR_ANOTHER: Final = declare(
    "E-CERT-095", "证书申请里的主体与命令里写的不同。", "请核对申请来自哪个县，再用正确的主体重新运行。"
)
SERIAL_MALFORMED: Final = declare("E-CERT-096", "序列号不是十六进制数。", "请从 certs ca show 的输出里复制序列号。")

app = typer.Typer(
    help="证书机构：签发、吊销、发布吊销列表 / The authority: issue, revoke, publish revocation lists",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
ca = typer.Typer(help="发证机构本身 / The authority itself", no_args_is_help=True)
app.add_typer(ca, name="ca")
app.command("county")(county)


class Kind(StrEnum):
    """Which kind of authority: for messages and connections, or for seals."""

    TRANSPORT = "transport"
    SEAL = "seal"


Folder = Annotated[Path, typer.Argument(help="发证机构目录 / Folder of the authority")]


@ca.command("init")
def init(
    folder: Folder,
    name: Annotated[str, typer.Option(help="名称，ASCII / Name, ASCII")],
    kind: Annotated[Kind, typer.Option(help="transport 通信，seal 印章 / For messages, or for seals")] = Kind.TRANSPORT,
    *,
    trial: Annotated[
        bool, typer.Option("--trial/--production", help="试用或正式，建好后不能改 / Trial or production, for good")
    ],
) -> None:
    """建立发证机构，生成根密钥和中间密钥 / Make root and issuing keys."""
    authority = Authority.create(folder, kind=kind.value, trial=trial, now=_now(), name=name)
    typer.echo(f"已建立 / made: {authority.root.subject.rfc4514_string()}")
    typer.echo(f"根证书指纹 / root SHA-256: {keys.thumbprint(authority.root).hex()}")
    typer.echo("请把 root/key.pem 移到保险柜 / Now move root/key.pem to a safe.")


@ca.command("show")
def show(folder: Folder) -> None:
    """显示机构、已签发和已吊销的证书 / Show the authority and all its certificates."""
    authority = Authority.open(folder)
    revoked = authority.revoked()
    typer.echo(f"{authority.name} · {authority.kind} · {'trial 试用' if authority.trial else 'production 正式'}")
    typer.echo(f"root SHA-256: {keys.thumbprint(authority.root).hex()}")
    for part, certificate in (("root", authority.root), ("issuing", authority.issuing)):
        at_hand = (folder / part / "key.pem").exists()
        until = certificate.not_valid_after_utc.date().isoformat()
        typer.echo(f"{part}: 至 / until {until}, {'密钥在此 / key here' if at_hand else '密钥已移走 / key away'}")
        path = folder / "crl" / f"{part}.crl"
        if path.exists():
            newest = crl.load(path)
            age, until = crl.age_days(newest, now=_now()), crl.next_update_at(newest).date().isoformat()
            number = crl.number(newest)
            typer.echo(f"  吊销列表 / revocation list {number}: {age:.1f} 天 / days old, 至 / until {until}")
    for line in authority.issued():
        mark = revoked.get(int(line["serial"], 16))
        standing = f"已吊销 / revoked {mark.revoked_at.isoformat()} {mark.reason}" if mark else ""
        typer.echo(
            f"{line['serial']}  {line['role']}  {line['subject']}  {line['not_after_at'][:10]}  {standing}".rstrip()
        )


@app.command()
def request(
    subject: Annotated[str, typer.Argument(help="行政区划代码或 hub / Division code, or hub")],
    key: Annotated[Path, typer.Option(help="新私钥文件，不外传 / New private key, never handed over")],
    out: Annotated[Path, typer.Option(help="证书申请文件 / Request to send to the authority")],
    role: Annotated[Role, typer.Option(help="用途，决定密钥种类 / Role, which says the kind of key")] = (
        Role.COUNTY_CONNECTION
    ),
) -> None:
    """生成私钥和证书申请（在申请者自己的机器上）/ Make a key and a request, on the applicant's own machine."""
    made = keys.generate_key(PROFILES[role].key_kind)
    if key.exists():
        raise YunhuobanError(files.FILE_UNWRITABLE, place=key.name, found="exists")
    keys.save_private_key(made, key)
    files.write_atomically(out, keys.make_request(made, subject))
    typer.echo(f"已生成 / made: {key}, {out}")


@app.command()
def issue(
    folder: Folder,
    role: Annotated[Role, typer.Argument(help="用途 / Role")],
    subject: Annotated[str, typer.Argument(help="主体，须与申请一致 / Subject, as in the request")],
    request: Annotated[Path, typer.Option(help="证书申请文件 / Certificate request (PEM)")],
    out: Annotated[Path, typer.Option(help="证书链输出文件 / Where the chain goes (PEM)")],
    dns: Annotated[list[str] | None, typer.Option(help="主机名，可多次 / Host name, repeatable")] = None,
    address: Annotated[list[str] | None, typer.Option(help="IP 地址，可多次 / IP address, repeatable")] = None,
    days: Annotated[int | None, typer.Option(help="有效天数 / Days of validity")] = None,
) -> None:
    """按申请签发一张证书 / Issue one certificate for a request."""
    named, public_key = keys.open_request(files.read(request), PROFILES[role].key_kind)
    if named != subject:
        raise YunhuobanError(REQUEST_FOR_ANOTHER, place=request.name)
    authority = Authority.open(folder)
    certificate = authority.issue(
        role, subject, public_key, now=_now(), dns=dns or (), addresses=address or (), days=days
    )
    keys.save_certificates(authority.chain(certificate), out)
    typer.echo(f"已签发 / issued: {certificate.serial_number:x} → {out}")


@app.command()
def renew(
    folder: Folder,
    requests: Annotated[
        list[Path], typer.Argument(help="县的续期申请，或放申请的文件夹 / counties' requests, or folders of them")
    ],
    out: Annotated[Path, typer.Option(help="答复文件夹 / Where the answers go")],
) -> None:
    """核对县的续期申请并签发，答复交还给县 / Check counties' requests and issue; the answers go back."""
    authority = Authority.open(folder)
    files.make_private_folder(out)
    wrong = 0
    for each in [file for path in requests for file in (sorted(path.glob("*.json")) if path.is_dir() else [path])]:
        try:
            made = renewal.answer(authority, files.read(each), now=_now())
        except YunhuobanError as error:  # the others are not to wait for this one
            _show(error, each.name)
            wrong += 1
            continue
        target = out / f"{made.division_code}-{made.request_sha256.hex()[:16]}.json"
        files.write_atomically(target, made.write())
        typer.echo(f"已续期 / renewed: {made.division_code} → {target}")
    if wrong:
        raise typer.Exit(1)


@app.command()
def revoke(
    folder: Folder,
    serial: Annotated[str, typer.Argument(help="序列号，十六进制 / Serial number, hexadecimal")],
    reason: Annotated[crl.Reason, typer.Option(help="原因 / Reason")],
) -> None:
    """吊销一张证书，并立即发布吊销列表 / Revoke a certificate and publish the lists at once."""
    try:
        number = int(serial, 16)
    except ValueError as error:
        raise YunhuobanError(SERIAL_MALFORMED, place="serial") from error
    authority = Authority.open(folder)
    authority.revoke(number, now=_now(), reason=reason)
    authority.publish_crls(now=_now())
    typer.echo("已吊销，新列表已写好，请立即送到中枢 / Revoked; take the new lists to the hub now.")


@app.command("crl")
def publish(
    folder: Folder,
    days: Annotated[int, typer.Option(help="列表有效天数 / Days the list holds")] = 14,
    hashed: Annotated[
        Path | None, typer.Option(help="另写一份给 broker 的目录 / Also write the broker's folder")
    ] = None,
) -> None:
    """发布吊销列表，每天一次 / Publish the revocation lists, once a day."""
    authority = Authority.open(folder)
    lists = authority.publish_crls(now=_now(), days=days)
    if hashed is not None:
        crl.write_hashed_crls(hashed, [authority.root, authority.issuing], lists)
    for part, made in zip(("root", "issuing"), lists, strict=True):
        until = crl.next_update_at(made).date().isoformat()
        typer.echo(f"{part}: 编号 / number {crl.number(made)}, 至 / until {until}")


def main() -> None:
    """Run the command; whatever goes wrong is one sentence and what to do, never a traceback."""
    try:
        app()
    except YunhuobanError as error:
        _show(error)
        sys.exit(1)


def _show(error: YunhuobanError, file: str = "") -> None:
    place = " ".join(part for part in (file, error.place) if part)
    typer.echo(f"{error.code.code}{f'（{place}）' if place else ''} {error.code.sentence}{error.code.remedy}", err=True)
    if error.found or error.expected:
        typer.echo(f"  实际 / found: {error.found or '—'}；应为 / expected: {error.expected or '—'}", err=True)


def _now() -> datetime:
    return datetime.now(UTC)
