"""Reads of this room, each with a known number of queries: the review desk (`desk`) and the register (`register`)."""
