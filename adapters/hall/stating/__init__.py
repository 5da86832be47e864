"""What this county says of itself for all, said at its pages: an approver writes it, the directory carries it."""
