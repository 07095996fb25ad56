"""Reads of this room, each with a known number of queries."""
