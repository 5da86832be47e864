"""The contract: records, codec, codes, message types, lifecycle, envelope, journal tree, names of queues.

Pure: no network, no clock, no files but its own. Everything two counties must agree on stands here, and nothing else.
"""
