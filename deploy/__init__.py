"""Set-up, demonstration and configuration for running the project; not part of the wheel."""
