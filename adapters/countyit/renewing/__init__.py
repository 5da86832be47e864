"""The county's certificates look after themselves: asked for in time, taken into use without a restart."""
