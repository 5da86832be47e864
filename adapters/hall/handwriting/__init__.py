"""Signatures drawn by hand on a screen: taken, checked to be a small picture and nothing else, kept sealed."""
