"""Run both commands in a bare Debian 12, because a developer's machine hides missing steps."""
