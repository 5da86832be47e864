"""Test vectors of the contract, one module for each of its parts; `deploy.contract.published` says in which file."""
