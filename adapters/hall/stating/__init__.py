"""Pages at which a county says something of itself for all: in the next directory, and only codes go there."""
