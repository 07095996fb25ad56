"""Reading: bytes of a PDF, DOCX, HTML, Markdown or text file to a `Document` whose text and spans never change.

>>> from ipmd.core.reading import read
>>> document = read(b"# Report\\n\\nThe meeting agreed to meet again.\\n", "report.md")
>>> [(p.kind.value, document.text[p.start:p.end]) for p in document.passages]
[('heading', 'Report'), ('paragraph', 'The meeting agreed to meet again.')]
"""

from ipmd.core.reading.document import READER_VERSION, Document, Page, Passage, PassageKind, Run
from ipmd.core.reading.errors import ReadingError
from ipmd.core.reading.isolation import read_isolated, read_many
from ipmd.core.reading.limits import DEFAULT_LIMITS, Limits
from ipmd.core.reading.reader import read

__all__ = [
    "DEFAULT_LIMITS",
    "READER_VERSION",
    "Document",
    "Limits",
    "Page",
    "Passage",
    "PassageKind",
    "ReadingError",
    "Run",
    "read",
    "read_isolated",
    "read_many",
]
