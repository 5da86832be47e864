"""Migrations of the county node's store, oldest first."""
