"""Between this node and the county's own system: what is read from it, what is written into it, what went wrong."""
