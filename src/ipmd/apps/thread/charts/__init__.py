"""Pictures of figures: SVG made on the server, in the colours and the writing of the page around it, dark or light."""

from .circles import circles

__all__ = ["circles"]
