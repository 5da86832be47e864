"""The county's page of its joining: while it waits, as a page of its own; afterwards beside the print desk."""
