"""The pages under `/take` beside the print desk: find the item, type the form, see what became of it."""
