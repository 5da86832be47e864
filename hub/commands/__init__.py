"""The `hub` commands, by what a person wants: run it, look at it, prove it, manage counties, deal with dead letters."""
