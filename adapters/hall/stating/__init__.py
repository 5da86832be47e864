"""What this county states of itself for all, at a page: each section a desk and the routes over it.

`details` and `detailspage` are the section of items: their special procedures, and whether an inspection pauses.
"""
