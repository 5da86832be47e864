"""The way out: what follows from a verdict, each county's hold queue, dead letters, and what is done again."""
