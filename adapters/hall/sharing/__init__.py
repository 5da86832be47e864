"""Licenses that this county's node holds, used in another case: named instead of a paper, or copied for one use."""
