"""Writes what the contract publishes beside its schemas: AsyncAPI, test vectors, the tables of the specification."""
