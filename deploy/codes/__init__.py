"""Writes the book of codes and its pages from the source: `python -m deploy.codes`."""
