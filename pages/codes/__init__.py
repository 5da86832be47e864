"""The book of codes: every code of the whole system with what it means, what to do, an example and where it is raised.

`deploy.codes` reads the source and writes `codes.json`, so that a county's machine looks a code up in a moment, without
a network, whichever side raises it.
"""
