"""Counties' certificates renewed over the joining page: requests kept for the authority, its answers kept for them."""
