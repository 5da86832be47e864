"""`hub doctor`: everything that must be in order for the hub to serve, examined once by one command.

The way: `examining` opens what can be opened and has each check look (`broker`, `machine`, `trust`, `storing`, `work`);
each yields findings (`findings`): what was found, what was expected, what to do. Nothing is changed or migrated, and
what one check needs and cannot have keeps no other from looking.
"""
