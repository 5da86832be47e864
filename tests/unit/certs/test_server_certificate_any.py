"""Whatever lies in the files of a page's certificate: faults with a sentence, never anything else."""

import base64
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certs import keys
from certs.hallauthority import PAGE
from certs.hallscope import HostNames, Scope
from certs.servercertificate import examine
from schemas.errors import YunhuobanError
from tests import hall_tls

NAMES = HostNames.parse(hall_tls.NAMES)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page authority's folder; the damaged files are written into it."""
    made = tmp_path_factory.mktemp("any") / "hall"
    hall_tls.authority(made)
    return made


@cache
def _whole(folder: Path) -> bytes:
    return keys.der(keys.load_certificates(folder / PAGE)[0])


@given(changes=st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), min_size=1, max_size=4))
def test_a_damaged_certificate_is_a_fault(changes: list[tuple[int, int]], folder: Path) -> None:
    """Any bytes changed anywhere in it: it is refused, or named for what is left of it; its key never fits twice."""
    der = bytearray(_whole(folder))
    for place, value in changes:
        der[place % len(der)] = value
    pem = b"-----BEGIN CERTIFICATE-----\n" + base64.encodebytes(bytes(der)) + b"-----END CERTIFICATE-----\n"
    (folder / "damaged.pem").write_bytes(pem)
    examined = examine(folder / "damaged.pem", folder / PAGE, NAMES, now=hall_tls.now())
    assert all(isinstance(each, YunhuobanError) for each in examined.faults)
    assert examined.chain or examined.faults


@given(
    content=st.one_of(
        st.binary(max_size=300), st.sampled_from([b"-----BEGIN PRIVATE KEY-----\nMA==\n-----END PRIVATE KEY-----\n"])
    )
)
def test_a_key_of_any_bytes_is_a_fault(content: bytes, folder: Path) -> None:
    """What is no key is said to be none, and is not quoted."""
    (folder / "damaged.key").write_bytes(content)
    examined = examine(folder / PAGE, folder / "damaged.key", NAMES, now=hall_tls.now())
    assert "E-CERT-115" in {each.code.code for each in examined.faults}


@given(name=st.text(max_size=40))
def test_names_of_any_text_are_taken_or_refused(name: str) -> None:
    """What comes out of parsing is a name that stands in a certificate as it is, or a code."""
    assert _refused(lambda: HostNames.parse([name])) in {"", "E-CERT-111"}
    assert _refused(lambda: Scope.parse([name], []).constraints()) in {"", "E-CERT-110"}
    assert _refused(lambda: Scope.parse([], [name]).constraints()) in {"", "E-CERT-110"}


def _refused(act: Callable[[], object]) -> str:
    """The code with which it refuses, or nothing."""
    try:
        act()
    except YunhuobanError as error:
        return error.code.code
    return ""
