"""The catalogue: service items, which county offers them how, and the alliances under which counties work together.

`model` what there is, `checks` what of it is wrong, `records` its form in the directory, `view` quick questions to it,
`offering` whether one application may be made, `search` looking through all of it. Pure: both sides use the same.
"""
