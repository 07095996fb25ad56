"""Rows out of files that people filled in: CSV, XLSX and JSON to rows of text, or a refusal that says what is wrong and where.

The caller says which columns there are (`Layout`); they are found by their names, wherever they stand. Nothing in a file is run: a formula
is reported, an archive that would unpack beyond measure is refused before it is unpacked, and XML that defines entities is not parsed.
"""

from .errors import FileRefused
from .guard import guarded, unguarded
from .layout import MOST_CELL, Layout, Limits, Row, Table
from .read import read_book, read_rows

__all__ = ["MOST_CELL", "FileRefused", "Layout", "Limits", "Row", "Table", "guarded", "read_book", "read_rows", "unguarded"]
