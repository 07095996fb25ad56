"""Pages of this room: parse, call a verb or a query, render."""
