"""The hub's side of conformance: counties' signed results, and the gate that lets an item be live by them.

`held` what the store has, `taking` a result comes in, `gate` what admission asks, `listing` how far each item is.
"""
