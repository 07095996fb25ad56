"""`ipmd`: the command line. Each command parses, calls what the pages call, and prints.

Results go to standard output (`--format json` or `jsonl` for programs, tables for people), messages to standard error. Exit code 0 is
success, 1 bad input (the message says which and where), 2 wrong use.
"""

from ipmd.cli.main import main

__all__ = ["main"]
