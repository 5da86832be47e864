"""The county node: joins one county's own system to the wire, prints what others issue, issues what is its own."""
