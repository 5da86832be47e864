"""`make pages`: every test that opens a browser, with a picture of what it saw and an index of all of it."""
