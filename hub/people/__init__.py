"""The people of the hub: operator, security and auditor, three separate ones (三员); security keeps accounts."""
