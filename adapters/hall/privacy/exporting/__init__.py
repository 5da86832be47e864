"""Lists in which personal data leaves the pages: two persons, one file with a watermark, taken once, then wiped."""
