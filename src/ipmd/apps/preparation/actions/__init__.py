"""Verbs of this room: keyword-only, each one transaction, kept in the history with who and why. Who may call them is asked by the views."""
