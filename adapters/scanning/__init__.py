"""What an applicant or holder can look up without signing in: the county's half, which the hub's pages show."""
