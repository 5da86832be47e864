"""What a county asks for that has long names, two brokers and two time servers."""

from dataclasses import replace
from datetime import date
from typing import Final

from adapters.countyit.firewall import needs

LONG: Final = needs.Way(
    name="broker-for-the-counties-of-the-alliance.hub.government-cloud.example.cn",
    addresses=("203.0.113.10", "203.0.113.11", "2001:db8:0:1::10"),
    port=5671,
    protocol="TCP",
)
ASKED: Final = needs.Needs(
    division_code="130928",
    county="吴桥县",
    authority="吴桥县行政审批局",
    contact="张工 & <李工>",
    telephone="0317-0000000",
    host="county-node-01",
    own_addresses=["10.20.30.40"],
    hub=[LONG, replace(LONG, addresses=())],
    server_hostname="hub.example.cn",
    times=[replace(LONG, name="ntp.example.cn", port=123, protocol="UDP"), replace(LONG, port=123, protocol="UDP")],
    idle_seconds=60,
    begins=date(2026, 11, 26),
    ends=date(2027, 11, 26),
)
HALL: Final = replace(
    ASKED,
    hall=needs.HallDoor(
        address="10.20.30.40",
        names=("county-services.hall-of-wuqiao.government-cloud.example.cn", "10.20.30.40"),
        port=443,
    ),
)
"""The same, and its pages are opened by the hall's computers."""
