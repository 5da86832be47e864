"""One renderer, one trial seal authority and one sealed license for all tests of this folder."""

import pytest

from adapters.licenses import template
from adapters.licenses.render import Renderer
from tests.unit.adapters.licenses.license_parties import SealParty, make_face, make_party


@pytest.fixture(scope="session")
def renderer() -> Renderer:
    """Fonts are read once."""
    return Renderer()


@pytest.fixture(scope="session")
def original() -> template.Template:
    """正本, A3."""
    return template.load(*template.ORIGINAL)


@pytest.fixture(scope="session")
def duplicate() -> template.Template:
    """副本, A4."""
    return template.load(*template.DUPLICATE)


@pytest.fixture(scope="session")
def party(tmp_path_factory: pytest.TempPathFactory) -> SealParty:
    """A trial seal that is in order."""
    return make_party(tmp_path_factory.mktemp("party"))


@pytest.fixture(scope="session")
def page(renderer: Renderer, original: template.Template) -> bytes:
    """A complete page, not sealed."""
    return renderer.render_complete(make_face(), original)


@pytest.fixture(scope="session")
def sealed(party: SealParty, page: bytes) -> bytes:
    """The same page, sealed."""
    return party.seal(page)
