"""Describing a county: its folder is begun from its own system (`adapter new`), and its samples are tried offline."""
