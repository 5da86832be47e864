"""Who sends more than its share: moved to a slow queue of its own, unread, so that nobody else waits."""
