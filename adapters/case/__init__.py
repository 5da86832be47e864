"""The cases this county is a party of: where each stands, its clock, and what a message changes in it."""
