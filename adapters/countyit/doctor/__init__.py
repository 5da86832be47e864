"""Why this county cannot connect: what a broker refuses without a word, found out step by step and explained."""
