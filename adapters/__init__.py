"""The county node: joins one county's own system to the wire, prints what others issue, issues what is its own.

The way of a message through these folders: `sources` and `mapping` read the county's own system, `local` puts what they
say into the `boxes`, `link` carries it to the hub and brings what comes back; there it is opened, checked against
`directory` and `journal`, and takes effect in `case`. The `authority` issues (`licenses`), the `window` checks and
prints (`printing`), `sinks` write back. `desk` shows it to the clerk; `joining`, `describing`, `suggesting` and
`doctor` are for county IT. `node` puts all of it together.
"""
