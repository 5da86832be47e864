"""Certificates that follow others: the hub's own (`own`), and those of counties that ask by the page (`counties`)."""
