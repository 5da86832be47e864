"""What is hidden on every page by default, and shown to one person for one purpose, of which a row remains."""
