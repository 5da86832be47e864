"""The hub as a service of its machine: the unit that says so to systemd. Its broker, workers and pages are one unit."""
