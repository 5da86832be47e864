"""The county's own system pushes its records to the node: stored first, answered second, read like any other source."""
