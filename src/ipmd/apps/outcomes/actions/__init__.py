"""Verbs of this room: the review desk (`desk`) and the register (`register`)."""
