"""Invented counties by the thousand, for benchmarks and tests: real keys, certificates and cards."""
