"""Who sends more than its share, or is stopped: moved to a slow queue of its own, unread, so that nobody else waits."""
