"""The county as the window: licenses that came from others, checked, printed once, and accounted for."""
