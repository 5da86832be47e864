"""What every page of the hub needs that strangers reach: its certificate, bounded bodies, counted knocks."""
