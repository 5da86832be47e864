"""Files of materials on their way between two counties, part by part, beside the messages and behind none of them.

`sealing` keeps every file in the parts in which it travels, sealed under its own key: what the window scanned and what
came from another county lie alike. `serving` answers who asks; `receiving` asks, checks and keeps; `road` is the loop.
"""
