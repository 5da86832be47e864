"""The broker fixtures of `tests.brokers`."""

from tests.brokers import broker, hub_context, link, vhost

__all__ = ["broker", "hub_context", "link", "vhost"]
