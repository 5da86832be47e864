"""What goes out and what comes in: kept before it is sent, kept before it is believed, and what becomes of each."""
