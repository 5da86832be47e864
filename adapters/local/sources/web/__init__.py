"""A county's own system behind HTTP: records pulled from it with a cursor; the client that answers are pushed with."""
