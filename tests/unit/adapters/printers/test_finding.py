"""Printers are found where a person says, and nothing that answers oddly is taken for one."""

import socket

import pytest

from adapters.hall.printers import certificates, finding
from schemas.errors import YunhuobanError
from tests.printers import free_port


def test_addresses_are_read_as_people_write_them():
    """Hosts, ports, subnets; each once."""
    assert finding.addresses(["10.0.0.1", "10.0.0.1:631", "printer.local:8631"]) == [
        ("10.0.0.1", 631),
        ("printer.local", 8631),
    ]
    assert len(finding.addresses(["10.0.0.0/24", "10.0.0.7"])) == 254


@pytest.mark.parametrize(
    "text", ["", "10.0.0.0/16", "10.0.0.0/x", "10.0.0.1:0", "10.0.0.1:x", "a b", "::/64", "10.0.0.1:70000", "\n"]
)
def test_what_is_no_address_is_told(text):
    """Half a country is not searched either."""
    with pytest.raises(YunhuobanError, match="E-PRINT-172"):
        finding.addresses([text])


def test_the_networks_of_this_machine_are_bearable():
    """Loopback is none of them."""
    assert all("/" in each and not each.startswith("127.") for each in finding.own_networks())
    assert len(finding.addresses(finding.own_networks() or ["10.0.0.1"])) <= finding.MOST_ADDRESSES


def test_dns_sd_answers_are_read_and_odd_lines_left_out():
    """Names with anything in them are not used; only address, port and path are."""
    told = (
        "+;eth0;IPv4;Office;_ipp._tcp;local\n"
        '=;eth0;IPv4;Office\\032A3;_ipp._tcp;local;office.local;10.0.0.9;631;"txtvers=1" "rp=ipp/print" "ty=X"\n'
        '=;eth0;IPv6;Office;_ipp._tcp;local;office.local;fe80::1;631;"rp=printers/a3"\n'
        '=;eth0;IPv4;Evil;_ipp._tcp;local;e.local;10.0.0.1;x;"rp=ipp/print"\n'
        '=;eth0;IPv4;Evil;_ipp._tcp;local;e.local;10.0.0.1;631;"rp=a b"\n'
        "=;short\n"
    )
    assert finding.resolved(told, "ipp") == ["ipp://10.0.0.9:631/ipp/print", "ipp://[fe80::1]:631/printers/a3"]


def test_without_avahi_browse_dns_sd_is_refused(monkeypatch):
    """The other ways are in the remedy."""
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(YunhuobanError, match="E-PRINT-173"):
        finding.announced()


def test_what_listens_and_is_no_printer_is_not_found():
    """A closed port, and a port on which something else is."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        other.close()
        assert list(finding.search([("127.0.0.1", free_port()), ("127.0.0.1", port)])) == [None, None]
    assert list(finding.search([])) == []


def test_a_printer_without_tls_has_no_certificate_to_show():
    """Whoever asked for ipps is told, and nothing is registered."""
    with socket.create_server(("127.0.0.1", 0)) as plain:
        url = f"ipps://127.0.0.1:{plain.getsockname()[1]}/ipp/print"
        with pytest.raises(YunhuobanError, match="E-PRINT-171"):
            certificates.presented(url, timeout_seconds=0.2)
    with pytest.raises(YunhuobanError, match="E-PRINT-121"):
        certificates.presented(url, timeout_seconds=0.2)
