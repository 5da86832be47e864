"""Joining by invitation, the hub's side: invite, take a request in, check, approve, answer, activate."""
