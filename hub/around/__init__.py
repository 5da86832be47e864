"""What is said around and beside the cases, as the hub may know it: by states, days and numbers, never by content.

The way: `keeping` goes along the journal in the keeper's turns and, for each case or matter in which something was
said, `saying` makes anew the few rows that the pages ask for (`tables`). `matters`, `groups` and `ratings` read
them for the pages and the alerts. `words` has the words. Source: domain study §4.7, §7.

Nothing here names a person: facts hold none (`schemas.privacy`).
"""
