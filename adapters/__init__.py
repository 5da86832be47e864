"""The county node: joins one county's own system to the wire, prints what others issue, issues what is its own.

The way of a message through these folders: `local` reads the county's own system and puts what it says into the
`boxes`, `link` carries it to the hub and brings what comes back; there it is opened, checked against `directory` and
`journal`, and takes effect in `case`. The `authority` issues (`licenses`), the `window` checks and prints (`printing`),
`local` writes back. In the `hall` people work at their pages; `countyit` brings the node in and keeps it well. `node`
puts all of it together, `rooms` the pages.
"""
