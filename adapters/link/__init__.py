"""The county's way to the broker: one connection that renews itself, and what is carried over it both ways."""
