"""The county's people: their accounts and units in the county's store, the commands, and the pages beside the desk."""
