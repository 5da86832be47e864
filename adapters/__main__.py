"""`python -m adapters`: the same as the `adapter` command."""

from adapters.cli import main

main()
