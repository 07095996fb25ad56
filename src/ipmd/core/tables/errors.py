"""Why a file can't be taken as a whole; what is wrong with one row is said in the row."""

from __future__ import annotations

from typing import Any

from ipmd.core.errors import SayableError

TEMPLATES: dict[str, str] = {
    "too_big": "“%(name)s” is larger than %(most)d MB; export a part of the register and bring that back.",
    "empty": "“%(name)s” is empty.",
    "old_excel": "“%(name)s” is in the old Excel format or protected by a password; save it as an XLSX workbook without one.",
    "no_rows": "“%(name)s” has no rows below its headings.",
    "not_text": "“%(name)s” is neither CSV, XLSX nor JSON.",
    "encoding": "“%(name)s” is not in UTF-8 (line %(line)d); save it as “CSV UTF-8”, or as XLSX.",
    "csv": "“%(name)s” is broken at line %(line)d: %(why)s.",
    "json": "“%(name)s” is no valid JSON (line %(line)d).",
    "json_form": "“%(name)s” has no list “outcomes”; export a file to see its form.",
    "json_list": "“%(name)s” has no list “%(list)s”.",
    "xlsx": "“%(name)s” is not a readable XLSX workbook; save it again and retry.",
    "bomb": "“%(name)s” would unpack to an unreasonable size and was not opened.",
    "doctype": "“%(name)s” defines XML entities, which no spreadsheet does.",
    "no_code": "“%(name)s” has no column “code” in its first row; export a file to see which columns there are.",
    "no_column": "“%(name)s” has no sheet with the column “%(column)s” in its first row.",
    "column_twice": "“%(name)s” has the column “%(column)s” twice.",
    "sheet_twice": "“%(name)s” has the column “%(column)s” in two sheets: %(sheet)s and %(other)s.",
    "too_many": "“%(name)s” has more than %(most)d rows.",
}
"""Code → sentence; the code a surface sees is `import.<code>`."""


class FileRefused(SayableError):
    """The file can't be read as what it is said to be."""


def refused(code: str, name: str, **params: Any) -> FileRefused:
    """The refusal for `code`, told about the file called `name`."""
    return FileRefused(f"import.{code}", TEMPLATES[code], name=name, **params)
