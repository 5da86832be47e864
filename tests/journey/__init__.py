"""Journeys: what people do, from end to end. A package, so that the one road of its tests ends with it."""
