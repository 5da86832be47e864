"""The hub in containers: broker of three nodes, PostgreSQL, workers, pages, what watches them (docs, "Hardening")."""
