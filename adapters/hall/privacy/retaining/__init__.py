"""For how long what is personal stays readable here, and the chain that says what was made unreadable, and when."""
