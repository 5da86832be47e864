"""Local and canonical record side by side, field by field, in the terminal and as one file to open in a browser."""
