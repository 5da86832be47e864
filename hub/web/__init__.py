"""The hub's pages: what operations sees. No personal data exists here, because the hub cannot read a case."""
