"""The product with one function wrong on purpose: each must turn the checker red, or the checker checks nothing.

`patches` has the wrong functions; `python -m tests.chaos.sabotage NAME hub …` (or `adapters …`) is the real command
with one of them in place. The product itself has no hook for any of this.
"""
