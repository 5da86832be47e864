"""Evidence: one file that proves what happened in a case, its offline verification, and the check of the journal."""
