"""Alembic's entry: runs the migrations on the connection that `adapters.store.engine.migrate` hands over."""

from alembic import context

from adapters.store.schema import METADATA

context.configure(connection=context.config.attributes["connection"], target_metadata=METADATA)
with context.begin_transaction():
    context.run_migrations()
