"""Printing on the county's side: the IPP door, the print ledger, and the station that joins them."""
