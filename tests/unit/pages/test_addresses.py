"""The address of a page: private, used once, and a fresh one for whoever may read the folder."""

import threading
from pathlib import Path

import pytest

from pages import addresses
from pages.access import Access
from pages.addresses import AddressFile
from schemas.errors import YunhuobanError


def test_the_file_is_private_and_holds_the_address(tmp_path: Path) -> None:
    """Nobody but the owner of the process reads the token."""
    file = tmp_path / "page.address"
    address = AddressFile(file, Access(), 12345).offer()
    assert file.read_text().strip() == address
    assert file.stat().st_mode & 0o777 == 0o600


def test_asking_gives_another_address_that_works(tmp_path: Path) -> None:
    """Each asking gives a token of its own, and the running process knows it."""
    access, file = Access(), tmp_path / "page.address"
    offered = AddressFile(file, access, 12345)
    first = offered.offer()
    done = threading.Event()

    def run() -> None:
        while not done.wait(0.01):
            offered.keep_fresh()

    thread = threading.Thread(target=run)
    thread.start()
    try:
        second = addresses.ask(file)
    finally:
        done.set()
        thread.join()
    assert second != first
    assert access.exchange(second.partition("token=")[2]) is not None


def test_no_running_page_is_said(tmp_path: Path) -> None:
    """Without a running process there is no address, and the sentence says so."""
    with pytest.raises(YunhuobanError) as caught:
        addresses.ask(tmp_path / "page.address", timeout_seconds=0.2)
    assert caught.value.code is addresses.NOT_RUNNING
    AddressFile(tmp_path / "page.address", Access(), 1).offer()
    with pytest.raises(YunhuobanError):
        addresses.ask(tmp_path / "page.address", timeout_seconds=0.2)
