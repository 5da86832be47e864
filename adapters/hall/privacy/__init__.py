"""Personal data as a promise that can be tested: found, given out and forgotten by rule, each time with a record.

`subject` finds everything about one person, `exporting` lets it leave the pages once two persons want it, `retaining`
makes unreadable what is due, in a chain of lines. Source: domain.md §8.2, P9, P12, P14; PIPL art. 19, 44–47, 54.
"""
