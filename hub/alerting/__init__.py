"""Tells whoever is on call that something is the matter, before a clerk phones: once when it begins, once when it ends.

`kinds` says what there is to be told, `facts` asks `hub.views` how the hub stands, `conditions` decides what of it is
the matter. `book` keeps each alert in the store from its beginning to its end, `plan` reads whom to tell (`alerts.toml`
in the hub's folder), `telling` decides who is to hear of what now, `words` says it, and `watch` does all of this in the
keeper. `desk` is what the page and the commands see. No alert names a person: only kinds, places and counts.
"""
