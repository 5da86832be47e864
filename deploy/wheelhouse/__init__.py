"""Everything that a machine without a network needs to install this project, with digests under a signature.

`make wheelhouse KEY=…` makes it; `install.sh` in it verifies and installs. What the key is, and how its public half
reaches a county, is said in `docs/*/running.md`.
"""
