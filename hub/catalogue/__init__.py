"""The hub's side of the catalogue: its sheets as XLSX and CSV, its place in the store, the view that admission asks."""
