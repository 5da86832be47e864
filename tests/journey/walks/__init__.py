"""Every journey of the window, written once and walked by keyboard alone in both languages, at a desk and on a phone.

Each is long: `make pages` and `make test-long` walk them.
"""
