"""Images for the scores that depend on some."""
