"""Files that strangers upload: taken in by pieces, told by their bytes, looked at in a process that can do nothing.

Knows nothing of licenses or cases; both sides use it.
"""
