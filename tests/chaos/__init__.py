"""Nothing lost, nothing twice: what was asked, what went wrong meanwhile, and what was found everywhere afterwards."""
