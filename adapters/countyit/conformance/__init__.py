"""Conformance of a county: `adapter test` tries its mapping, source and link offline and signs what it found.

`parts` what of a mapping a result is bound to; `edges` awkward records made from the county's own samples and what is
expected of each, `judging` what became of one; `localfiles` and `localtables` the same through the county's kind of
source; `writing` the way back; `linkworld` and `sabotage` the link; `suite` all of it, `signed` the result
as a file, `expiry` how long it holds, `ownitems` what comes next.
"""
