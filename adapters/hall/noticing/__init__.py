"""Tells clerks and approvers that something waits for them: once for each thing, and not all the time."""
