"""Migrations of the hub's store, oldest first."""
