"""What every page needs that strangers reach: TLS on a port of its own, bounded bodies, counted knocks."""
