"""A county's card, as it is handed to the hub's people."""

import base64
import json

from certs import keys
from deploy.contract.throwaway import Network
from deploy.contract.values import ITEM, NOW, WINDOW, Json
from deploy.contract.vectors import keystatements
from hub.registry import county


def vectors(network: Network) -> Json:
    """The file `card.json`. Raises what the hub says of a card that it would not take."""
    statement, signature = keystatements.statement(network, WINDOW)
    card = {
        "division_code": WINDOW,
        "name": "吴桥县",
        "authority_name": "吴桥县行政审批局",
        "authority_code": "11130928MB00000005",
        "halls": ["01"],
        "contact": "政务服务科",
        "telephone": "0317-0000000",
        "signing_certificate": _base64(keys.der(network.certificates["window_signing"])),
        "connection_certificate": _base64(keys.der(network.certificates["window_connection"])),
        "key_statement": _base64(statement),
        "key_statement_signature": signature,
        "offers": [{"service_item": f"11130928MB00000005{ITEM[18:]}", "name": "企业设立登记"}],
    }
    county.prove(county.Card.parse(json.dumps(card)), chains=network.chains(), now=NOW)
    return {"about": "A card that the hub takes at the time of keys.json.", "card": card}


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()
