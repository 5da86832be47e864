"""`python -m certs`: the same as the `certs` command."""

from certs.cli import main

main()
