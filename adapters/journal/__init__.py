"""What this county has seen of the hub's journal, and the alarm when the hub contradicts itself."""
