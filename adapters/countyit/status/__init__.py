"""How the county node is, for the county's IT: on a page, in the terminal, as JSON for monitoring. Nobody's data."""
