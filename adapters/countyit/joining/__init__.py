"""Joining by invitation, the county's side: keys made where they stay, a request out, an answer in, a card."""
