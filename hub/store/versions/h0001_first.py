"""The first schema.

Until the first release it is made from the tables themselves; from then on each change is a migration of its own,
and a test compares the migrated schema with `hub.store.schema`.
"""

from alembic import op

from hub.store.schema import METADATA

revision = "h0001"
down_revision = None


def upgrade() -> None:
    """Create everything."""
    METADATA.create_all(op.get_bind())
