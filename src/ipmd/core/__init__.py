"""The part others would import: no Django, no database, no clock, no network."""
