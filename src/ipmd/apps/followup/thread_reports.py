"""Answers and reports on the thread: to be found by trace."""
