"""The pages of signing in and of one's own account; an application of either side takes them as a router."""
