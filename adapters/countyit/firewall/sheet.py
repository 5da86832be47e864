"""The request as a page: Chinese, each sentence with its English below; printed on one sheet of A4 by any browser."""

from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from adapters.countyit.firewall.needs import Needs
from pages.wording import say

_TEMPLATE: Final = "firewall.html"


def html(needs: Needs) -> str:
    """The whole page; it needs no other file."""
    environment = Environment(
        loader=PackageLoader("adapters.countyit.firewall"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(_TEMPLATE).render(needs=needs, _=_both, plain=say)


def _both(text: str, **params: str) -> Markup:
    """A sentence in both languages, the English set apart."""
    return Markup('{}<span lang="en">{}</span>').format(say(text, "zh", **params), say(text, "en", **params))
