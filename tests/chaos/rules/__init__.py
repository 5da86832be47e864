"""The rules, by what they look at. Each is a generator of problems over one `Lookup`, linear in its size."""
