"""`python -m ipmd` is `ipmd`."""

from ipmd.cli import main

main()
