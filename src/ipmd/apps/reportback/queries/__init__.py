"""Reads of this room. Pages get records only through `visible_to(user)`."""
