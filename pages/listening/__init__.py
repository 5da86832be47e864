"""Where page applications are reached, and what keeps strangers there from costing us anything."""
