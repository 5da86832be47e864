"""`make bench`: what the hub costs, measured side by side with what client and broker allow."""
