"""`certs county`: the three certificates of a county that joins, from the folder that its hub handed out.

One command instead of three, because nothing is decided between them: all three requests are looked at before the
first certificate is made, so that a wrong folder makes none.
"""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final

import typer

from certs import files, keys
from certs.authority import Authority
from certs.profiles import Role
from schemas.errors import YunhuobanError, declare
from schemas.joining.files import ROLES

REQUESTS_UNFIT: Final = declare(
    "E-CERT-097",
    "文件夹里的三份证书申请不对：主体不是这个县，或三份用了同一把密钥。",
    "请向中枢重新索取 hub county request-files 写出的文件夹。",
)


def county(
    folder: Annotated[Path, typer.Argument(help="发证机构目录 / Folder of the authority")],
    code: Annotated[str, typer.Argument(help="行政区划代码 / Division code")],
    requests: Annotated[Path, typer.Argument(help="放三份申请的文件夹，证书也写在这里 / Folder of the requests")],
    days: Annotated[int | None, typer.Option(help="有效天数 / Days of validity")] = None,
) -> None:
    """按三份申请给一个县签发三张证书 / Issue a joining county's three certificates."""
    opened = {role: keys.open_request(files.read(requests / f"{code}-{role}.csr")) for role in ROLES}
    others = [role for role, (subject, _key) in opened.items() if subject != code]
    if others or len({keys.public_bytes(key) for _subject, key in opened.values()}) != len(ROLES):
        raise YunhuobanError(REQUESTS_UNFIT, place=", ".join(others) or "keys", expected=code)
    authority = Authority.open(folder)
    for role, (subject, key) in opened.items():
        certificate = authority.issue(Role(f"county_{role}"), subject, key, now=datetime.now(UTC), days=days)
        out = requests / f"{code}-{role}.pem"
        keys.save_certificates(authority.chain(certificate), out)
        typer.echo(f"已签发 / issued: {certificate.serial_number:x} → {out}")
