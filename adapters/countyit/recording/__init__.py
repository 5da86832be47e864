"""Real traffic of a county kept as masked fixtures (`adapter record`) and run through a changed mapping (`replay`)."""
