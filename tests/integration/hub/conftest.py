"""The broker fixtures of `tests.brokers`."""

from tests.brokers import broker, county_link, hub_context, link, vhost

__all__ = ["broker", "county_link", "hub_context", "link", "vhost"]
