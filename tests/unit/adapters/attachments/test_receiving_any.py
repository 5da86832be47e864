"""Parts in any order, doubled, altered, cut anywhere or missing: the same bytes, or a declared refusal and nothing."""

import hashlib
import io
import random
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.attachments import receiving, sealing
from adapters.attachments.receiving import Coming
from adapters.store import Store, open_store
from certs import attachments
from certs.atrest import AtRest
from schemas.envelope import new_id
from schemas.errors import YunhuobanError
from tests.sampling import examples

NOW = datetime(2026, 11, 26, tzinfo=UTC)
PLAIN = sealing.PLAIN_BYTES
SIZES = (1, PLAIN - 1, PLAIN, PLAIN + 1, 2 * PLAIN + 7)


class Place:
    """A county's store, and files that were sealed elsewhere."""

    def __init__(self, folder: Path) -> None:
        self.store: Store = open_store(f"sqlite:///{folder / 'county.sqlite'}")
        self.storage = AtRest.create(folder / "ring")
        self.sealed = {size: self._seal(size) for size in SIZES}

    def _seal(self, size: int) -> dict[str, Any]:
        data, key, name = random.Random(size).randbytes(size), attachments.new_key(), new_id()
        with self.store.write() as tx:
            sealed = sealing.keep(tx, name, io.BytesIO(data), key)
            parts = list(sealing.sealed_parts(tx, name, -(-sealed.ciphertext_bytes // (PLAIN + 16))))
        return {"data": data, "key": key, "sealed": sealed, "parts": parts}

    def announce(self, size: int, **changes: Any) -> Coming:
        """One more message announces this file; `changes` are what its sender says of it otherwise."""
        made = self.sealed[size]
        sealed, parts = made["sealed"], made["parts"]
        file = {
            "name": "x", "media_type": "application/pdf", "material": 0, "size_bytes": size, "sha256": sealed.sha256,
            "ciphertext_sha256": sealed.ciphertext_sha256, "key": made["key"],
        } | changes  # fmt: skip
        outside = {
            "ciphertext_sha256": file["ciphertext_sha256"], "ciphertext_bytes": sealed.ciphertext_bytes,
            "part_sha256": [hashlib.sha256(each).digest() for each in parts],
        }  # fmt: skip
        envelope: Any = SimpleNamespace(id=new_id(), case_no="c", source="130928", attachments=[outside])
        with self.store.write() as tx:
            for _ in range(2):  # a message that is applied again announces nothing twice
                receiving.expect(tx, self.storage, envelope, {"files": [file]}, NOW)
        return self.again(envelope.id)

    def again(self, message_id: str) -> Coming:
        """As it stands."""
        with self.store.read() as tx:
            found = receiving.find(tx, self.storage, "130928", message_id, 0)
        assert found is not None
        return found

    def take(self, coming: Coming, part: int, data: bytes) -> str:
        """The code of the refusal; empty when it was taken or is here already."""
        try:
            with self.store.write() as tx:
                receiving.take(tx, coming, part, data, NOW)
        except YunhuobanError as error:
            return error.code.code
        return ""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """One store for all examples; each has a message of its own."""
    made = Place(tmp_path_factory.mktemp("receiving"))
    yield made
    made.store.close()


def altered(data: bytes, how: str, at: int) -> bytes:
    """Some bytes, changed somewhere."""
    at %= len(data)
    return {
        "bit": data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :],
        "cut": data[:at],
        "longer": data + b"\0",
        "other": bytes(len(data)),
    }[how]


@settings(max_examples=examples(60, 8), deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data(), size=st.sampled_from(SIZES))
def test_whatever_comes_the_file_is_the_same_or_not_there(place, data, size):
    """Good parts in any order, twice, and between them what is altered, cut or out of place, which is refused."""
    coming, parts = place.announce(size), place.sealed[size]["parts"]
    order = data.draw(st.permutations(range(len(parts))))
    missing = data.draw(st.sampled_from([None, *range(len(parts))]))
    for part in order:
        how = data.draw(st.sampled_from(["", "bit", "cut", "longer", "other", "place"]))
        if how == "place":
            assert place.take(coming, part + 1, parts[part]) == "E-PART-011"
        elif how:
            wrong = altered(parts[part], how, data.draw(st.integers(0, 2**20)))
            assert place.take(coming, part, wrong) == "E-PART-011"
        if part != missing:
            assert place.take(coming, part, parts[part]) == ""
            assert place.take(coming, part, parts[part]) == "", "a second copy changes nothing"
    now = place.again(coming.message_id)
    with place.store.read() as tx:
        opened = partial(sealing.opened, tx, coming.file_id, coming.part_count, coming.key)
        if missing is None:
            assert now.here_bytes == now.ciphertext_bytes
            assert receiving.judge(tx, now) is None
            assert b"".join(opened()) == place.sealed[size]["data"]
        else:
            assert now.here_bytes < now.ciphertext_bytes
            with pytest.raises(YunhuobanError, match="E-CERT-083"):
                b"".join(opened())


@pytest.mark.parametrize("lie", [{"sha256": bytes(32)}, {"ciphertext_sha256": bytes(32)}, {"size_bytes": 7}])
def test_a_sender_that_contradicts_itself_is_told_from_its_parts(place, lie):
    """Each part is as it said and the whole is not (E-PART-012): the file is not used, and nothing of it is kept."""
    size = PLAIN + 1
    coming = place.announce(size, **lie)
    for number, part in enumerate(place.sealed[size]["parts"]):
        assert place.take(coming, number, part) == ""
    with place.store.write() as tx:
        code = receiving.judge(tx, place.again(coming.message_id))
        assert code is receiving.WHOLE_DIFFERS
        receiving.settle(tx, coming.file_id, code.code, NOW)
        assert sealing.held(tx, coming.file_id) == frozenset()
    found = place.again(coming.message_id)
    assert (found.state, found.code) == ("failed", "E-PART-012")


def test_a_part_under_another_key_is_not_kept(place):
    """The hub cannot tell, whoever has the key can: E-PART-011."""
    coming = place.announce(PLAIN + 1, key=bytes(32))
    assert place.take(coming, 0, place.sealed[PLAIN + 1]["parts"][0]) == "E-PART-011"
