"""The hub's own certificates: requested, taken into use while it runs, the old ones named until their end."""
