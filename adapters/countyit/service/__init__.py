"""The county node as a service of its machine: what keeps it running, and the unit that says so to systemd."""
