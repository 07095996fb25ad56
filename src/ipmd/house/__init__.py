"""What the house stands on: configuration, the embedded database server, and the processes. No Django here."""
