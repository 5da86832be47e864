"""`/stating`: what this county says of itself for all (`schemas.stating`), one section for each kind of it.

`page` is the frame with the list of sections; each section has a desk that writes and reads the statements, over
`desk`, and a page of its own: `powers` and `powerspage` for the window powers. A further kind adds two files and one
line in `adapters.rooms`.
"""
