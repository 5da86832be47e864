"""What a county asks of whoever runs its firewall, on one page to be printed, signed and stamped."""
