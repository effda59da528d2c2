"""`python -m lignee` is the command `lignee`."""

from lignee.cli import main

main()
