"""`python -m roost` is `roost`."""

from roost.cli import main

main()
