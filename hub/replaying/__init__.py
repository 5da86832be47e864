"""Dead letters, looked at and sent again safely: chosen and counted, ordered by two persons, sent at a pace, stopped.

`choosing` finds letters by what the envelope says in the clear, `reading` shows one, `ordering` writes down that some
are to be sent again, `sending` sends them one by one in the keeper's process. Nothing here reads content: the hub has
no key for it.
"""
