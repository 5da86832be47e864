"""Taking an application at this county's own pages, for any county and item of the catalogue."""
