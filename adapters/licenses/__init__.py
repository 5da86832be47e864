"""Licenses: rendered from templates that are data, sealed by the issuing authority, verified line by line.

`choosing` finds the templates of an item and a kind of body, `facelines` writes their lines, `issue` makes the
canonical License record out of an application and a decision; `render`, `qr` and `seal` are the doors to Typst, segno
and pyHanko; `seal_process` keeps the seal's key in a process of its own; `verify` answers with facts about a sealed
file; `previewing` draws specimens. No other package opens or makes a license file.
"""
