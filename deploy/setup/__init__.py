"""What the commands need from a bare Debian 12. Standard library only: it runs before any virtual environment."""
