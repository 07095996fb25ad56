"""Pictures of figures: SVG made on the server, in the colours and the writing of the page around it, dark or light; or on paper.

`bars`, `areas` and `matrix` describe a picture; `picture(spec, label)` draws it into a page, `on_paper(spec)` for a document.
"""

from .areas import areas
from .bars import bars
from .circles import circles
from .drawing import on_paper, picture
from .lines import lines
from .matrix import matrix
from .palette import PAGE, PAPER, Palette

__all__ = ["PAGE", "PAPER", "Palette", "areas", "bars", "circles", "lines", "matrix", "on_paper", "picture"]
