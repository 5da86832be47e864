"""The one SQLAlchemy `MetaData` of the county node, so that every table is in one schema and one migration."""

from typing import Final

from sqlalchemy import MetaData

METADATA: Final = MetaData()
