"""From the sealed file to the public page: what a telephone reads off the paper leads to this license and no other.

Everything is the real thing: the renderer, the seal, the file that the window county received, its picture as a printer
draws it and as a bad camera sees it, a reader of QR codes that is not the library that made it, TLS, the page.
"""

import base64
import io
import subprocess
from pathlib import Path
from typing import Any

import httpx
import pytest
import zxingcpp
from PIL import Image, ImageFilter
from sqlalchemy import select

from adapters.boxes import inbox
from adapters.licenses.render import Renderer
from adapters.licenses.seal import FileSeal
from adapters.licenses.seal_process import SealProcess
from adapters.store import tables
from certs import keys
from tests.county_records import acceptance, decision
from tests.scanning_world import locator_of, opened, served
from tests.witness_world import Stage

HOST = "verify.example.cn"


def sealed_and_received(stage: Stage, register: Path) -> list[dict[str, Any]]:
    """The files of one license that went the whole way, as they lie at the window county."""
    issuing, window = stage.counties.issuing, stage.counties.window
    seal = issuing.settings.certificates / "seal"
    authority = issuing.settings.authority.model_copy(update={"verify_host": HOST})
    issuing.settings = issuing.settings.model_copy(update={"authority": authority})
    with SealProcess(
        plugin=FileSeal(key_file=seal / "seal.key", chain_file=seal / "seal.pem"),
        anchors=[keys.der(each) for each in issuing.identity.seal_anchors],
        crls=lambda: list(issuing.view().seal_crls),
        register=register,
        trial=True,
    ) as sealer:
        issuing.sealer, issuing.renderer = sealer, Renderer()
        issuing.start()
        case_no = stage.application()
        issuing.source.add("application.accepted", case_no, acceptance())
        stage.settle()
        issuing.source.add("decision.made", case_no, decision())
        stage.settle()
        assert issuing.issue() == 1
        stage.settle()
    ((seq,),) = window.rows(select(tables.inbox.c.seq).where(tables.inbox.c.type == "license.issued"))
    with window.store.read() as tx:
        return list(inbox.record_of(tx, window.identity, seq)["files"])


def drawn(pdf: bytes, *, dpi: int) -> Image.Image:
    """The first page, as a printer of this resolution puts it on paper."""
    command = ["pdftoppm", "-gray", "-singlefile", "-r", str(dpi), "-"]
    return Image.open(io.BytesIO(subprocess.run(command, input=pdf, capture_output=True, check=True).stdout))


@pytest.mark.long  # the short slice: test_scanning.py, which takes the address before it is drawn
def test_the_paper_of_a_sealed_license_leads_to_its_page(stage: Stage, tmp_path: Path):
    """Original and duplicate, at 300 and 150 dpi and out of focus: one address, whose page says valid."""
    addresses = set()
    for file in sealed_and_received(stage, tmp_path / "register.jsonl"):
        page = drawn(file["sealed"], dpi=300)
        seen = (page, drawn(file["sealed"], dpi=150), page.rotate(7, expand=True, fillcolor=255))
        for picture in (*seen, page.filter(ImageFilter.GaussianBlur(2))):
            codes = zxingcpp.read_barcodes(picture)
            addresses |= {each.text for each in codes}
            assert len(codes) == 1, "one code on the paper, and it is readable"
    (address,) = addresses
    assert address.startswith(f"https://{HOST}/v#")
    token = bytes.fromhex(address.partition("#")[2])
    with served(stage, tmp_path) as site, httpx.Client(verify=False, trust_env=False) as phone:
        answer = phone.post(f"{site}/v/find", content=locator_of(token))
        assert answer.status_code == 200
        told = answer.json()
    face = opened(token, base64.b64decode(told["face"]))
    assert (told["state"], face["name"], face["valid_until"]) == ("valid", "营业执照", None)
