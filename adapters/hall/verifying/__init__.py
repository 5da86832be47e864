"""Anybody's license file, checked by a county: the command `adapter verify` and the drop page of the desk."""
