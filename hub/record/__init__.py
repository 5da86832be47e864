"""The operators' record: whatever somebody does at the hub, by page or command, in one chain that is only added to."""
