"""Everything that this county holds about one person, found by an identifier that is checked first."""
