"""电子监察: whether each county keeps the time limits of each case and of each step, seen from the hub's own journal.

The way: `outages` records when the hub itself was away, `history` reads a case's admitted steps, `duties` says what
each county owed by when (`duty` moves that by pauses, `basis` keeps how it was counted), `raising` writes a card for
every limit that came near or was passed, `watching` does all of it again and again. `ruling` takes a county's
explanation and the decision on it; `listing`, `counting`, `halfday` and `bulletin` read what is there. `levels` has the
words. Source: domain study §4.6.

A card names a case, a county and a step and no person: the hub knows none.
"""
