"""The county's pages: the print desk of one hall, and what could not be mapped or was refused."""
