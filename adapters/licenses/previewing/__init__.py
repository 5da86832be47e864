"""`adapter template`: which templates there are, what one says, and how it looks with invented contents."""
