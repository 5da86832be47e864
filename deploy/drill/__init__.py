"""Drills: what people must be able to do in a hurry, done for real on the demonstration's world, and timed."""
