"""Pictures of every license template for the documentation, made from what the templates say now."""
