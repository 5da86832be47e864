"""The license path: render, seal and verify one copy of a license, in one process and in two at once.

Through the county node's own doors: the page and its print file drawn with Typst, the page sealed with pyHanko by a
trial seal whose key lies in a file, the sealed file verified line by line as a window does. In earnest the seal has a
process of its own; here each process does all three, so that one process is one core.
"""

import hashlib
import json
import statistics
import time
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final

from adapters.licenses import qr, template
from adapters.licenses.face import LicenseFace, statement
from adapters.licenses.render import Renderer
from adapters.licenses.seal import FileSeal, seal_pdf
from adapters.licenses.verify import verify_license
from certs import keys
from certs.authority import Authority
from certs.profiles import Role
from deploy.bench import children
from deploy.demo.world import YONGJI
from schemas.identifiers.license import LicenseIdentifier

_TYPE: Final = "11100000MB0143028R001"
_LIMIT_SECONDS: Final = 600.0
_WARM: Final = 2
"""Licenses before the first that counts: fonts are read and modules loaded once per process."""


def prepare(folder: Path) -> None:
    """A trial seal authority and one seal."""
    moment = datetime.now(UTC)
    authority = Authority.create(folder / "authority", kind="seal", trial=True, now=moment, name="Bench seals")
    key = keys.generate_key()
    certificate = authority.issue(Role.SEAL, YONGJI.authority_name, key.public_key(), now=moment)
    keys.save_private_key(key, folder / "key.pem")
    keys.save_certificates(authority.chain(certificate), folder / "chain.pem")


def measure(folder: Path, count: int, processes: int, log: Path) -> dict[str, Any]:
    """`count` licenses in each of `processes` at once: medians in milliseconds, licenses a second of all together."""
    command = ["deploy.bench.licensepath", json.dumps({"folder": str(folder), "count": count})]
    with children.running(*[command] * processes, log=log) as started:
        for child in started:
            children.line(child, log=log, limit_seconds=_LIMIT_SECONDS)  # warm
        said = [children.line(child, log=log, limit_seconds=_LIMIT_SECONDS) for child in started]
    begun, ended = min(each["begun_at"] for each in said), max(each["ended_at"] for each in said)
    found = {
        f"{step}_ms": statistics.median(ms for each in said for ms in each[step])
        for step in ("render", "seal", "verify", "whole")
    }
    return found | {"processes": processes, "licenses": count * processes, "rate": count * processes / (ended - begun)}


def _face(serial: int) -> LicenseFace:
    values = {
        "名称": f"永济市𠮷䶮㐂商贸第{serial}有限公司",
        "类型": "有限责任公司（自然人独资）",
        "法定代表人": "䶮建国",
        "经营范围": "许可项目：食品销售。一般项目：日用百货销售；五金产品零售；农副产品销售；互联网销售。",
        "注册资本": "壹佰万元整",
        "成立日期": "2026年11月22日",
        "住所": "山西省运城市永济市城东街道舜都大道18号",
    }
    identifier = LicenseIdentifier.build(_TYPE, YONGJI.authority_code, f"2026{serial:010}", 1)
    return LicenseFace(
        identifier=str(identifier),
        number="91140881MA0000000X",
        lines=tuple(values.items()),
        issuing_authority=YONGJI.authority_name,
        issuing_authority_code=YONGJI.authority_code,
        issued_on=date(2026, 11, 22),
        copy_no=1,
        copies=1,
        verification_url=qr.verification_url("verify.example.cn", serial.to_bytes(16, "big")),
        trial=True,
    )


def main() -> None:
    """One process of the path."""
    given = children.parameters()
    folder = Path(given["folder"])
    authority = Authority.open(folder / "authority")
    form, renderer = template.load(*template.ORIGINAL), Renderer()
    plugin = FileSeal(key_file=folder / "key.pem", chain_file=folder / "chain.pem")
    anchors = [keys.der(authority.root)]
    crls = [path.read_bytes() for path in sorted((folder / "authority" / "crl").glob("*.crl"))]
    taken: dict[str, list[float]] = {"render": [], "seal": [], "verify": [], "whole": []}
    begun_at = 0.0
    for serial in range(1, given["count"] + _WARM + 1):
        if serial == _WARM + 1:
            children.say(warm=True)
            begun_at = time.time()
        face, now = _face(serial), datetime.now(UTC)
        moments = [time.perf_counter()]
        page = renderer.render_complete(face, form)
        renderer.render_fill(face, form)
        moments.append(time.perf_counter())
        sealed = seal_pdf(page, plugin=plugin, anchors=anchors, crls=crls, now=now, trial=True)
        moments.append(time.perf_counter())
        said = statement(face, copy_kind=form.copy_kind, template=form.id, template_version=form.version)
        found = verify_license(
            sealed,
            anchors=anchors,
            crls=crls,
            at=now,
            expected_sha256=hashlib.sha256(sealed).digest(),
            trial=True,
            expected_statement=said,
        )
        moments.append(time.perf_counter())
        if found.line("license.sealed_at").standing != "ok":
            raise RuntimeError(f"the license just sealed does not verify: {found}")
        if serial > _WARM:
            for name, start, end in (("render", 0, 1), ("seal", 1, 2), ("verify", 2, 3), ("whole", 0, 3)):
                taken[name].append((moments[end] - moments[start]) * 1000)
    children.say(begun_at=begun_at, ended_at=time.time(), **taken)


if __name__ == "__main__":
    main()
