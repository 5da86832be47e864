"""Whether the local system is as the mapping says, looked at before anybody relies on it; nothing is written."""
