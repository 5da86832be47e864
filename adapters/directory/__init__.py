"""What this county knows of the others: the directory as the hub signs it, checked, kept, and asked."""
