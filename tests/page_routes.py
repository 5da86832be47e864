"""Every route of a page application with the roles that it declares, for the tests of who may call what."""

import re
from collections.abc import Iterator, Sequence

from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute, Mount

from pages.people import paths
from pages.people.permission import Asked
from pages.people.person import Role

OPEN = {
    *(paths.SIGN_IN, *paths.STEPS.values(), "/sign-in/enrol/code.svg"),  # the way in; each looks at its own session
    *("/codes", "/codes/{code}"),  # what a code means
    *("/language/{language}", "/type/{size}"),  # how one reads
}


def routes_of(app: FastAPI) -> list[tuple[str, str, frozenset[Role]]]:
    """Method, path and declared roles of everything that can be called."""
    return [
        (method, prefix + route.path, frozenset().union(*asked))
        for prefix, route in walk(app.routes)
        for asked in [[each.dependency.roles for each in route.dependencies if isinstance(each.dependency, Asked)]]
        for method in sorted(route.methods or ())
    ]


def walk(found: Sequence[BaseRoute], prefix: str = "") -> Iterator[tuple[str, APIRoute]]:
    """Every route with what stands before its path, those of included routers among them."""
    for each in found:
        if isinstance(each, APIRoute):
            yield prefix, each
        elif isinstance(each, Mount):
            assert each.path == "/assets", "what is mounted has the guard, but nobody asks it for roles"
        else:
            yield from walk(each.original_router.routes, prefix + each.include_context.prefix)


def placed(path: str) -> str:
    """A path with something in each of its places."""
    return re.sub(r"\{[^}]*\}", "x1", path)
