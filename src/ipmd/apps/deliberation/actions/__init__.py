"""Verbs of this room: what can happen to groups, proposals and rounds. Each is one transaction; none checks rights."""
