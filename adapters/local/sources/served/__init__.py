"""Databases that run as servers: which driver a URL needs, and what each connection is set to before it is used."""
