"""What people see of the hub: the ladder of a case, how the hub stands, the overview. Reading only."""
