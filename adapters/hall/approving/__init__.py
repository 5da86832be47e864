"""The approval desk: a county without a system of its own for foreign cases examines and decides them here."""
