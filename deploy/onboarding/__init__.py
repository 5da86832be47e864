"""A county's first afternoon: its local system as it was before, and what leads from there to a live item."""
