"""What people fill in when a meeting is prepared."""
