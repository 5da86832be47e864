"""The county's pages in the hall's own network: their certificate, their listener, and how both are."""
