"""The hub's one door to RabbitMQ: the link (pika), the private node, the management API, and what must be declared.

`link` and `session` are the only modules that know pika; `messages` and `properties` are plain types.
"""

from hub.broker.link import BrokerLink
from hub.broker.messages import Delivery, LinkParameters, Outcome, Outgoing

__all__ = ["BrokerLink", "Delivery", "LinkParameters", "Outcome", "Outgoing"]
