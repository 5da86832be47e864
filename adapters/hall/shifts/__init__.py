"""The change of shift: what one clerk answers for passes to another, counted and named, in one transaction."""
