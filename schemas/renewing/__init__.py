"""The two files by which a county's certificates are renewed."""
