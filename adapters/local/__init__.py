"""Between this node and the county's own system.

`sources` read it, `mapping` translates both ways, `sinks` write back, `localsystem` tells of it; the modules beside
them carry what was read on, and keep what went wrong.
"""
