"""The county as the authority that decides: its licenses, its permissions to print, and what it takes back."""
