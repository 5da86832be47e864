"""Lists as PDF/A: tables of cells that somebody signs, files or sends, drawn by Typst. Both sides use it.

Knows nothing of licenses or cases. `drawing` is the door to Typst beside that of licenses (`adapters.licenses`).
"""
