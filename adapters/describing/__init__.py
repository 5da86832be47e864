"""Describing a county: its folder is begun from its own system (`adapter new`) and tried offline (`adapter test`)."""
