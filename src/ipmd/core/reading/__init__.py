"""Reading: bytes of a PDF, DOCX, HTML, Markdown or text file to a `Document` whose text and spans never change.

>>> from ipmd.core.reading import read
>>> document = read(b"# Report\\n\\nThe meeting agreed to meet again.\\n", "report.md")
>>> [(p.kind.value, document.text[p.start:p.end]) for p in document.passages]
[('heading', 'Report'), ('paragraph', 'The meeting agreed to meet again.')]

`read` works in this process; `read_isolated` and `read_many` in others, with limits on time and memory. `to_bytes` and
`from_bytes` store a Document; `boxes` and `render_page` show a span on its page.
"""

from ipmd.core.reading.document import READER_VERSION, Document, Page, Passage, PassageKind, Run
from ipmd.core.reading.errors import ReadingError
from ipmd.core.reading.isolation import ReadingPool, read_isolated, read_many
from ipmd.core.reading.limits import DEFAULT_LIMITS, Limits
from ipmd.core.reading.pdf.rendering import render_page
from ipmd.core.reading.reader import read
from ipmd.core.reading.storage import boxes, from_bytes, to_bytes

__all__ = [
    "DEFAULT_LIMITS",
    "READER_VERSION",
    "Document",
    "Limits",
    "Page",
    "Passage",
    "PassageKind",
    "ReadingError",
    "ReadingPool",
    "Run",
    "boxes",
    "from_bytes",
    "read",
    "read_isolated",
    "read_many",
    "render_page",
    "to_bytes",
]
